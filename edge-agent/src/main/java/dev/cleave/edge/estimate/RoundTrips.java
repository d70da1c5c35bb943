package dev.cleave.edge.estimate;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Round trips of small messages that found the link idle: the smallest of late, and how far the others usually lie
 * above it. Pure; not thread-safe.
 *
 * <p>Of late is the last 10 s, or the last 4 if there were fewer. The jitter is the median distance from the smallest:
 * a mean, or RFC 6298's smoothed deviation, would believe a single late answer for as long as it is remembered.
 */
final class RoundTrips {
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Fewer say little about the jitter. */
    private static final int FEW = 4;

    private static final int MOST = 32;
    /** While there are few a sixteenth of the round trip counts as one more. */
    private static final int SUPPOSED = 16;

    private record Sample(long nanos, long atNanos) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private long smallestNanos;
    private long jitterNanos;

    void add(long nanos, long nowNanos) {
        samples.add(new Sample(nanos, nowNanos));
        while (samples.size() > MOST || samples.size() > FEW && isOld(samples.peek(), nowNanos)) {
            samples.poll();
        }
        smallestNanos = samples.stream().mapToLong(Sample::nanos).min().getAsLong();
        jitterNanos = medianAbove(smallestNanos);
    }

    private static boolean isOld(Sample sample, long nowNanos) {
        return nowNanos - sample.atNanos() > WINDOW_NANOS;
    }

    private long medianAbove(long smallest) {
        int supposed = samples.size() < FEW ? 1 : 0;
        long[] above = new long[samples.size() + supposed];
        int i = 0;
        for (Sample sample : samples) {
            above[i++] = sample.nanos() - smallest;
        }
        if (supposed > 0) {
            above[i] = smallest / SUPPOSED;
        }
        Arrays.sort(above);
        return above[above.length / 2];
    }

    void forget() {
        samples.clear();
        smallestNanos = 0;
        jitterNanos = 0;
    }

    /** Whether there are few of them, or the last is older than this. */
    boolean isWanting(long nanos, long nowNanos) {
        return samples.size() < FEW || nowNanos - samples.peekLast().atNanos() >= nanos;
    }

    /** 0 if unknown. */
    long smallestNanos() {
        return smallestNanos;
    }

    /** 0 if unknown. */
    long jitterNanos() {
        return jitterNanos;
    }
}
