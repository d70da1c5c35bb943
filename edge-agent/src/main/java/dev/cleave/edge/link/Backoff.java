package dev.cleave.edge.link;

import java.util.Random;

/**
 * Capped exponential backoff with jitter: the n-th delay is {@code min(cap, first * 1.6^n)}, times a random factor in
 * 0.8 .. 1.2, so that devices which lost one gateway together do not come back together. Pure but for the generator;
 * not thread-safe.
 *
 * <p>Source: "gRPC Connection Backoff Protocol" (grpc/grpc, doc/connection-backoff.md), whose multiplier and jitter
 * these are.
 */
public final class Backoff {
    private static final double MULTIPLIER = 1.6;
    private static final double JITTER = 0.2;

    private final long firstNanos;
    private final long capNanos;
    private final Random random;
    private double nextNanos;

    public Backoff(long firstNanos, long capNanos, Random random) {
        if (firstNanos < 1 || capNanos < firstNanos) {
            throw new IllegalArgumentException(
                    "backoff from " + firstNanos + " to " + capNanos + " ns; expected 1 <= first <= cap");
        }
        this.firstNanos = firstNanos;
        this.capNanos = capNanos;
        this.random = random;
        this.nextNanos = firstNanos;
    }

    /** The delay before the next attempt; each call without {@link #reset} gives a longer one, up to the cap. */
    public long nextNanos() {
        double delay = nextNanos;
        nextNanos = Math.min(capNanos, nextNanos * MULTIPLIER);
        return jittered(delay);
    }

    /** A jittered delay of its own, for what will not mend soon; leaves the sequence alone. */
    long jittered(long nanos) {
        return jittered((double) nanos);
    }

    /** An attempt succeeded: start over. */
    public void reset() {
        nextNanos = firstNanos;
    }

    private long jittered(double nanos) {
        return (long) (nanos * (1 + JITTER * (2 * random.nextDouble() - 1)));
    }
}
