package dev.cleave.gateway.grpc;

import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.video.FrameLine;
import dev.cleave.v1.Error;
import dev.cleave.wire.ReferenceSender;
import java.util.function.LongSupplier;

/**
 * Ends requests of a stream before their time, wherever they are by then: waiting for their turn, on their way into the model's line, in it, or running. Each has its one reply,
 * after its acknowledgement. Thread-safe.
 */
final class EarlyEnds {
    private final ServedModel model;
    private final FrameLine line;
    private final StreamReplies replies;
    private final LongSupplier clock;

    EarlyEnds(ServedModel model, FrameLine line, StreamReplies replies, LongSupplier clock) {
        this.model = model;
        this.line = line;
        this.replies = replies;
        this.clock = clock;
    }

    /** Answers a request, or has it answered by whoever has it in hand. */
    void end(StreamRequest request, Error.Code code, String message) {
        boolean acknowledged = request.end(new Refusal(code, message));
        if (!acknowledged) {
            if (request.turn() == null || !line.remove(request.turn())) {
                return; // Somebody has it in hand, and sees the end then.
            }
            replies.acknowledge(request, ReferenceSender.NONE);
            request.acknowledged();
        }
        complete(request, request.end());
    }

    /** Ends all that are open: nobody waits for their replies any more. */
    void endAll(String why) {
        replies.open().forEach(request -> end(request, Error.Code.CANCELLED, why));
    }

    /** Completes an acknowledged request: takes it out of line, or else has its result dropped. */
    void complete(StreamRequest request, Refusal why) {
        model.queue().remove(request.entry().task());
        refuse(request, why);
    }

    /** Completes one that is not in line. */
    void refuse(StreamRequest request, Refusal why) {
        long waited = clock.getAsLong() - request.receivedNanos();
        request.entry().task().complete(Outcome.refused(why, Timing.queued(waited)));
    }
}
