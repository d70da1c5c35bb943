package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.Frame;
import dev.cleave.wire.Chunks;
import java.util.List;

/** One frame being sent chunk by chunk. Not thread-safe; owned by its {@link SendQueue}. */
final class Transfer {
    private final OutgoingFrame frame;
    private final int chunkBytes;
    private List<Frame> chunks;
    private int handedOver;
    private int overtaken;

    Transfer(OutgoingFrame frame, int chunkBytes) {
        this.frame = frame;
        this.chunkBytes = chunkBytes;
    }

    long requestId() {
        return frame.requestId();
    }

    long bytes() {
        return frame.bytes();
    }

    /** As {@link OutgoingFrame#succession}. */
    long succession() {
        return frame.succession();
    }

    /** Times that a later frame went first because this one did not fit the window. */
    int overtaken() {
        return overtaken;
    }

    void overtake() {
        overtaken++;
    }

    boolean isStarted() {
        return handedOver > 0;
    }

    boolean isWhole() {
        return chunks != null && handedOver == chunks.size();
    }

    long unsentBytes() {
        return Math.max(0, bytes() - (long) handedOver * chunkBytes);
    }

    /** The next chunk; the first carries the header, and the deadline that is left as of now. */
    Frame next(LinkConditions link, long nowNanos) {
        if (chunks == null) {
            VideoPlace place = frame.place();
            Frame.Builder header = Frame.newBuilder()
                    .setRequestId(frame.requestId())
                    .setSplitPoint(frame.splitPoint())
                    .setRows(frame.rows())
                    .setQuality(frame.quality())
                    .setPriority(frame.priority())
                    .setRemainingMicros(RemainingTime.micros(link, bytes(), nowNanos, frame.deadlineNanos()))
                    .setStreamId(place.video())
                    .setStreamSequence(place.number())
                    .setReferenceId(place.reference())
                    .setHold(place.hold());
            if (frame.state().getStreamId() != 0) {
                header.setState(frame.state());
            }
            chunks = Chunks.split(header.build(), frame.payload(), chunkBytes);
        }
        return chunks.get(handedOver++);
    }
}
