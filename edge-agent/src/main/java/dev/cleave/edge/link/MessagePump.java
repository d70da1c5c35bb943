package dev.cleave.edge.link;

import dev.cleave.v1.ClientMessage;
import io.grpc.stub.ClientCallStreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands messages to the transport one at a time, without a lock. Thread-safe.
 *
 * <p>The transport wants its calls one after another, yet the head worker, timers, cancelling callers and the transport
 * itself all have something to send. {@link #run} lets the first of them do it for all: the others only count up
 * {@code requests}, which makes that one look again before it leaves. Nobody waits, and a transport that answers on
 * the same thread finds no lock held.
 */
final class MessagePump {
    /** Where messages come from; each call takes one. */
    interface Source {
        /**
         * @param room whether the transport takes more than control messages without buffering
         * @return null if there is nothing to send now
         */
        Item next(boolean room);
    }

    /** Told if the transport throws; it has closed the call then. */
    interface FailureHandler {
        void failed(RuntimeException e);
    }

    /** A message and what to do just before the transport gets it, outside of every lock. */
    record Item(ClientMessage message, Runnable before) {}

    private final Source source;
    private final FailureHandler failureHandler;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile ClientCallStreamObserver<ClientMessage> outbound;
    private volatile boolean halfClose;
    private boolean halfClosed;

    MessagePump(Source source, FailureHandler failureHandler) {
        this.source = source;
        this.failureHandler = failureHandler;
    }

    void attach(ClientCallStreamObserver<ClientMessage> transport) {
        outbound = transport;
    }

    /** Sends all that may go now, on this thread or on the one that is at it. Before {@link #attach} does nothing. */
    void run() {
        if (outbound == null || requests.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            drain();
            seen = requests.addAndGet(-seen);
        } while (seen != 0);
    }

    private void drain() {
        try {
            for (Item item = next(); item != null; item = next()) {
                item.before().run();
                outbound.onNext(item.message());
            }
            if (halfClose && !halfClosed) {
                halfClosed = true;
                outbound.onCompleted();
            }
        } catch (RuntimeException e) {
            failureHandler.failed(e);
        }
    }

    private Item next() {
        return source.next(outbound.isReady());
    }

    /** Tells the transport that nothing more comes, after what the source still gives. */
    void halfClose() {
        halfClose = true;
        run();
    }

    /** Ends the call at once; may be called from any thread. */
    void abort(String why) {
        ClientCallStreamObserver<ClientMessage> transport = outbound;
        if (transport != null) {
            transport.cancel(why, null);
        }
    }
}
