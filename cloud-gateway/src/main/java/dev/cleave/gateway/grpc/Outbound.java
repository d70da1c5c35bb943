package dev.cleave.gateway.grpc;

import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a stream has to send. Owns the call's sending side: nobody else writes to it. Thread-safe.
 *
 * <p>Messages are handed to the transport only while it is ready for more, so a slow agent fills this queue and not the
 * transport's. Small control messages go first; then replies, one chunk of each in turn, so that a large reply does not
 * hold up the small ones behind it.
 *
 * <p>The queue is bounded by its producers: replies by the frames that an agent may have in flight, everything else by
 * not reading from an agent as long as {@link #hasRoom} is false.
 *
 * <p><b>Who sends.</b> A call takes messages from one thread at a time. There is no lock for that: a worker that is put aside within it, by the very thread of the transport
 * which it has woken, would block that thread at the stream's next frame. Whoever wants something sent counts it in {@link #asked}; the first one sends, and
 * looks again until nobody has asked meanwhile. Where the transport's thread is known it does all the sending, so that a worker wakes it
 * once for a reply, and what goes out together leaves in one write.
 *
 * <p>A call that takes no message, whatever is wrong with it or with the message, is ended with {@code INTERNAL}: its agent is not left to wait for the rest.
 */
final class Outbound {
    private static final Logger LOG = LoggerFactory.getLogger(Outbound.class);

    private final ServerCallStreamObserver<ServerMessage> call;
    private final int bound;
    private final Runnable onRoom;
    private final Queue<ServerMessage> control = new ConcurrentLinkedQueue<>();
    private final Queue<Transfer> transfers = new ConcurrentLinkedQueue<>();
    /** In both queues. */
    private final AtomicInteger waiting = new AtomicInteger();
    /** Since somebody began to send. */
    private final AtomicInteger asked = new AtomicInteger();

    private final AtomicReference<Status> aborted = new AtomicReference<>();
    private final Executor transport;
    private volatile boolean finishing;
    private volatile boolean discarded;
    /** Belongs to whoever sends, and so do all calls of {@link #call} but isReady. */
    private boolean ended;

    /** A reply on its way out, and what follows its last chunk. */
    private record Transfer(Iterator<ServerMessage> chunks, Supplier<ServerMessage> sent) {}

    /**
     * @param transport the thread of the call's connection; null: whoever has something to send sends it
     * @param bound messages above which there is no room
     * @param onRoom called whenever something was sent and there is room, possibly by several threads at a time
     */
    Outbound(ServerCallStreamObserver<ServerMessage> call, Executor transport, int bound, Runnable onRoom) {
        this.call = call;
        this.transport = transport == null ? Runnable::run : transport;
        this.bound = bound;
        this.onRoom = onRoom;
        call.setOnReadyHandler(this::flush);
    }

    void send(ServerMessage message) {
        add(message);
        flush();
    }

    /** Puts a message in line, where it goes with the next that is sent, or with {@link #flush}. */
    void add(ServerMessage message) {
        waiting.incrementAndGet();
        control.add(message);
    }

    /**
     * Sends a reply, chunk by chunk as the transport takes them.
     *
     * @param chunks at least one
     * @param sent called when the transport takes the last chunk; gives the message to follow it. Called by whoever sends, so it must not call back
     */
    void reply(Iterator<ServerMessage> chunks, Supplier<ServerMessage> sent) {
        waiting.incrementAndGet();
        transfers.add(new Transfer(chunks, sent));
        flush();
    }

    boolean hasRoom() {
        return waiting.get() < bound;
    }

    /** Ends the call once everything has been sent. */
    void finish() {
        finishing = true;
        flush();
    }

    /** Ends the call, once the transport has taken what it is ready for; the rest is dropped. */
    void abort(Status status) {
        aborted.compareAndSet(null, status);
        flush();
    }

    /** The agent is gone: nothing more can be sent. */
    void discard() {
        discarded = true;
        flush();
    }

    /** Hands what waits to the transport, as far as that is ready for more; perhaps after this returns. */
    void flush() {
        if (asked.getAndIncrement() > 0) {
            return;
        }
        try {
            transport.execute(this::sendUntilNobodyAsks);
        } catch (RejectedExecutionException over) { // The server has shut down; the call has ended, or ends here.
            sendUntilNobodyAsks();
        }
    }

    private void sendUntilNobodyAsks() {
        boolean sent = false;
        int answered;
        do {
            answered = asked.get();
            try {
                sent |= sendWhatWaits();
            } catch (RuntimeException | Error broken) {
                giveUp(broken);
            }
        } while (asked.addAndGet(-answered) > 0);
        if (sent && hasRoom()) {
            onRoom.run();
        }
    }

    private void giveUp(Throwable broken) {
        boolean wasEnded = ended;
        ended = true;
        drop();
        LOG.warn("a stream does not take its messages, and is ended with INTERNAL: {}", broken.toString());
        if (!wasEnded) {
            try {
                call.onError(Status.INTERNAL
                        .withDescription("gateway could not send a message of this stream; expected to be able to")
                        .asRuntimeException());
            } catch (RuntimeException | Error over) {
                LOG.debug("the stream had ended already", over);
            }
        }
    }

    /** @return whether anything was sent */
    private boolean sendWhatWaits() {
        ended |= discarded;
        boolean sent = false;
        ServerMessage next;
        while (!ended && call.isReady() && (next = next()) != null) {
            call.onNext(next);
            sent = true;
        }
        if (!ended && aborted.get() != null) {
            ended = true;
            call.onError(aborted.get().asRuntimeException());
        }
        if (!ended && finishing && waiting.get() == 0) {
            ended = true;
            call.onCompleted();
        }
        if (ended) {
            drop();
        }
        return sent;
    }

    private ServerMessage next() {
        ServerMessage message = control.poll();
        if (message != null) {
            waiting.decrementAndGet();
            return message;
        }
        Transfer transfer = transfers.poll();
        if (transfer == null) {
            return null;
        }
        ServerMessage chunk = transfer.chunks().next();
        if (transfer.chunks().hasNext()) {
            transfers.add(transfer);
        } else { // What follows it takes its place among those that wait.
            control.add(transfer.sent().get());
        }
        return chunk;
    }

    private void drop() {
        while (control.poll() != null || transfers.poll() != null) {
            waiting.decrementAndGet();
        }
    }
}
