package dev.cleave.edge.update;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * When the gateway is asked for versions again, from when it was asked last: at an interval, give or take a tenth, so that a fleet does
 * not ask at once; earlier while there is no link, or where there is reason to. Times are monotonic, in nanoseconds. Not thread-safe.
 */
final class AskTimes {
    /** Not sooner than this, whatever happens. */
    static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** A gateway that serves a newer version alone refuses this one. */
    static final long UNLINKED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final long everyNanos;
    private final Random random;
    private long askedNanos;

    /** @param everyNanos the interval */
    AskTimes(long everyNanos, Random random) {
        this.everyNanos = everyNanos;
        this.random = random;
    }

    void asked(long nowNanos) {
        askedNanos = nowNanos;
    }

    /** If nothing happens. */
    long next(boolean linked) {
        double jitter = 0.9 + 0.2 * random.nextDouble();
        long every = (long) (everyNanos * jitter);
        return askedNanos + (linked ? every : Math.min(every, UNLINKED_NANOS));
    }

    /** As soon as may be: what the gateway has is not as it said. */
    long soon() {
        return askedNanos + Math.min(everyNanos, SOON_NANOS);
    }

    /** After the link came up, or went. */
    long afterLink(boolean up) {
        return up ? soon() : askedNanos + Math.min(everyNanos, UNLINKED_NANOS);
    }
}
