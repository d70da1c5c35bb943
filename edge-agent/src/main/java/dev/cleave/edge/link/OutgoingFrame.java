package dev.cleave.edge.link;

import java.nio.ByteBuffer;

/**
 * An encoded boundary on its way to the gateway. Frames of one video go one after another, each whole before the next.
 *
 * @param requestId unique within the agent, never 0
 * @param quality index of the point's quality level
 * @param priority at the gateway; 0 is normal, higher is served first
 * @param deadlineNanos on the scheduler's clock
 * @param payload position to limit; the link's from now on, not to be changed
 */
public record OutgoingFrame(
        long requestId,
        int splitPoint,
        int rows,
        int quality,
        int priority,
        long deadlineNanos,
        VideoPlace place,
        ByteBuffer payload) {
    /** Of normal priority. */
    public OutgoingFrame(
            long requestId,
            int splitPoint,
            int rows,
            int quality,
            long deadlineNanos,
            VideoPlace place,
            ByteBuffer payload) {
        this(requestId, splitPoint, rows, quality, 0, deadlineNanos, place, payload);
    }

    long bytes() {
        return payload.remaining();
    }
}
