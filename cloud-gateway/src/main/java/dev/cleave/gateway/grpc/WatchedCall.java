package dev.cleave.gateway.grpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * One call as {@link CallWatch} sees it: what has come of the message under way and since when, and since when its caller takes
 * nothing. Thread-safe: the transport tells of bytes, handlers send, a timer looks.
 */
final class WatchedCall extends ServerStreamTracer {
    /** What keeping one piece of a message costs besides its bytes: however small the pieces are, they are counted as memory. */
    private static final int PIECE_BYTES = 256;

    private final CallWatch watch;
    private final long startedNanos;
    private Context.CancellableContext context;
    private Sending<?, ?> sending;
    /** Whether the request is one message, and so may be waited for from the start. */
    private boolean single;

    private boolean requestEnded;
    /** Whether that one message has come; it is counted until its handler has it. */
    private boolean whole;

    private long wholeSinceNanos;
    /** Of the message under way. */
    private boolean partial;

    private long partialSinceNanos;
    private long partialBytes;
    /** What it is counted for while it is kept. */
    private long partialCost;
    /** Whether it came when there was no room for it. */
    private boolean tooMuch;

    private boolean stuck;
    private long stuckSinceNanos;
    /** Why the message that was parsed last is none; set and read by the thread that handles the call's messages. */
    private Status unreadable;

    private boolean over;

    WatchedCall(CallWatch watch, long nowNanos) {
        this.watch = watch;
        this.startedNanos = nowNanos;
    }

    @Override
    public synchronized Context filterContext(Context parent) {
        context = parent.withCancellation();
        return context.withValue(CallWatch.CALL, this);
    }

    /** Begins the call for its handler, who sends through this from now on. */
    <Q, R> ServerCall.Listener<Q> start(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Sending<Q, R> guarded = new Sending<>(call);
        boolean isTooMuch;
        synchronized (this) {
            single = call.getMethodDescriptor().getType().clientSendsOneMessage();
            sending = guarded;
            isTooMuch = tooMuch;
        }
        Receiving<Q> receiving = new Receiving<>(next.startCall(guarded, headers), guarded);
        if (isTooMuch) {
            guarded.refuse(tooMuch());
        }
        return receiving;
    }

    /** The message that is being parsed is none. */
    void unreadable(Status why) {
        unreadable = why;
    }

    @Override
    public synchronized void inboundMessage(int number) {
        partial = true;
        partialSinceNanos = watch.nanoTime();
    }

    @Override
    public void inboundWireSize(long bytes) {
        Sending<?, ?> call = null;
        synchronized (this) {
            if (!over) {
                long cost = bytes + PIECE_BYTES;
                partialBytes += bytes;
                partialCost += cost;
                tooMuch |= !watch.came(cost);
                call = tooMuch ? sending : null;
            }
        }
        if (call != null) {
            call.refuse(tooMuch());
        }
    }

    private Status tooMuch() {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "gateway holds " + watch.incomingBytes() + " bytes of messages that are not whole; expected at most "
                        + watch.limits().incomingBytes());
    }

    @Override
    public synchronized void inboundMessageRead(int number, long wireBytes, long bytes) {
        partial = false;
        if (single) { // gRPC keeps it until the caller says that it was all.
            whole = true;
            wholeSinceNanos = watch.nanoTime();
        } else {
            letGo();
        }
    }

    /** Handlers give out what takes a caller long only while it is ready, so the one before was taken. */
    @Override
    public synchronized void outboundMessage(int number) {
        stuck = false;
    }

    @Override
    public void streamClosed(Status status) {
        Context.CancellableContext ended;
        synchronized (this) {
            over = true;
            letGo();
            ended = context;
        }
        watch.over(this);
        if (ended != null) {
            ended.cancel(null);
        }
    }

    private void letGo() {
        watch.left(partialCost);
        partialCost = 0;
        partialBytes = 0;
    }

    /** Ends the call if it has waited for too long. */
    void sweep(long nowNanos) {
        Sending<?, ?> call;
        boolean late;
        synchronized (this) {
            call = sending;
            long sinceNanos = whole ? wholeSinceNanos : single ? startedNanos : partialSinceNanos;
            boolean isAwaited = single ? !requestEnded : partial;
            late = isAwaited && watch.limits().arrival().isOver(nowNanos - sinceNanos, whole ? 0 : partialBytes);
        }
        if (call == null) {
            return; // It waits for a thread, not for its caller.
        }
        if (late) {
            call.refuse(Status.DEADLINE_EXCEEDED.withDescription(
                    "message is not whole; expected " + watch.limits().arrival().describe()));
        }
        if (isStuck(call, nowNanos)) {
            // Only what is called a deadline has gRPC reset a stream whose data the caller does not take.
            context.cancel(Status.DEADLINE_EXCEEDED
                    .withDescription("caller took nothing for " + watch.limits().taking())
                    .asRuntimeException());
        }
    }

    private synchronized boolean isStuck(Sending<?, ?> call, long nowNanos) {
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

    private synchronized void requestEnded() {
        requestEnded = true;
    }

    private synchronized void taken() {
        letGo();
    }

    /** The sending side, which a handler and a timer may end: whoever is first does, and the other's words are dropped. */
    private static final class Sending<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private boolean ended;

        Sending(ServerCall<Q, R> call) {
            super(call);
        }

        synchronized boolean hasEnded() {
            return ended;
        }

        synchronized void refuse(Status why) {
            if (!ended) {
                ended = true;
                super.close(why, new Metadata());
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!ended) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(R message) {
            if (!ended) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!ended) {
                ended = true;
                super.close(status, trailers);
            }
        }
    }

    /** The receiving side: no handler sees a message that is none, or anything that comes after the end. */
    private final class Receiving<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Sending<Q, ?> call;

        Receiving(ServerCall.Listener<Q> handler, Sending<Q, ?> call) {
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
            requestEnded();
            try {
                if (!call.hasEnded()) {
                    super.onHalfClose();
                }
            } finally {
                taken();
            }
        }
    }
}
