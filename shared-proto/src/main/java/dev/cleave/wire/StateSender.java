package dev.cleave.wire;

/**
 * The sender's side of a state that the receiver keeps from one frame of a stream to the next. It says of each frame which state it
 * continues, and of each answer whether it did. Pure; one owner, not thread-safe. {@link StateReceiver} is the other side.
 *
 * <p>Several frames may be on their way, and some of them may be lost, cancelled or late: the receiver's state goes on with those that
 * are answered, so that none of the others breaks what follows. What does break it, another receiver or a state that is not kept any more,
 * begins a new <i>epoch</i>, from zeros, and the frames of one epoch never meet the state of another.
 *
 * <pre>
 *   plan         epoch, number, and whether the receiver may not know the epoch yet
 *   acknowledged it does
 *   answered     which frame had left the state: the one expected, none as it began, or one that cannot be
 *   lost         the receiver does not keep the state of that epoch: a new one
 *   reset        another receiver: a new one
 * </pre>
 */
public final class StateSender {
    /** The frame before the first one of an epoch. */
    public static final long NONE = 0;

    private long epoch = 1;
    private boolean known;
    private long newestPlanned;
    private long newestAnswered;

    /**
     * Where a frame stands.
     *
     * @param epoch rising with each new beginning, from 1
     * @param frame rising within an epoch
     * @param begins whether the receiver is to begin the epoch if it does not know it
     */
    public record Place(long epoch, long frame, boolean begins) {}

    /** What an answer says of the state that its frame continued. */
    public enum Continuity {
        /** It goes on from the frames that were answered before. */
        CONTINUES,
        /** It is the first one since the state began anew: what came before is forgotten. */
        BEGINS_ANEW,
        /** It does not go on from them, although nobody said that the state was lost: the answer is not to be used. */
        BROKEN
    }

    /**
     * Plans a frame, for the first time or to be sent again.
     *
     * @param frame its number in the stream, from 1
     * @return null if a later frame was planned already: this one can have no place any more
     */
    public Place plan(long frame) {
        if (frame < newestPlanned) {
            return null;
        }
        newestPlanned = frame;
        return new Place(epoch, frame, !known);
    }

    /** The receiver has got a frame. */
    public void acknowledged(Place place) {
        known |= place.epoch() == epoch;
    }

    /**
     * A frame was answered.
     *
     * @param after the frame that had left the state, {@link #NONE} if it was zeros
     */
    public Continuity answered(Place place, long after) {
        boolean stale = place.epoch() != epoch;
        boolean outran = place.frame() < newestAnswered;
        if (after >= place.frame() || !stale && !outran && after < newestAnswered) {
            return Continuity.BROKEN;
        }
        if (!stale && !outran) {
            newestAnswered = place.frame();
        }
        return after == NONE && place.epoch() > 1 ? Continuity.BEGINS_ANEW : Continuity.CONTINUES;
    }

    /**
     * The receiver does not keep the state that a frame continued.
     *
     * @return false if a new epoch has begun since
     */
    public boolean lost(Place place) {
        return place.epoch() == epoch && reset();
    }

    /**
     * The receiver is another one, or keeps nothing.
     *
     * @return false if there is nothing that it could have kept
     */
    public boolean reset() {
        if (newestPlanned == NONE) {
            return false;
        }
        epoch++;
        known = false;
        newestPlanned = NONE;
        newestAnswered = NONE;
        return true;
    }
}
