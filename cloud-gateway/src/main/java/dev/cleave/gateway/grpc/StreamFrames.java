package dev.cleave.gateway.grpc;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.admission.Entry;
import dev.cleave.gateway.admission.FrameHeader;
import dev.cleave.gateway.admission.FrameIntake;
import dev.cleave.gateway.admission.FrameIntake.Step;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.state.StreamStates;
import dev.cleave.gateway.video.FrameLine;
import dev.cleave.gateway.video.VideoFrames;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReferenceSender;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a stream that is open, on their way in: put together, admitted, read where they are of videos, acknowledged and put in line, in the order in which
 * they came whole.
 *
 * <pre>
 *   chunks -> FrameIntake -> Admission.enter -> [ FrameLine -> VideoFrames ] -> Ack -> StreamStates -> Admission.queue
 * </pre>
 *
 * What is in brackets, and all behind it, comes on another thread if there is something to read, or if one that came before waits. Threads: chunks, cancellations and
 * {@link #forget} come one at a time, by the connection's thread; turns come one at a time; a timer sweeps, and may end requests.
 */
final class StreamFrames {
    private static final Logger LOG = LoggerFactory.getLogger(StreamFrames.class);

    /** Turns that wait, beyond which nothing is read from the agent: more than credit lets it have in flight. */
    private static final int MOST_WAITING = 256;

    private final ServedModel model;
    private final Entropy entropy;
    private final Device device;
    private final Admission admission;
    private final LongSupplier clock;
    private final Outbound outbound;
    private final Runnable onRoom;
    private final FrameIntake intake;
    private final StreamReplies replies;
    private final FrameLine line;
    private final EarlyEnds ends;
    private final VideoFrames videos;
    private final StreamStates states;

    /**
     * @param model that the stream was opened for
     * @param entropy that was agreed on
     * @param settled told whenever every request so far has its reply in line
     * @param onRoom told whenever one fewer waits
     */
    StreamFrames(
            ServedModel model,
            Entropy entropy,
            Device device,
            StreamParts parts,
            Outbound outbound,
            Runnable settled,
            Runnable onRoom) {
        this.model = model;
        this.entropy = entropy;
        this.device = device;
        this.admission = parts.admission();
        this.clock = parts.clock();
        this.outbound = outbound;
        this.onRoom = onRoom;
        this.intake = parts.intake();
        this.replies = new StreamReplies(
                outbound, intake, model.metrics(), parts.limits().chunkBytes(), clock, settled);
        this.line = new FrameLine(parts.readers());
        this.ends = new EarlyEnds(model, line, replies, clock);
        this.videos = new VideoFrames(parts.references());
        this.states = new StreamStates(parts.states());
    }

    /** Part of a frame has come. */
    void chunk(Frame chunk) {
        model.metrics().received(chunk.getPayload().size());
        StreamRequest sameId = replies.find(chunk.getRequestId());
        if (sameId != null) {
            duplicate(sameId, chunk);
            return;
        }
        Step step = intake.offer(chunk, clock.getAsLong());
        if (step instanceof Step.Whole whole) {
            whole(whole);
        } else if (step instanceof Step.Rejected rejected) {
            rejected(rejected);
        } else if (step instanceof Step.Ignored ignored) {
            replies.giveBack(0, ignored.bytes());
            outbound.flush();
        }
    }

    /**
     * Two frames with one id leave no way to tell their replies apart: the first gets the error, the second nothing.
     */
    private void duplicate(StreamRequest first, Frame chunk) {
        boolean begins = chunk.getChunkIndex() == 0;
        replies.giveBack(begins ? 1 : 0, intake.ignore(chunk, clock.getAsLong()).bytes());
        ends.end(
                first,
                Error.Code.PROTOCOL_VIOLATION,
                "request id " + Long.toUnsignedString(first.id)
                        + " was used again before its reply; expected ids to be unique in the stream");
        outbound.flush();
    }

    private void rejected(Step.Rejected rejected) {
        dev.cleave.wire.Refusal why = rejected.refusal();
        replies.giveBack(0, why.releasedBytes());
        replies.refuse(why.requestId(), null, new Refusal(why.code(), why.message()), rejected.charged());
    }

    private void whole(Step.Whole whole) {
        Frame header = whole.header();
        ByteBuffer payload = whole.payload();
        long now = clock.getAsLong();
        StreamRequest request = new StreamRequest(header, payload.remaining(), now - whole.firstChunkNanos(), now);
        FrameHeader claims = new FrameHeader(
                header.getSplitPoint(),
                header.getRows(),
                header.getQuality(),
                entropy,
                header.getRemainingMicros(),
                header.getPriority());
        Entry entry = admission.enter(
                model, claims, payload, device, now, (task, outcome) -> replies.reply(request, task, outcome));
        if (entry.refusal() != null) {
            replies.acknowledge(request, ReferenceSender.NONE);
            Integer point = model.codec(claims.point()) == null ? null : claims.point();
            replies.refuse(request.id, point, entry.refusal(), true);
            return;
        }
        request.entered(entry);
        replies.owe(request);
        if (line.isIdle() && !videos.takesAWhile(codec(request), header, payload)) {
            goOn(request, received(request));
        } else {
            request.waits(() -> turn(request));
            line.add(request.turn());
        }
    }

    /** What came before a frame is through: it is read, unless that would be in vain. */
    private void turn(StreamRequest request) {
        Refusal late = request.end() == null ? admission.recheck(request.entry()) : request.end();
        VideoFrames.Received frame;
        try {
            frame = late == null ? received(request) : refused(late);
        } catch (RuntimeException | java.lang.Error e) {
            // A defect, or a frame that this machine cannot hold: its request is answered, and the line goes on.
            LOG.error("a frame of a video could not be read", e);
            frame = refused(new Refusal(Error.Code.EXECUTION_FAILED, "frame could not be read: " + e));
        }
        request.read(clock.getAsLong());
        goOn(request, frame);
        onRoom.run();
    }

    private static VideoFrames.Received refused(Refusal why) {
        return new VideoFrames.Received(null, ReferenceSender.NONE, why);
    }

    /** Reads a frame of a video; others are as they are. */
    private VideoFrames.Received received(StreamRequest request) {
        InferenceTask task = request.entry().task();
        if (request.header.getStreamId() == 0) {
            return new VideoFrames.Received(task.payload(), ReferenceSender.NONE, null);
        }
        VideoFrames.Received frame = videos.receive(codec(request), request.header, task.payload(), clock.getAsLong());
        StreamMetrics.video(model.metrics(), request.header, frame);
        if (frame.refusal() != null && frame.refusal().code() != Error.Code.MALFORMED_FRAME) {
            request.entry().uncharge();
        }
        return frame;
    }

    /**
     * Acknowledges a frame and puts it in line. The acknowledgement says whether the frame is held and how long that took, so it comes after the reading; it is in line before the request is, so that no
     * reply overtakes it, and sent after that, so that the transport's thread does not run ahead of the request.
     */
    private void goOn(StreamRequest request, VideoFrames.Received frame) {
        replies.acknowledge(request, frame.held());
        Refusal refusal = request.end() == null ? frame.refusal() : request.end();
        if (refusal == null) {
            refusal = putInLine(request, frame.payload());
        }
        Refusal noted = request.acknowledged();
        if (refusal != null) {
            ends.refuse(request, refusal);
        } else if (noted != null) {
            ends.complete(request, noted);
        }
        outbound.flush();
    }

    /** @return why it is not, or null */
    private Refusal putInLine(StreamRequest request, ByteBuffer payload) {
        Entry entry = request.entry();
        if (request.turn() != null) {
            Refusal noRoom = admission.read(entry, payload, request.receivedNanos());
            if (noRoom != null) {
                return noRoom;
            }
        }
        StreamStates.Received placed = states.receive(codec(request), request.header, request.receivedNanos());
        StreamMetrics.state(model.metrics(), placed);
        if (placed.refusal() != null) {
            entry.uncharge();
            return placed.refusal();
        }
        entry.task().continuing(placed.state());
        return admission.queue(entry);
    }

    private PointCodec codec(StreamRequest request) {
        return model.codec(request.header.getSplitPoint());
    }

    /** The agent gives up a request. */
    void cancel(long requestId) {
        Step.Rejected incomplete = intake.cancel(requestId, clock.getAsLong());
        if (incomplete != null) {
            rejected(incomplete);
            return;
        }
        StreamRequest request = replies.find(requestId);
        if (request != null) { // Else its reply and the cancellation have crossed.
            ends.end(request, Error.Code.CANCELLED, "cancelled by the agent");
        }
    }

    /** Nobody waits for the replies any more. */
    void abandon(String why) {
        ends.endAll(why);
    }

    /** Nothing more comes of a stream of frames, once those of it that wait are through. */
    void forget(long streamId) {
        if (line.isIdle()) {
            letGo(streamId);
        } else {
            line.add(() -> {
                letGo(streamId);
                onRoom.run();
            });
        }
    }

    private void letGo(long streamId) {
        videos.forget(streamId);
        states.forget(streamId);
    }

    /** Gives up what the agent did not finish sending in time, and what is kept for nobody. */
    void sweep(long nowNanos) {
        intake.expire(nowNanos).forEach(this::rejected);
        videos.sweep(nowNanos);
        states.sweep(nowNanos);
    }

    /** Whether more may come from the agent. */
    boolean hasRoom() {
        return line.size() < MOST_WAITING;
    }

    /** Whether every request so far has its reply in line. */
    boolean isSettled() {
        return replies.isSettled();
    }

    /** Payload of frames that are not whole. */
    long incomingBytes() {
        return intake.bufferedBytes();
    }

    /** The stream is over: nothing is held for it any more. */
    void over() {
        videos.end();
        states.end();
    }
}
