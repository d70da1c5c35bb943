package dev.cleave.gateway.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The sending side of a call, which its handler may end, or somebody else may: whoever is first does, and what the other one says is dropped.
 *
 * <pre>
 *   FREE ---the handler sends--> SENDING ---it has sent--> FREE ---somebody ends it--> ENDED
 * </pre>
 *
 * A call takes one thread at a time, and gRPC has its handler see to that. Somebody else leaves a note, which is followed where the call is free: at once, else by the handler when it has sent,
 * or by {@link #followNote} at last, since these two may just miss each other. So a message costs one atomic operation, and nobody waits.
 */
final class GuardedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private static final int FREE = 0;
    private static final int SENDING = 1;
    private static final int ENDED = 2;

    private final AtomicInteger use = new AtomicInteger(FREE);
    private final AtomicReference<Status> note = new AtomicReference<>();

    GuardedCall(ServerCall<Q, R> call) {
        super(call);
    }

    /** Whether its handler is to be told no more. */
    boolean hasEnded() {
        return use.get() == ENDED || note.get() != null;
    }

    /** Ends the call, if nobody has; perhaps after this returns. For everybody but its handler. */
    void refuse(Status why) {
        note.compareAndSet(null, why);
        followNote();
    }

    /** Ends the call if somebody has said so and it is free; to be called now and then. */
    void followNote() {
        Status why = note.get();
        if (why != null && use.compareAndSet(FREE, ENDED)) {
            super.close(why, new Metadata());
        }
    }

    /** @return false if the call has ended */
    private boolean begin(int what) {
        if (use.compareAndSet(FREE, what)) {
            return true;
        }
        if (use.get() == SENDING) {
            throw new IllegalStateException("two threads send on one call; expected one at a time");
        }
        return false;
    }

    private void done() {
        use.setRelease(FREE);
        followNote();
    }

    @Override
    public void sendHeaders(Metadata headers) {
        if (begin(SENDING)) {
            try {
                super.sendHeaders(headers);
            } finally {
                done();
            }
        }
    }

    @Override
    public void sendMessage(R message) {
        if (begin(SENDING)) {
            try {
                super.sendMessage(message);
            } finally {
                done();
            }
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        if (begin(ENDED)) {
            super.close(status, trailers);
        }
    }
}
