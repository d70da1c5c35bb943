package dev.cleave.edge.link;

/**
 * Pings of one stream: what a round trip takes, and whether the other side is still there. Pure; not thread-safe,
 * guarded by the stream's lock.
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

    /** A new ping, as of now; returns its nonce. */
    long ping(long nowNanos) {
        waiting = true;
        sentNanos = nowNanos;
        return ++nonce;
    }

    /** Returns the round trip, or -1 for an answer to no current ping. */
    long pong(long answered, long nowNanos) {
        if (!waiting || answered != nonce) {
            return -1;
        }
        waiting = false;
        return nowNanos - sentNanos;
    }

    boolean isSilent(long nowNanos) {
        long since = Math.max(progressNanos - nowNanos, sentNanos - nowNanos);
        return waiting && -since >= SILENT_INTERVALS * intervalNanos;
    }
}
