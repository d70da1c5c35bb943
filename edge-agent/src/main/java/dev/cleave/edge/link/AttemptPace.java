package dev.cleave.edge.link;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * When one address may be tried, and how long an attempt may take. Pure; not thread-safe, guarded by the link's lock.
 *
 * <p>An address that failed is left alone for its back-off, which runs from the beginning of the attempt: one that hung has waited
 * enough, but for the first delay, whose jitter keeps devices apart. After a refusal by name (another bundle, no permission) it is
 * left alone for longer, as only a person can mend that. What the back-off has grown to is forgotten when a stream has lasted, not
 * when one opens: a gateway that opens streams and ends them at once would be asked without a pause.
 */
final class AttemptPace {
    /** A stream that was there for so long shows that the address is well. */
    private static final long LASTING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Backoff backoff;
    private final HandshakeLimit handshake;
    private final long firstNanos;
    private final long refusedNanos;
    private boolean underWay;
    private long begunNanos;
    private long openedNanos;
    private boolean resting;
    private long restsUntilNanos;
    private LinkFailure lastFailure;

    AttemptPace(LinkSettings settings, Random random) {
        this.backoff = new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random);
        this.handshake = new HandshakeLimit(settings.handshakeNanos());
        this.firstNanos = settings.backoffFirstNanos();
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
        openedNanos = begunNanos + tookNanos;
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
        if (!underWay) {
            forgetBackoffIfLasting(nowNanos);
        }
        long spent = underWay ? nowNanos - begunNanos : 0;
        underWay = false;
        lastFailure = why;
        boolean byName = why.kind() == LinkFailure.Kind.REFUSED;
        long delay = byName ? backoff.jittered(refusedNanos) : backoff.nextNanos() - spent;
        long least = Math.max(backoff.jittered(firstNanos), Math.min(retryAfterNanos, refusedNanos));
        rest(Math.max(delay, least), nowNanos);
    }

    /** The stream that is open asks for another; one that has hardly begun to serve owes a back-off. */
    void left(long nowNanos) {
        if (!forgetBackoffIfLasting(nowNanos)) {
            rest(backoff.nextNanos(), nowNanos);
        }
    }

    private boolean forgetBackoffIfLasting(long nowNanos) {
        boolean lasted = nowNanos - openedNanos >= LASTING_NANOS;
        if (lasted) {
            backoff.reset();
        }
        return lasted;
    }

    private void rest(long nanos, long nowNanos) {
        resting = true;
        restsUntilNanos = nowNanos + nanos;
    }

    /** The device is on another network: of this one nothing is known. */
    void networkChanged() {
        underWay = false;
        resting = false;
        lastFailure = null;
        backoff.reset();
        handshake.networkChanged();
    }
}
