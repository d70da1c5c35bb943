package dev.cleave.partition.calibrate;

import dev.cleave.partition.sample.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which sample inputs are for what, by index: some to learn from, some to choose by, some to report on, so that what is reported
 * was seen by neither of the others. Immutable.
 *
 * <p>Of four inputs in a row one is learned from, two choose and one reports, and the next four begin one place later: a folder
 * that is sorted by class is spread over all three, and so are inputs that take turns. Fewer than {@link #FEWEST_APART} inputs
 * are too few for three shares; they all choose and report, and every second one is learned from, too.
 *
 * @param learn ranges and context tables
 * @param choose bytes and agreement of every candidate
 * @param report bytes and agreement that the bundle states
 * @param apart whether no input is in two of them
 */
public record Shares(List<Integer> learn, List<Integer> choose, List<Integer> report, boolean apart) {
    static final int FEWEST_APART = 12;
    private static final int CYCLE = 4;
    private static final int LEARNING = 1;
    private static final int REPORTING = 3;

    public Shares {
        learn = List.copyOf(learn);
        choose = List.copyOf(choose);
        report = List.copyOf(report);
    }

    /** @param inputs at least 1 */
    static Shares of(int inputs) {
        List<Integer> all = IntStream.range(0, inputs).boxed().toList();
        if (inputs < FEWEST_APART) {
            return new Shares(all.stream().filter(i -> i % 2 == 0).toList(), all, all, false);
        }
        List<Integer> learn = new ArrayList<>();
        List<Integer> choose = new ArrayList<>();
        List<Integer> report = new ArrayList<>();
        for (int i : all) {
            switch ((i + i / CYCLE) % CYCLE) {
                case LEARNING -> learn.add(i);
                case REPORTING -> report.add(i);
                default -> choose.add(i);
            }
        }
        return new Shares(learn, choose, report, true);
    }

    /** All inputs but those to report on: for whoever decides something that is reported on later. */
    public static Samples unreported(Samples samples) {
        return samples.only(of(samples.size()).seen());
    }

    /** Those to report on: for whoever measures what was decided on the others. Where there are too few for that it is all of them. */
    public static Samples reported(Samples samples) {
        return samples.only(of(samples.size()).report());
    }

    /** Those to learn from and those to choose by, rising. */
    List<Integer> seen() {
        return Stream.concat(learn.stream(), choose.stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** The inputs that bytes are weighed on: those that choose and were not learned from, if there are any. */
    List<Integer> weighed() {
        List<Integer> unseen = choose.stream().filter(i -> !learn.contains(i)).toList();
        return unseen.isEmpty() ? choose : unseen;
    }
}
