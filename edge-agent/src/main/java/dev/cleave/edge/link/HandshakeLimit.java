package dev.cleave.edge.link;

import java.util.concurrent.TimeUnit;

/**
 * How long an attempt to open a stream may take. Pure; not thread-safe, guarded by the link's lock.
 *
 * <p>An attempt that was begun while the link was gone may hang long after it is back, so it must not be waited for long; and a link
 * may be slow. Before an attempt has succeeded the limit doubles with each one that ran into it. From then on it is known what one
 * takes, and four times that is enough, however long the link is gone. But the device may be on a slower network and not know it, so
 * each {@value #LONG_EVERY}th attempt in a row that has none gets all the time there is: one a minute.
 *
 * <p>Where there are other addresses, they are tried too after a third more than it took the last time: the "connection attempt
 * delay" of Happy Eyeballs (RFC 8305, section 5), longer, since a stream takes several round trips to open.
 */
final class HandshakeLimit {
    /** Of the first attempts, in which classes are loaded and much is done that is never done again. */
    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
    static final long LEAST_HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    static final int LONG_EVERY = 40;
    private static final int TIMES = 4;

    private final long mostNanos;
    private long limitNanos = FIRST_NANOS;
    private long headStartNanos = LEAST_HEAD_START_NANOS;
    private boolean known;
    /** In a row. */
    private int timeOuts;

    HandshakeLimit(long mostNanos) {
        this.mostNanos = mostNanos;
    }

    long nanos() {
        boolean isLong = known && timeOuts % LONG_EVERY == LONG_EVERY - 1;
        return isLong ? mostNanos : Math.min(limitNanos, mostNanos);
    }

    /** After that another address may be tried beside this one. */
    long headStartNanos() {
        return Math.min(headStartNanos, mostNanos);
    }

    void succeeded(long tookNanos) {
        known = true;
        timeOuts = 0;
        limitNanos = Math.max(LEAST_NANOS, TIMES * tookNanos);
        headStartNanos = Math.max(LEAST_HEAD_START_NANOS, tookNanos + tookNanos / 3);
    }

    void timedOut() {
        timeOuts++;
        limitNanos = known ? limitNanos : Math.min(mostNanos, 2 * limitNanos);
    }

    /** The device is on another network: all is as before the first attempt. */
    void networkChanged() {
        known = false;
        timeOuts = 0;
        limitNanos = FIRST_NANOS;
        headStartNanos = LEAST_HEAD_START_NANOS;
    }
}
