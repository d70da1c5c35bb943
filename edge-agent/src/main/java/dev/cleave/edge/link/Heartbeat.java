package dev.cleave.edge.link;

/**
 * Whether the other side of a stream is still there, by pings at intervals. Pure; not thread-safe, guarded by the
 * stream's lock.
 *
 * <p>A ping queues behind whatever the transport has buffered, so a late answer alone proves nothing. The stream is
 * dead when an answer is missing <em>and</em> for two intervals nothing was received and the transport's buffer, once
 * full, did not drain.
 */
final class Heartbeat {
    private static final int SILENT_INTERVALS = 2;

    private final long intervalNanos;
    private long progressNanos;
    private long nonce;
    private long sentNanos;
    private boolean waiting;

    Heartbeat(long intervalNanos, long nowNanos) {
        this.intervalNanos = intervalNanos;
        this.progressNanos = nowNanos;
    }

    /** Something was received, or the transport has room again. */
    void progress(long nowNanos) {
        progressNanos = nowNanos;
    }

    /** Whether the last ping was not answered yet. */
    boolean isWaiting() {
        return waiting;
    }

    /** A new ping, as of now. */
    void ping(long pingNonce, long nowNanos) {
        waiting = true;
        sentNanos = nowNanos;
        nonce = pingNonce;
    }

    /** An answer, perhaps to another ping. */
    void pong(long answered) {
        waiting &= answered != nonce;
    }

    boolean isSilent(long nowNanos) {
        long since = Math.max(progressNanos - nowNanos, sentNanos - nowNanos);
        return waiting && -since >= SILENT_INTERVALS * intervalNanos;
    }
}
