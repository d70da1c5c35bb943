package dev.cleave.partition.profile;

import java.util.List;

/**
 * What a {@link Profiler} measures.
 *
 * @param limits of each measurement
 * @param spotChecks at most how many cuts are run
 * @param batchRows sizes of batches to be run, rising; empty for none
 */
public record ProfileSettings(TimingLimits limits, int spotChecks, List<Integer> batchRows) {
    private static final int SPOT_CHECKS = 12;

    public ProfileSettings {
        batchRows = batchRows.stream().distinct().sorted().toList();
        if (spotChecks < 0 || batchRows.stream().anyMatch(rows -> rows < 1)) {
            throw new IllegalArgumentException(
                    spotChecks + " spot checks, batches of " + batchRows + " rows; expected none, or positive numbers");
        }
    }

    /** 12 spot checks, no batches. */
    public static ProfileSettings defaults() {
        return new ProfileSettings(TimingLimits.defaults(), SPOT_CHECKS, List.of());
    }

    public ProfileSettings withLimits(TimingLimits value) {
        return new ProfileSettings(value, spotChecks, batchRows);
    }

    public ProfileSettings withSpotChecks(int most) {
        return new ProfileSettings(limits, most, batchRows);
    }

    public ProfileSettings withBatchRows(List<Integer> value) {
        return new ProfileSettings(limits, spotChecks, value);
    }
}
