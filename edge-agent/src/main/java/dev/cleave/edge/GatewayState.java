package dev.cleave.edge;

import dev.cleave.bundle.StateTensor;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.StateSender;
import dev.cleave.wire.StateSender.Continuity;
import dev.cleave.wire.StateSender.Place;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * The state of one stream of a stateful model that the gateway keeps: which of it a frame continues, and whether an answer did. It lives as long as
 * the connection, and begins with zeros on the next one.
 *
 * <p>Frames are placed on the head worker, one after another; acknowledgements and answers come on other threads. Thread-safe for that.
 */
final class GatewayState {
    /** Of a frame that leaves no state to the gateway. */
    static final StatePlace NOWHERE = StatePlace.getDefaultInstance();

    private final long stream;
    private final Consumer<String> onReset;
    // Guarded by this.
    private final StateSender sender = new StateSender();
    private GatewayStream connection;
    private List<StateTensor> kept = Collections.emptyList();

    /**
     * @param stream unique within the agent, not 0
     * @param onReset told why a state begins anew; called without a lock
     */
    GatewayState(long stream, Consumer<String> onReset) {
        this.stream = stream;
        this.onReset = onReset;
    }

    /**
     * Places a frame, for the first time or to be sent again; on the worker.
     *
     * @param frame its number in the stream
     * @param left what its point leaves to the gateway
     * @throws InferenceException if a later frame was sent already, so that the model can see this one no more
     */
    StatePlace place(long frame, List<StateTensor> left, GatewayStream open) throws InferenceException {
        if (left.isEmpty()) {
            return NOWHERE;
        }
        Place place;
        String reset;
        String address = open.connection().address();
        synchronized (this) {
            reset = moved(left, open, address);
            place = sender.plan(frame);
        }
        if (reset != null) {
            onReset.accept(reset);
        }
        if (place == null) {
            throw new InferenceException(
                    Reason.REFUSED,
                    "frame " + frame + " of stream " + stream
                            + " cannot be sent again: a later one was, and the model's state goes on from that");
        }
        return StatePlace.newBuilder()
                .setStreamId(stream)
                .setEpoch(place.epoch())
                .setFrame(place.frame())
                .setBegins(place.begins())
                .build();
    }

    /** Why the state begins anew, or null. */
    private String moved(List<StateTensor> left, GatewayStream open, String address) {
        String why = null;
        if (open != connection && connection != null) {
            why = "the gateway that kept it is out of reach, frames go to " + address + " by another connection";
        } else if (!left.equals(kept)) {
            why = "another part of it is left to the gateway";
        }
        connection = open;
        kept = left;
        return why != null && sender.reset() ? why : null;
    }

    /** The gateway has got a frame. */
    synchronized void acknowledged(StatePlace place) {
        sender.acknowledged(at(place));
    }

    /** The gateway does not keep what a frame was to continue. */
    void lost(StatePlace place, String why) {
        boolean begunAnew;
        synchronized (this) {
            begunAnew = sender.lost(at(place));
        }
        if (begunAnew) {
            onReset.accept(why);
        }
    }

    /**
     * A frame was answered.
     *
     * @param after as the reply says
     */
    Continuity answered(StatePlace place, long after) {
        Continuity said;
        synchronized (this) {
            said = sender.answered(at(place), after);
        }
        if (said == Continuity.BROKEN) {
            lost(place, "the gateway went on from another frame than it had answered last");
        }
        return said;
    }

    private static Place at(StatePlace place) {
        return new Place(place.getEpoch(), place.getFrame(), place.getBegins());
    }
}
