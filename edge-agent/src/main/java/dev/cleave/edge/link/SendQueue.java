package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.ClientMessage;
import dev.cleave.wire.InflightWindow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one stream has to send, in the order in which it goes. Pure; not thread-safe, guarded by the stream's lock.
 *
 * <ol>
 *   <li>Control messages go first and need neither credit nor room in the transport.
 *   <li>A frame waits until the window takes it whole. A later frame that fits may overtake one that does not, but a
 *       frame is overtaken at most {@link #MAX_OVERTAKEN} times: then the window drains for it, so a frame as large as
 *       the window is not starved by small ones.
 *   <li>Of the frames with credit the oldest and the one with the fewest bytes left send a chunk in turn. So a small one is not held up by
 *       the rest of a large one, which has half of the link whatever comes; and of frames alike the first is through first, rather
 *       than all of them at last.
 *   <li>Frames of one video, or of one state, do not overtake each other, and none begins before the one before it is whole: what the
 *       later is coded against, or continues, is then on its way, and a frame that is not begun can still give way to a newer one.
 * </ol>
 *
 * Bounded by the agent's limit of requests in flight.
 */
final class SendQueue {
    static final int MAX_OVERTAKEN = 32;

    private final InflightWindow window = new InflightWindow();
    private final Deque<ClientMessage> control = new ArrayDeque<>();
    private final Map<Long, Transfer> waiting = new LinkedHashMap<>();
    private final Deque<Transfer> sending = new ArrayDeque<>();
    private int chunkBytes;
    private boolean oldestWent;

    /** Before this there are control messages only. */
    void open(int payloadBytesOfAChunk) {
        chunkBytes = payloadBytesOfAChunk;
    }

    void control(ClientMessage message) {
        control.add(message);
    }

    void frame(OutgoingFrame frame) {
        waiting.put(frame.requestId(), new Transfer(frame, chunkBytes));
    }

    /** Bytes of frames that have no credit yet. */
    long waitingBytes() {
        long bytes = 0;
        for (Transfer transfer : waiting.values()) {
            bytes += transfer.bytes();
        }
        return bytes;
    }

    /** Bytes that were not handed over, of all frames. */
    long unsentBytes() {
        long bytes = waitingBytes();
        for (Transfer transfer : sending) {
            bytes += transfer.unsentBytes();
        }
        return bytes;
    }

    /** More credit from the gateway. */
    void credit(int frames, long bytes) {
        window.credit(frames, bytes);
    }

    /**
     * The next message to hand over, or null if there is none for now.
     *
     * @param room whether the transport takes more than control messages
     * @param link for how long a frame will take
     */
    ClientMessage next(boolean room, LinkConditions link, long nowNanos) {
        if (!control.isEmpty()) {
            return control.poll();
        }
        if (!room) {
            return null;
        }
        admit();
        Transfer transfer = nextInTurn();
        if (transfer == null) {
            return null;
        }
        ClientMessage message = ClientMessage.newBuilder()
                .setFrame(transfer.next(link, nowNanos))
                .build();
        if (transfer.isWhole()) {
            sending.remove(transfer);
        }
        return message;
    }

    /** Null if there is none. */
    private Transfer nextInTurn() {
        Transfer next = sending.peek();
        if (oldestWent) {
            for (Transfer transfer : sending) {
                next = transfer.unsentBytes() < next.unsentBytes() ? transfer : next;
            }
        }
        oldestWent = next != null && next == sending.peek();
        return next;
    }

    boolean hasMore() {
        return !control.isEmpty() || !waiting.isEmpty() || !sending.isEmpty();
    }

    /** Whether part of a frame was handed over and the rest still waits. */
    boolean isMidFrame() {
        return sending.stream().anyMatch(Transfer::isStarted);
    }

    /**
     * Takes a cancelled frame out. Credit for what was not handed over comes back at once; for the rest the gateway
     * returns it.
     *
     * @return whether a part of it went out, so that the gateway must be told
     */
    boolean remove(long requestId) {
        if (waiting.remove(requestId) != null) {
            return false;
        }
        for (Iterator<Transfer> i = sending.iterator(); i.hasNext(); ) {
            Transfer transfer = i.next();
            if (transfer.requestId() == requestId) {
                i.remove();
                window.credit(transfer.isStarted() ? 0 : 1, transfer.unsentBytes());
                return transfer.isStarted();
            }
        }
        return true;
    }

    private void admit() {
        List<Transfer> passedOver = new ArrayList<>();
        Set<Long> busy = new HashSet<>();
        sending.forEach(transfer -> busy.add(transfer.succession()));
        for (Iterator<Transfer> i = waiting.values().iterator(); i.hasNext(); ) {
            Transfer transfer = i.next();
            boolean isInTurn = busy.add(transfer.succession()) || transfer.succession() == 0;
            if (!isInTurn) {
                continue;
            }
            if (window.tryAcquire(transfer.bytes())) {
                i.remove();
                sending.add(transfer);
                passedOver.forEach(Transfer::overtake);
            } else if (transfer.overtaken() >= MAX_OVERTAKEN) {
                return;
            } else {
                passedOver.add(transfer);
            }
        }
    }
}
