package dev.cleave.edge.link;

import java.nio.ByteBuffer;

/**
 * An encoded boundary on its way to the gateway. Frames of one video go one after another, each whole before the next.
 *
 * @param requestId unique within the agent, never 0
 * @param quality index of the point's quality level
 * @param deadlineNanos on the scheduler's clock
 * @param payload position to limit; the link's from now on, not to be changed
 */
public record OutgoingFrame(
        long requestId,
        int splitPoint,
        int rows,
        int quality,
        long deadlineNanos,
        VideoPlace place,
        ByteBuffer payload) {
    long bytes() {
        return payload.remaining();
    }
}
