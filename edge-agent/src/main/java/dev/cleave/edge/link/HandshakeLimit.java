package dev.cleave.edge.link;

import java.util.concurrent.TimeUnit;

/**
 * How long an attempt to open a stream may take. Pure; not thread-safe, guarded by the link's lock.
 *
 * <p>An attempt that was begun while the link was gone may hang long after it is back, so it must not be waited for long; and a link
 * may be slow. Once an attempt has succeeded it is known what one takes, and four times that is enough. Before that the limit
 * doubles with each attempt that ran into it.
 *
 * <p>Where there are other addresses, they are tried too after a third more than it took the last time: the "connection attempt
 * delay" of Happy Eyeballs (RFC 8305, section 5), longer, since a stream takes several round trips to open.
 */
final class HandshakeLimit {
    /** Of the first attempts, in which classes are loaded and much is done that is never done again. */
    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
    static final long LEAST_HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int TIMES = 4;

    private final long mostNanos;
    private long limitNanos = FIRST_NANOS;
    private long headStartNanos = LEAST_HEAD_START_NANOS;

    HandshakeLimit(long mostNanos) {
        this.mostNanos = mostNanos;
    }

    long nanos() {
        return Math.min(limitNanos, mostNanos);
    }

    /** After that another address may be tried beside this one. */
    long headStartNanos() {
        return Math.min(headStartNanos, mostNanos);
    }

    void succeeded(long tookNanos) {
        limitNanos = Math.max(LEAST_NANOS, TIMES * tookNanos);
        headStartNanos = Math.max(LEAST_HEAD_START_NANOS, tookNanos + tookNanos / 3);
    }

    void timedOut() {
        limitNanos = Math.min(mostNanos, 2 * limitNanos);
    }
}
