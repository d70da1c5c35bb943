package dev.cleave.edge.head;

import dev.cleave.edge.policy.LocalStart;
import java.util.Arrays;

/**
 * How long each segment takes on this device: an exponentially weighted moving average per row,
 * {@code t' = t + (sample - t) / 8}. Thread-safe; one writer, the head worker.
 *
 * <p>The first run of a segment allocates and is often several times slower, so the second sample replaces it.
 */
final class SegmentTimes {
    private static final double WEIGHT = 0.125;

    private final double[] nanosPerRow;
    private final int[] samples;

    SegmentTimes(int segments) {
        nanosPerRow = new double[segments];
        samples = new int[segments];
    }

    synchronized void record(int segment, int rows, long nanos) {
        double sample = (double) nanos / Math.max(1, rows);
        boolean replace = samples[segment] < 2;
        nanosPerRow[segment] += (replace ? 1 : WEIGHT) * (sample - nanosPerRow[segment]);
        samples[segment] = Math.min(samples[segment] + 1, 2);
    }

    /** Expected time of segments {@code from .. to-1}, or {@link LocalStart#UNKNOWN} if one of them never ran. */
    synchronized long estimateNanos(int from, int to, int rows) {
        double sum = 0;
        for (int segment = from; segment < to; segment++) {
            if (samples[segment] == 0) {
                return LocalStart.UNKNOWN;
            }
            sum += nanosPerRow[segment];
        }
        return (long) (sum * Math.max(1, rows));
    }

    /** The longest of all that ran, one row of it; 0 if none did. */
    synchronized long longestNanos() {
        double longest = 0;
        for (double nanos : nanosPerRow) {
            longest = Math.max(longest, nanos);
        }
        return (long) longest;
    }

    @Override
    public synchronized String toString() {
        return "SegmentTimes" + Arrays.toString(nanosPerRow);
    }
}
