package dev.cleave.partition.profile;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Tells when runs have become as fast as they get: when the medians of two windows, one right after the other, are a few
 * percent apart, or when enough runs or enough time was spent on waiting for that. Pure; one thread.
 */
final class WarmUp {
    private static final int WINDOW = 3;
    private static final double TOLERANCE = 0.05;
    private static final int LEAST_RUNS = 2;
    private static final int MOST_RUNS = 30;
    private static final long MOST_NANOS = 500_000_000;

    private final Deque<Long> last = new ArrayDeque<>();
    private int runs;
    private long spentNanos;

    /** Takes note of a run; true if the next one counts. */
    boolean offer(long nanos) {
        runs++;
        spentNanos += nanos;
        last.addLast(nanos);
        if (last.size() > 2 * WINDOW) {
            last.removeFirst();
        }
        return runs >= LEAST_RUNS && (runs >= MOST_RUNS || spentNanos >= MOST_NANOS || isSteady());
    }

    private boolean isSteady() {
        if (last.size() < 2 * WINDOW) {
            return false;
        }
        long[] window = last.stream().mapToLong(Long::longValue).toArray();
        double before = median(Arrays.copyOfRange(window, 0, WINDOW));
        double after = median(Arrays.copyOfRange(window, WINDOW, 2 * WINDOW));
        return Math.abs(after - before) <= TOLERANCE * Math.max(before, after);
    }

    private static double median(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
