package dev.cleave.gateway.grpc;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import dev.cleave.wire.Chunks;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Makes the messages that a stream sends. */
final class Replies {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private Replies() {}

    /** The reply to a request that was admitted. */
    static Iterator<ServerMessage> of(
            long requestId,
            InferenceTask task,
            Outcome outcome,
            long receiveNanos,
            long residenceNanos,
            int chunkBytes) {
        Reply.Builder header = Reply.newBuilder()
                .setRequestId(requestId)
                .setTiming(timing(task, outcome.timing(), receiveNanos, residenceNanos));
        if (outcome.isAnswer()) {
            header.setStateAfter(task.stateAfter());
        } else {
            header.setError(error(outcome.refusal()));
        }
        return chunks(header.build(), outcome.isAnswer() ? outcome.payload() : NOTHING, chunkBytes);
    }

    /** The reply to a request that never became a task. */
    static Iterator<ServerMessage> refused(long requestId, Refusal refusal) {
        return chunks(
                Reply.newBuilder()
                        .setRequestId(requestId)
                        .setError(error(refusal))
                        .build(),
                NOTHING,
                Chunks.DEFAULT_CHUNK_BYTES);
    }

    static Error error(Refusal refusal) {
        return Error.newBuilder()
                .setCode(refusal.code())
                .setMessage(refusal.message() == null ? "" : refusal.message())
                .setRetryAfterMicros(micros(refusal.retryAfterNanos()))
                .build();
    }

    static ServerMessage credit(int frames, long bytes) {
        return ServerMessage.newBuilder()
                .setCredit(Credit.newBuilder().setFrames(frames).setBytes(bytes))
                .build();
    }

    private static Iterator<ServerMessage> chunks(Reply header, ByteBuffer payload, int chunkBytes) {
        return Chunks.split(header, payload, chunkBytes).stream()
                .map(chunk -> ServerMessage.newBuilder().setReply(chunk).build())
                .iterator();
    }

    private static GatewayTiming timing(InferenceTask task, Timing timing, long receiveNanos, long residenceNanos) {
        return GatewayTiming.newBuilder()
                .setResidenceMicros(micros(residenceNanos))
                .setReceiveMicros(micros(receiveNanos))
                .setQueueMicros(micros(timing.queueNanos()))
                .setDecodeMicros(micros(timing.decodeNanos()))
                .setTailMicros(micros(timing.tailNanos()))
                .setEncodeMicros(micros(timing.encodeNanos()))
                .setBatchRows(timing.batchRows())
                .setBatchRequests(timing.batchRequests())
                .setQueueDepth(task.queueDepth())
                .setCloseReason(timing.closeReason())
                .build();
    }

    private static long micros(long nanos) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
    }
}
