package dev.cleave.edge.head;

import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.edge.policy.LocalStart;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How long each segment takes on this device: what it usually takes, times how much slower than usual the device is now.
 * Time is an argument. Thread-safe; one writer, the head worker.
 *
 * <p>The slowness is one for all segments, so that a device that is hot, or busy with something else, is known to be slow
 * at those segments, too, that do not run at the point in force. It is the ratio of two exponentially weighted moving
 * averages, of what segments took and of what they usually take, {@code a' = a + w (sample - a)}, so that long segments
 * say more than short ones. The segments of one run share a weight of 1/8: what slows down a moment slows down several of them. A device that rests cools: of what it is slower than usual, half is forgotten in {@link
 * #COOLING_NANOS}. What was never tried again would otherwise stay slow for ever. One that is faster than usual was not
 * usual before.
 *
 * <p>The first run of a segment allocates and is often several times slower, so the second sample replaces it. A single
 * sample counts as at most twice what is expected.
 */
final class SegmentTimes {
    static final long COOLING_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final double WEIGHT = 0.125;
    private static final double USUAL_WEIGHT = 1.0 / 32;
    private static final double ALWAYS_BELIEVED_NANOS = 100_000;
    private static final int ENOUGH_SAMPLES = 2;

    /** Per row; the last one is preparing the inputs, which comes before the first segment. */
    private final double[] usualNanos;

    private final int[] samples;
    private double expectedNanos;
    private double takenNanos;
    private long coolSinceNanos;
    /** Of the widest run lately; fades to one. */
    private double mostRows = 1;

    SegmentTimes(int segments) {
        usualNanos = new double[segments + 1];
        samples = new int[segments + 1];
    }

    private int segments() {
        return usualNanos.length - 1;
    }

    /**
     * A segment has run.
     *
     * @param ofRun segments of the run that it was part of
     */
    void record(int segment, int ofRun, int rows, long nanos, long nowNanos) {
        add(segment, ofRun, rows, nanos, nowNanos);
    }

    /** Inputs were prepared for the first segment. */
    void recordPreparation(int rows, long nanos, long nowNanos) {
        add(segments(), 1, rows, nanos, nowNanos);
    }

    private synchronized void add(int of, int ofRun, int rows, long nanos, long nowNanos) {
        double weight = 1 - Math.pow(1 - WEIGHT, 1.0 / ofRun) * cool(nowNanos);
        mostRows = Math.max(mostRows, rows);
        double sample = (double) nanos / Math.max(1, rows);
        if (samples[of] < ENOUGH_SAMPLES) {
            samples[of]++;
            usualNanos[of] = sample / slowness();
            return;
        }
        double believed = Math.min(sample, 2 * slowness() * usualNanos[of] + ALWAYS_BELIEVED_NANOS);
        usualNanos[of] += USUAL_WEIGHT * (believed / slowness() - usualNanos[of]);
        if (expectedNanos == 0) {
            expectedNanos = usualNanos[of];
            takenNanos = usualNanos[of];
        }
        expectedNanos += weight * (usualNanos[of] - expectedNanos);
        takenNanos += weight * (believed - takenNanos);
        if (takenNanos < expectedNanos) {
            for (int i = 0; i < usualNanos.length; i++) {
                usualNanos[i] *= slowness();
            }
            expectedNanos = takenNanos;
        }
    }

    /**
     * The segments are other ones from now on, that take so long; what inputs take to prepare stays.
     *
     * @param nanosPerRow of segments 0 to some; of those behind nothing is known
     */
    synchronized void restart(long[] nanosPerRow) {
        usualNanos[segments()] *= slowness();
        expectedNanos = 0;
        takenNanos = 0;
        for (int segment = 0; segment < segments(); segment++) {
            boolean known = segment < nanosPerRow.length;
            usualNanos[segment] = known ? nanosPerRow[segment] : 0;
            samples[segment] = known ? ENOUGH_SAMPLES : 0;
        }
    }

    private double slowness() {
        return expectedNanos > 0 ? takenNanos / expectedNanos : 1;
    }

    /** Forgets slowness and wide runs; returns the part that is left. */
    private double cool(long nowNanos) {
        double left = Math.pow(0.5, (double) Math.max(0, nowNanos - coolSinceNanos) / COOLING_NANOS);
        takenNanos = expectedNanos + left * (takenNanos - expectedNanos);
        mostRows = 1 + left * (mostRows - 1);
        coolSinceNanos = nowNanos;
        return left;
    }

    /** Expected time of segments {@code from .. to-1}, or {@link LocalStart#UNKNOWN} if one of them never ran. */
    synchronized long estimateNanos(int from, int to, int rows) {
        double preparation = from == 0 && to > 0 ? usualNanos[segments()] : 0;
        return estimateNanos(from, to, rows, preparation, 1);
    }

    /** The same without preparing the inputs, and unknown as long as one of them ran once at most: the first run allocates. */
    synchronized long measuredNanos(int from, int to, int rows) {
        return estimateNanos(from, to, rows, 0, ENOUGH_SAMPLES);
    }

    private long estimateNanos(int from, int to, int rows, double preparation, int enough) {
        double sum = preparation;
        for (int segment = from; segment < to; segment++) {
            if (samples[segment] < enough) {
                return LocalStart.UNKNOWN;
            }
            sum += usualNanos[segment];
        }
        return (long) (sum * slowness() * Math.max(1, rows));
    }

    /** What is known now; segments that ran once at most are not. */
    synchronized DeviceTimes at(long nowNanos) {
        cool(nowNanos);
        double[] nanos = new double[segments()];
        for (int segment = 0; segment < nanos.length; segment++) {
            double usual = usualNanos[segment] + (segment == 0 ? usualNanos[segments()] : 0);
            nanos[segment] = samples[segment] < ENOUGH_SAMPLES ? Double.NaN : usual * slowness();
        }
        return new DeviceTimes(nanos);
    }

    /** The longest of all that ran, with as many rows as the widest run lately; 0 if none did. */
    synchronized long longestNanos(long nowNanos) {
        cool(nowNanos);
        double longest = 0;
        for (int segment = 0; segment < segments(); segment++) {
            longest = Math.max(longest, usualNanos[segment]);
        }
        return (long) (longest * slowness() * mostRows);
    }

    @Override
    public synchronized String toString() {
        return "SegmentTimes" + Arrays.toString(usualNanos) + " x " + slowness();
    }
}
