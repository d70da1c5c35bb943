package dev.cleave.partition.profile;

import dev.cleave.partition.cut.Cut;
import java.util.List;

/**
 * How long some cuts of one model took, and the uncut model among them.
 *
 * @param whole the uncut model, in the same rounds as the cuts
 * @param deviceWhole the uncut model as the device runs it, in the same rounds
 * @param cuts in the order in which they were asked for
 */
public record CutTimes(Timings whole, Timings deviceWhole, List<CutTime> cuts) {
    public CutTimes {
        cuts = List.copyOf(cuts);
    }

    /** Both sides run the same. */
    public CutTimes(Timings whole, List<CutTime> cuts) {
        this(whole, whole, cuts);
    }

    /** Median of the uncut model. */
    public double wholeMillis() {
        return whole.median();
    }

    /** Median of the uncut model on the device. */
    public double deviceWholeMillis() {
        return deviceWhole.median();
    }

    /** @throws IllegalArgumentException if the cut is not among those that were timed */
    public CutTime of(Cut cut) {
        return cuts.stream()
                .filter(time -> time.cut().equals(cut))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("cut at " + cut.shortPoint() + " was not timed"));
    }

    /** Of some of the cuts, in their order; the whole as it is. */
    public CutTimes of(List<Cut> some) {
        return new CutTimes(whole, deviceWhole, some.stream().map(this::of).toList());
    }
}
