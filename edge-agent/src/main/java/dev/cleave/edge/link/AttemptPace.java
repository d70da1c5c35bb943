package dev.cleave.edge.link;

import java.util.Random;

/**
 * When one address may be tried, and how long an attempt may take. Pure; not thread-safe, guarded by the link's lock.
 *
 * <p>An address that failed is left alone for its back-off; after a refusal by name (another bundle, no permission) for longer,
 * as only a person can mend that.
 */
final class AttemptPace {
    private final Backoff backoff;
    private final HandshakeLimit handshake;
    private final long refusedNanos;
    private boolean underWay;
    private long begunNanos;
    private boolean resting;
    private long restsUntilNanos;
    private LinkFailure lastFailure;

    AttemptPace(LinkSettings settings, Random random) {
        this.backoff = new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random);
        this.handshake = new HandshakeLimit(settings.handshakeNanos());
        this.refusedNanos = settings.refusedNanos();
    }

    boolean isUnderWay() {
        return underWay;
    }

    boolean isDue(long nowNanos) {
        return !underWay && nanosUntilDue(nowNanos) == 0;
    }

    /** What is left of the back-off. */
    long nanosUntilDue(long nowNanos) {
        return resting ? Math.max(0, restsUntilNanos - nowNanos) : 0;
    }

    /** How much longer the attempt under way has the field to itself. */
    long nanosUntilOvertaken(long nowNanos) {
        return Math.max(0, begunNanos + handshake.headStartNanos() - nowNanos);
    }

    /** Until when the attempt has failed without {@code Opened}, from its beginning. */
    long handshakeNanos() {
        return handshake.nanos();
    }

    /** Null if the last attempt succeeded, or there was none. */
    LinkFailure lastFailure() {
        return lastFailure;
    }

    void begun(long nowNanos) {
        underWay = true;
        begunNanos = nowNanos;
        resting = false;
    }

    /** @param tookNanos from {@link #begun} */
    void opened(long tookNanos) {
        underWay = false;
        lastFailure = null;
        backoff.reset();
        handshake.succeeded(tookNanos);
    }

    /** The attempt is of no interest any more. */
    void abandoned() {
        underWay = false;
    }

    /**
     * The attempt failed, or the stream that came of it ended.
     *
     * @param retryAfterNanos the gateway's wish, heeded up to the delay after a refusal
     */
    void failed(LinkFailure why, long retryAfterNanos, long nowNanos) {
        if (underWay && why.kind() == LinkFailure.Kind.SILENT) {
            handshake.timedOut();
        }
        underWay = false;
        lastFailure = why;
        boolean byName = why.kind() == LinkFailure.Kind.REFUSED;
        long delay = byName ? backoff.jittered(refusedNanos) : backoff.nextNanos();
        resting = true;
        restsUntilNanos = nowNanos + Math.max(delay, Math.min(retryAfterNanos, refusedNanos));
    }

    /** The next attempt need not wait. */
    void forgive() {
        backoff.reset();
        resting = false;
    }
}
