package dev.cleave.gateway.grpc;

import dev.cleave.gateway.admission.FrameIntake;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.RequestMetrics;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.v1.Ack;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a stream owes its agent: of each request an acknowledgement and one reply, and the credit that comes back. Owns the requests that have no reply yet. Thread-safe:
 * replies come on whichever thread completes a task.
 */
final class StreamReplies {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReplies.class);
    private static final Status NO_REPLY =
            Status.INTERNAL.withDescription("gateway could not make a reply of this stream; expected to be able to");

    private final Outbound outbound;
    private final FrameIntake intake;
    private final ModelMetrics metrics;
    private final int chunkBytes;
    private final LongSupplier clock;
    private final Runnable settled;
    /** Received whole and not answered, by their ids. */
    private final Map<Long, StreamRequest> requests = new ConcurrentHashMap<>();
    /** Requests whose reply is not in line: more than {@link #requests} by those whose reply is being made. */
    private final AtomicInteger owed = new AtomicInteger();

    /**
     * @param chunkBytes of a reply's parts
     * @param settled told whenever nothing is owed any more
     */
    StreamReplies(
            Outbound outbound,
            FrameIntake intake,
            ModelMetrics metrics,
            int chunkBytes,
            LongSupplier clock,
            Runnable settled) {
        this.outbound = outbound;
        this.intake = intake;
        this.metrics = metrics;
        this.chunkBytes = chunkBytes;
        this.clock = clock;
        this.settled = settled;
    }

    /** The request that has an id in use, or null. */
    StreamRequest find(long id) {
        return requests.get(id);
    }

    /** Requests without a reply; others may come and go meanwhile. */
    Collection<StreamRequest> open() {
        return requests.values();
    }

    /** Whether every reply is in line. */
    boolean isSettled() {
        return owed.get() == 0;
    }

    /** A request was admitted: it has its reply by {@link #reply}. */
    void owe(StreamRequest request) {
        owed.incrementAndGet();
        requests.put(request.id, request);
    }

    /**
     * Says that a frame has come and left the buffer; goes out with the next that does.
     *
     * @param held number of the frame, if it is held as one of a video, else 0
     */
    void acknowledge(StreamRequest request, long held) {
        outbound.add(ServerMessage.newBuilder()
                .setAck(Ack.newBuilder()
                        .setRequestId(request.id)
                        .setHeldReference(held)
                        .setReadingMicros(TimeUnit.NANOSECONDS.toMicros(request.receivedNanos() - request.wholeNanos)))
                .build());
        giveBack(0, request.bytes);
    }

    /** Gives credit back; goes out with the next that does. */
    void giveBack(int frames, long bytes) {
        if (frames > 0 || bytes > 0) {
            outbound.add(Replies.credit(frames, bytes));
        }
    }

    /** The one reply of a task; on any thread. Its id is free before the agent can have it. If it cannot be made the stream ends, so that nobody waits for it. */
    void reply(StreamRequest request, InferenceTask task, Outcome outcome) {
        try {
            make(request, task, outcome);
        } catch (RuntimeException | Error e) {
            outbound.abort(NO_REPLY);
            LOG.error("a reply could not be made, and its stream is ended", e);
        }
    }

    private void make(StreamRequest request, InferenceTask task, Outcome outcome) {
        long residence = clock.getAsLong() - request.receivedNanos();
        RequestMetrics.record(metrics, task, outcome, request.arrivalNanos(), residence);
        requests.remove(request.id);
        outbound.reply(
                Replies.of(request.id, task, outcome, request.receiveNanos, residence, chunkBytes), this::replySent);
        if (owed.decrementAndGet() == 0) {
            settled.run();
        }
    }

    /**
     * The reply to a request that was not admitted.
     *
     * @param point null if it is not one that is served
     * @param charged whether it had taken credit for a frame
     */
    void refuse(long requestId, Integer point, Refusal refusal, boolean charged) {
        RequestMetrics.refused(metrics, point, refusal);
        outbound.reply(Replies.refused(requestId, refusal), charged ? this::replySent : () -> Replies.credit(1, 0));
    }

    /** Called by whoever sends. */
    private ServerMessage replySent() {
        intake.replySent();
        return Replies.credit(1, 0);
    }
}
