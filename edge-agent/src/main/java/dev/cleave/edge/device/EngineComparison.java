package dev.cleave.edge.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Which of several engines is the fastest at one head: they run it in turn, so that a device that becomes slower becomes so for all of
 * them. Pure; not thread-safe.
 *
 * <p>The first two runs of each engine, which allocate, do not count; nine do, or three if all runs together have taken ten seconds by then. The
 * smallest median wins if it is smaller than that of the first engine by more than the spread of either, the distance between the quartiles.
 * Else there is no difference that counts, and the first engine stays: it is the one that defines the answers.
 */
public final class EngineComparison {
    static final int UNCOUNTED = 2;
    static final int RUNS = 9;
    static final int FEWEST_RUNS = 3;
    static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final double NANOS_PER_MILLI = 1e6;

    private final List<String> engines;
    private final List<List<long[]>> runs = new ArrayList<>();
    private final boolean[] refused;
    private long nanos;

    /** @param engines their names; the first wins where nothing speaks for another */
    public EngineComparison(List<String> engines) {
        if (engines.isEmpty()) {
            throw new IllegalArgumentException("no engines to compare; expected at least one");
        }
        this.engines = new ArrayList<>(engines);
        this.refused = new boolean[engines.size()];
        for (int i = 0; i < engines.size(); i++) {
            runs.add(new ArrayList<>());
        }
    }

    /** Index of the engine whose turn it is: of those that ran least the first; -1 if the comparison is over. */
    public int next() {
        int next = -1;
        for (int engine = 0; engine < engines.size(); engine++) {
            if (!refused[engine]
                    && (next < 0 || runs.get(engine).size() < runs.get(next).size())) {
                next = engine;
            }
        }
        if (next < 0) {
            return -1;
        }
        int counted = runs.get(next).size() - UNCOUNTED;
        return counted >= RUNS || counted >= FEWEST_RUNS && nanos >= ENOUGH_NANOS ? -1 : next;
    }

    /** An engine ran the head. */
    public void ran(int engine, long[] segmentNanos) {
        runs.get(engine).add(segmentNanos.clone());
        nanos += sum(segmentNanos);
    }

    /** An engine failed, and is out of it. */
    public void failed(int engine) {
        refused[engine] = true;
    }

    /** Whether an engine has run often enough for {@link #times}. */
    public boolean isTimed(int engine) {
        return !refused[engine] && runs.get(engine).size() > UNCOUNTED;
    }

    /**
     * How long an engine took.
     *
     * @throws IllegalArgumentException if it is not {@link #isTimed}
     */
    public HeadTiming times(int engine) {
        if (!isTimed(engine)) {
            throw new IllegalArgumentException(engines.get(engine) + " was not timed; expected an engine that was");
        }
        return HeadTiming.of(
                runs.get(engine).subList(UNCOUNTED, runs.get(engine).size()));
    }

    /** Index of the winner, to be asked when it is over; -1 if all failed. */
    public int winner() {
        int best = -1;
        int first = -1;
        for (int engine = 0; engine < engines.size(); engine++) {
            if (isTimed(engine)) {
                first = first < 0 ? engine : first;
                best = best < 0 || times(engine).medianNanos() < times(best).medianNanos() ? engine : best;
            }
        }
        return best < 0 || isClear(first, best) ? best : first;
    }

    private boolean isClear(int first, int best) {
        double lead = times(first).medianNanos() - times(best).medianNanos();
        return lead > Math.max(times(first).spreadNanos(), times(best).spreadNanos());
    }

    /** Why the winner is it, in one line. */
    public String why() {
        int winner = winner();
        if (winner < 0) {
            return "no engine ran the head";
        }
        StringBuilder why = new StringBuilder(engines.get(winner) + " takes " + millis(winner));
        boolean isTie = false;
        for (int engine = 0; engine < engines.size(); engine++) {
            if (engine != winner && isTimed(engine)) {
                why.append(", ").append(engines.get(engine)).append(' ').append(millis(engine));
                isTie |= times(engine).medianNanos() < times(winner).medianNanos();
            }
        }
        return isTie ? why + ", which is no clear difference" : why.toString();
    }

    private String millis(int engine) {
        HeadTiming times = times(engine);
        return String.format(
                Locale.ROOT,
                "%.3f ms (spread %.3f)",
                times.medianNanos() / NANOS_PER_MILLI,
                times.spreadNanos() / NANOS_PER_MILLI);
    }

    private static long sum(long[] values) {
        return Arrays.stream(values).sum();
    }
}
