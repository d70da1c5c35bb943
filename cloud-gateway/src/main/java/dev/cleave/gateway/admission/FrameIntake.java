package dev.cleave.gateway.admission;

import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.Arrival;
import dev.cleave.wire.Reassembly;
import dev.cleave.wire.ReassemblyLimits;
import dev.cleave.wire.Refusal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What comes in on one stream: puts frames together and holds the agent to its credit. Thread-safe; time is an argument.
 *
 * <pre>
 *   frames   taken by a request's first chunk, given back when its reply is sent
 *   bytes    taken by every chunk, given back when it leaves the buffer
 * </pre>
 *
 * An agent that keeps to its credit is never refused for it, as the gateway knows of everything it gave back before the
 * agent does. Bytes need no count of their own: the reassembly buffer is the count, and its bound admits one frame that
 * is larger than the window.
 */
public final class FrameIntake {
    private final int grantedFrames;
    private final Reassembly<Frame> reassembly;
    private final Set<Long> open = new HashSet<>();
    private int inFlight;

    /** @param grantedFrames what the agent may have in flight */
    public FrameIntake(int grantedFrames, ReassemblyLimits limits) {
        this.grantedFrames = grantedFrames;
        this.reassembly = Reassembly.ofFrames(limits);
    }

    /** What a chunk led to. */
    public sealed interface Step {
        /** More chunks are to come. */
        record Waiting() implements Step {}

        /** The frame is whole; its payload has left the buffer. */
        record Whole(Frame header, ByteBuffer payload, long firstChunkNanos) implements Step {}

        /**
         * The request is over and gets this as its reply.
         *
         * @param charged whether it had taken credit for a frame: {@link #replySent} is then due after the reply
         */
        record Rejected(Refusal refusal, boolean charged) implements Step {}

        /** The chunk was dropped without a word; its bytes are the agent's again. */
        record Ignored(int bytes) implements Step {}
    }

    public synchronized Step offer(Frame chunk, long nowNanos) {
        long id = chunk.getRequestId();
        boolean known = open.contains(id);
        Arrival<Frame> arrival = reassembly.offer(chunk, nowNanos);
        if (arrival instanceof Arrival.Dropped<Frame> dropped) {
            return new Step.Ignored(dropped.bytes());
        }
        boolean charged = known || take();
        open.remove(id);
        if (arrival instanceof Arrival.Refused<Frame> refused) {
            return new Step.Rejected(refused.refusal(), charged);
        }
        if (!charged) {
            reassembly.discard(id, nowNanos);
            return new Step.Rejected(beyondCredit(chunk), false);
        }
        if (arrival instanceof Arrival.Whole<Frame> whole) {
            return new Step.Whole(whole.header(), whole.payload(), whole.firstChunkNanos());
        }
        open.add(id);
        return new Step.Waiting();
    }

    /** Drops a chunk whose id a frame that is whole has in use, and all chunks that follow it. */
    public synchronized Step.Ignored ignore(Frame chunk, long nowNanos) {
        if (reassembly.offer(chunk, nowNanos) instanceof Arrival.Pending<Frame>) {
            reassembly.discard(chunk.getRequestId(), nowNanos);
        }
        return new Step.Ignored(chunk.getPayload().size());
    }

    /**
     * Drops a frame that is not whole yet.
     *
     * @return null if there is none of that id, else the reply to send
     */
    public synchronized Step.Rejected cancel(long requestId, long nowNanos) {
        if (!open.remove(requestId)) {
            return null;
        }
        long bytes = reassembly.discard(requestId, nowNanos);
        return new Step.Rejected(
                new Refusal(requestId, Error.Code.CANCELLED, "cancelled before it was whole", bytes), true);
    }

    /** Gives up frames whose chunks did not all come in time. */
    public synchronized List<Step.Rejected> expire(long nowNanos) {
        List<Step.Rejected> expired = new ArrayList<>();
        for (Refusal refusal : reassembly.expire(nowNanos)) {
            open.remove(refusal.requestId());
            expired.add(new Step.Rejected(refusal, true));
        }
        return expired;
    }

    /** The reply of a request that had taken credit is sent. */
    public synchronized void replySent() {
        if (inFlight == 0) {
            throw new IllegalStateException("credit for a frame was given back that was not taken");
        }
        inFlight--;
    }

    /** Frames for which credit is taken: 0 to what was granted. */
    public synchronized int inFlight() {
        return inFlight;
    }

    /** Payload of frames that are not whole. */
    public synchronized long bufferedBytes() {
        return reassembly.bufferedBytes();
    }

    private boolean take() {
        if (inFlight >= grantedFrames) {
            return false;
        }
        inFlight++;
        return true;
    }

    private Refusal beyondCredit(Frame chunk) {
        return new Refusal(
                chunk.getRequestId(),
                Error.Code.LIMIT_EXCEEDED,
                "frame " + Long.toUnsignedString(chunk.getRequestId()) + " is one more than the " + grantedFrames
                        + " in flight that credit was given for",
                chunk.getPayload().size());
    }
}
