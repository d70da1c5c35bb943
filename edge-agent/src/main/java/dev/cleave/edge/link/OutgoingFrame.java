package dev.cleave.edge.link;

import dev.cleave.v1.StatePlace;
import java.nio.ByteBuffer;

/**
 * An encoded boundary on its way to the gateway. Frames of one video, or of one state, go one after another, each whole before the next.
 *
 * @param requestId unique within the agent, never 0
 * @param quality index of the point's quality level
 * @param priority at the gateway; 0 is normal, higher is served first
 * @param deadlineNanos on the scheduler's clock
 * @param state what it continues at the gateway; the default instance: nothing
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
        StatePlace state,
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
        this(requestId, splitPoint, rows, quality, 0, deadlineNanos, place, StatePlace.getDefaultInstance(), payload);
    }

    /** Of the frames with the same number none overtakes another; 0: it may overtake any. */
    long succession() {
        return state.getStreamId() != 0 ? state.getStreamId() : place.video();
    }

    long bytes() {
        return payload.remaining();
    }
}
