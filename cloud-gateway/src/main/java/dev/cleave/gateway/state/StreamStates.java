package dev.cleave.gateway.state;

import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.TaskState;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.StateReceiver.Receipt;
import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * The states of one agent's connection, one for each of its streams. Owns what is kept of them, until {@link #end}. Thread-safe.
 *
 * <p>A state begins with zeros and is as large as the contract says, so its memory is taken when the first frame comes: a stream that has
 * begun goes on, until the agent says that it is over. Bounded are the number of states, their memory, and the share of one connection
 * ({@link MemoryShares}). Where there is no room, one of which nothing has come for a while makes some, and its stream is told by name when
 * it comes back; if there is none, it is the new stream that is refused.
 */
public final class StreamStates {
    /** States of one connection. */
    static final int MOST_STATES = 64;
    /** After so long a state may be let go of to make room. */
    static final long QUIET_NANOS = 10_000_000_000L;

    private final MemoryShares memory;
    /** By stream, least recently used first. */
    private final LinkedHashMap<Long, KeptState> states = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;
    private boolean ended;

    /** Shares {@code memory} with the other connections. */
    public StreamStates(MemoryShares memory) {
        this.memory = memory;
    }

    /**
     * What a frame continues, or why it is refused.
     *
     * @param state null if the frame is refused
     * @param refusal null if the frame goes on
     */
    public record Received(TaskState state, Refusal refusal) {}

    /**
     * Takes a frame that is read; in the order of the connection.
     *
     * @param codec of its point
     * @param header whose point and rows are known to be served
     */
    public synchronized Received receive(PointCodec codec, Frame header, long nowNanos) {
        if (codec.state().isEmpty()) {
            return new Received(TaskState.NONE, null);
        }
        StatePlace place = header.getState();
        if (place.getStreamId() == 0 || place.getEpoch() == 0 || place.getFrame() == 0) {
            return refused(
                    Error.Code.PROTOCOL_VIOLATION,
                    "frame at point " + codec.point() + " leaves state \""
                            + codec.state().get(0).name()
                            + "\" to the gateway and does not say which; expected a stream, an epoch and a number");
        }
        KeptState state = states.get(place.getStreamId());
        if (state == null ? place.getBegins() : state.opens(place)) {
            Refusal noRoom = open(codec, header, nowNanos);
            if (noRoom != null) {
                return new Received(null, noRoom);
            }
            state = states.get(place.getStreamId());
        }
        return state == null ? lost(place) : received(codec, header, state, nowNanos);
    }

    private Received received(PointCodec codec, Frame header, KeptState state, long nowNanos) {
        StatePlace place = header.getState();
        String mismatch = state.mismatch(codec.state(), header.getRows());
        if (mismatch != null) {
            return refused(Error.Code.MALFORMED_FRAME, mismatch);
        }
        Receipt receipt = state.receive(place, nowNanos);
        return switch (receipt) {
            case TAKEN -> new Received(state.at(place), null);
            case LOST -> lost(place);
            case OUT_OF_ORDER ->
                refused(
                        Error.Code.PROTOCOL_VIOLATION,
                        "frame " + Long.toUnsignedString(place.getFrame())
                                + " came after a later one of its stream; expected them in order");
        };
    }

    /** Takes memory for a new state of a stream, in place of what it has; says why not, or null. */
    private Refusal open(PointCodec codec, Frame header, long nowNanos) {
        KeptState state = states.get(header.getState().getStreamId());
        if (state != null) {
            letGo(state);
        }
        long more = codec.stateBytes(header.getRows());
        if (more > memory.share()) {
            return new Refusal(
                    Error.Code.LIMIT_EXCEEDED,
                    "state of " + more + " bytes; expected at most " + memory.share() + " for one connection");
        }
        boolean room = !ended && (state != null || states.size() < MOST_STATES || removeQuiet(nowNanos));
        while (room && !memory.take(more, bytes)) {
            room = removeQuiet(nowNanos);
        }
        if (!room) {
            return new Refusal(
                    Error.Code.OVERLOADED,
                    "there is no room for the state of another stream: " + states.size()
                            + " states of this connection hold " + bytes + " bytes, all together " + memory.held()
                            + "; expected fewer",
                    QUIET_NANOS);
        }
        bytes += more;
        states.computeIfAbsent(header.getState().getStreamId(), any -> new KeptState())
                .open(codec.state(), header.getRows(), more);
        return null;
    }

    /** Removes the state of which nothing has come for longest, if that is long enough. */
    private boolean removeQuiet(long nowNanos) {
        Iterator<KeptState> quietest = states.values().iterator();
        if (!quietest.hasNext()) {
            return false;
        }
        KeptState state = quietest.next();
        if (!state.isQuiet(nowNanos, QUIET_NANOS)) {
            return false;
        }
        letGo(state);
        quietest.remove();
        return true;
    }

    private void letGo(KeptState state) {
        long free = state.lose();
        bytes -= free;
        memory.giveBack(free);
    }

    /** Nothing more comes of a stream. A frame of it that runs now leaves nothing. */
    public synchronized void forget(long streamId) {
        KeptState state = states.remove(streamId);
        if (state != null) {
            letGo(state);
        }
    }

    /** Where memory is short, lets go of states of which nothing has come for a while; to be called by a timer. */
    public void sweep(long nowNanos) {
        if (memory.isShort()) {
            letGoOfQuiet(nowNanos);
        }
    }

    private synchronized void letGoOfQuiet(long nowNanos) {
        for (KeptState state : states.values()) {
            if (state.isQuiet(nowNanos, QUIET_NANOS)) {
                letGo(state);
            }
        }
    }

    private static Received lost(StatePlace place) {
        return refused(
                Error.Code.STATE_LOST,
                "frame " + Long.toUnsignedString(place.getFrame()) + " of stream "
                        + Long.toUnsignedString(place.getStreamId())
                        + " continues a state that is not kept (any more); expected a new epoch");
    }

    private static Received refused(Error.Code code, String message) {
        return new Received(null, new Refusal(code, message));
    }

    /** The connection is over: nothing is kept any more. */
    public synchronized void end() {
        ended = true;
        states.values().forEach(this::letGo);
        states.clear();
    }
}
