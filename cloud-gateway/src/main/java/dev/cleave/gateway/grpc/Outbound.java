package dev.cleave.gateway.grpc;

import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * What a stream has to send. Owns the call's sending side: nobody else writes to it. Thread-safe.
 *
 * <p>Messages are handed to the transport only while it is ready for more, so a slow agent fills this queue and not the
 * transport's. Small control messages go first; then replies, one chunk of each in turn, so that a large reply does not
 * hold up the small ones behind it.
 *
 * <p>The queue is bounded by its producers: replies by the frames that an agent may have in flight, everything else by
 * not reading from an agent as long as {@link #hasRoom} is false.
 */
final class Outbound {
    private final ServerCallStreamObserver<ServerMessage> call;
    private final int bound;
    private final Runnable onRoom;
    private final Deque<ServerMessage> control = new ArrayDeque<>();
    private final Deque<Transfer> transfers = new ArrayDeque<>();
    private boolean finishing;
    private boolean ended;

    /** A reply on its way out, and what follows its last chunk. */
    private record Transfer(Iterator<ServerMessage> chunks, Supplier<ServerMessage> sent) {}

    /**
     * @param bound messages above which there is no room
     * @param onRoom called, without a lock, whenever something was sent and there is room
     */
    Outbound(ServerCallStreamObserver<ServerMessage> call, int bound, Runnable onRoom) {
        this.call = call;
        this.bound = bound;
        this.onRoom = onRoom;
        call.setOnReadyHandler(this::flush);
    }

    void send(ServerMessage message) {
        add(message);
        flush();
    }

    /** Puts a message in line, where it goes with the next that is sent, or with {@link #flush}. */
    synchronized void add(ServerMessage message) {
        if (!ended) {
            control.add(message);
        }
    }

    /**
     * Sends a reply, chunk by chunk as the transport takes them.
     *
     * @param chunks at least one
     * @param sent called when the transport takes the last chunk; gives the message to follow it. Called under this
     *     queue's lock, so it must not call back
     */
    void reply(Iterator<ServerMessage> chunks, Supplier<ServerMessage> sent) {
        synchronized (this) {
            if (ended) {
                return;
            }
            transfers.add(new Transfer(chunks, sent));
        }
        flush();
    }

    synchronized boolean hasRoom() {
        return control.size() + transfers.size() < bound;
    }

    /** Ends the call once everything has been sent. */
    void finish() {
        synchronized (this) {
            finishing = true;
        }
        flush();
    }

    /** Ends the call at once; what was not sent is dropped. */
    synchronized void abort(Status status) {
        if (!ended) {
            discard();
            call.onError(status.asRuntimeException());
        }
    }

    /** The agent is gone: nothing more can be sent. */
    synchronized void discard() {
        ended = true;
        control.clear();
        transfers.clear();
    }

    /** Hands what waits to the transport, as far as that is ready for more. */
    void flush() {
        boolean sent = false;
        synchronized (this) {
            ServerMessage next;
            while (!ended && call.isReady() && (next = next()) != null) {
                call.onNext(next);
                sent = true;
            }
            if (!ended && finishing && control.isEmpty() && transfers.isEmpty()) {
                ended = true;
                call.onCompleted();
            }
        }
        if (sent && hasRoom()) {
            onRoom.run();
        }
    }

    private ServerMessage next() {
        if (!control.isEmpty()) {
            return control.poll();
        }
        Transfer transfer = transfers.poll();
        if (transfer == null) {
            return null;
        }
        ServerMessage chunk = transfer.chunks().next();
        if (transfer.chunks().hasNext()) {
            transfers.add(transfer);
        } else {
            control.add(transfer.sent().get());
        }
        return chunk;
    }
}
