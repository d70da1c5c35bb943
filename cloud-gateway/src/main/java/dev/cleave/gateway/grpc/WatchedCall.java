package dev.cleave.gateway.grpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * One call as {@link CallWatch} sees it: its request ({@link AwaitedRequest}), what that takes ({@link IncomingBytes}), its sending side ({@link GuardedCall}), and since when its caller takes nothing. Thread-safe, without locks: the transport tells of
 * bytes on one thread, a handler sends, a timer looks.
 */
final class WatchedCall extends ServerStreamTracer {
    /** What keeping one piece of a message costs besides its bytes: however small the pieces are, they are counted as memory. */
    private static final int PIECE_BYTES = 256;

    private final CallWatch watch;
    private final boolean hasManyMessages;
    private final IncomingBytes.OfCall incoming;
    private final AtomicReference<AwaitedRequest> request;
    private volatile Context.CancellableContext context;
    /** Null until a thread has begun the call. */
    private volatile GuardedCall<?, ?> sending;
    /** Whether something came when there was no room for it. */
    private volatile boolean tooMuch;

    private volatile boolean stuck;
    /** The timer's. */
    private long stuckSinceNanos;
    /** Why the message that was parsed last is none; set and read by the thread that handles the call's messages. */
    private Status unreadable;

    private volatile boolean over;

    /** @param hasManyMessages whether its request is a stream of messages */
    WatchedCall(CallWatch watch, boolean hasManyMessages, long nowNanos) {
        this.watch = watch;
        this.hasManyMessages = hasManyMessages;
        this.incoming = watch.incoming().ofCall();
        this.request =
                new AtomicReference<>(hasManyMessages ? AwaitedRequest.ofMany() : AwaitedRequest.ofOne(nowNanos));
    }

    /** A stream of messages is told of by the transport's thread alone, the end of another request by its handler's. */
    private void told(UnaryOperator<AwaitedRequest> event) {
        if (hasManyMessages) {
            request.setRelease(event.apply(request.getPlain()));
        } else {
            request.updateAndGet(event);
        }
    }

    @Override
    public Context filterContext(Context parent) {
        Context.CancellableContext mine = parent.withCancellation();
        context = mine;
        return mine.withValue(CallWatch.CALL, this);
    }

    /** Begins the call for its handler, who sends through this from now on. */
    <Q, R> ServerCall.Listener<Q> start(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        GuardedCall<Q, R> guarded = new GuardedCall<>(call);
        sending = guarded;
        Receiving<Q> receiving = new Receiving<>(next.startCall(guarded, headers), guarded);
        if (tooMuch) {
            guarded.refuse(whyTooMuch());
        }
        return receiving;
    }

    /** The message that is being parsed is none. */
    void unreadable(Status why) {
        unreadable = why;
    }

    @Override
    public void inboundMessage(int number) {
        long now = watch.nanoTime();
        told(request -> request.begins(now));
    }

    @Override
    public void inboundWireSize(long bytes) {
        if (over) {
            return;
        }
        told(request -> request.came(bytes));
        if (!incoming.came(bytes + PIECE_BYTES)) {
            tooMuch = true;
        }
        GuardedCall<?, ?> call = tooMuch ? sending : null;
        if (call != null) {
            call.refuse(whyTooMuch());
        }
    }

    private Status whyTooMuch() {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "gateway holds " + watch.incomingBytes() + " bytes of messages that are not whole; expected at most "
                        + watch.limits().incomingBytes());
    }

    @Override
    public void inboundMessageRead(int number, long wireBytes, long bytes) {
        if (hasManyMessages) {
            told(request -> request.whole(0)); // Nobody waits from then on.
            incoming.left();
        } else {
            long now = watch.nanoTime();
            told(request -> request.whole(now));
            incoming.stays(); // gRPC keeps it until the caller says that it was all.
        }
    }

    /** Handlers give out what takes a caller long only while it is ready, so the one before was taken. */
    @Override
    public void outboundMessage(int number) {
        if (stuck) {
            stuck = false;
        }
    }

    @Override
    public void streamClosed(Status status) {
        over = true;
        incoming.end();
        watch.over(this);
        Context.CancellableContext ended = context;
        if (ended != null) {
            ended.cancel(null);
        }
    }

    /** Ends the call if it has waited for too long. */
    void sweep(long nowNanos) {
        GuardedCall<?, ?> call = sending;
        if (call == null) {
            return; // It waits for a thread, not for its caller.
        }
        if (request.getAcquire().isOverdue(watch.limits().arrival(), nowNanos)) {
            call.refuse(Status.DEADLINE_EXCEEDED.withDescription(
                    "message is not whole; expected " + watch.limits().arrival().describe()));
        }
        call.followNote();
        if (isStuck(call, nowNanos)) {
            // Only what is called a deadline has gRPC reset a stream whose data the caller does not take.
            context.cancel(Status.DEADLINE_EXCEEDED
                    .withDescription("caller took nothing for " + watch.limits().taking())
                    .asRuntimeException());
        }
    }

    private boolean isStuck(GuardedCall<?, ?> call, long nowNanos) {
        if (call.isReady()) {
            stuck = false;
            return false;
        }
        if (!stuck) {
            stuck = true;
            stuckSinceNanos = nowNanos;
        }
        return nowNanos - stuckSinceNanos > watch.limits().taking().toNanos();
    }

    /** The receiving side: no handler sees a message that is none, or anything that comes after the end. */
    private final class Receiving<Q> extends SimpleForwardingServerCallListener<Q> {
        private final GuardedCall<Q, ?> call;

        Receiving(ServerCall.Listener<Q> handler, GuardedCall<Q, ?> call) {
            super(handler);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (message == null) {
                call.refuse(unreadable);
            } else if (!call.hasEnded()) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!hasManyMessages) {
                told(AwaitedRequest::ended);
            }
            try {
                if (!call.hasEnded()) {
                    super.onHalfClose();
                }
            } finally {
                if (!hasManyMessages) {
                    incoming.left();
                }
            }
        }
    }
}
