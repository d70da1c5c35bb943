package dev.cleave.wire;

/**
 * The receiver's side of a state that is kept from one frame of a stream to the next: which frame may continue it, and what it is. Pure;
 * one owner, not thread-safe, who sees to it that frames which were received run one after another, in that order. {@link StateSender} is the
 * other side.
 *
 * <pre>
 *   receive   in the order of the stream: taken, LOST, or OUT_OF_ORDER
 *   continues when it is about to run: it may have been lost since
 *   advance   when it was answered. One that was cancelled, or failed, is never heard of again
 *   lose      to make room; the epoch stays known as lost, so that it cannot begin a second time
 * </pre>
 *
 * @param <T> a state
 */
public final class StateReceiver<T> {
    private long epoch;
    private boolean kept;
    private long newestReceived;
    private long newestSeen;
    private T content;

    /** What becomes of a frame. */
    public enum Receipt {
        TAKEN,
        /** The state of its epoch is not kept. */
        LOST,
        /** A later one was received before. */
        OUT_OF_ORDER
    }

    /** Whether a frame, once received, begins an epoch. */
    public boolean opens(long epoch, boolean begins) {
        return begins && epoch > this.epoch;
    }

    /** A frame was received. */
    public Receipt receive(long epoch, long frame, boolean begins) {
        if (opens(epoch, begins)) {
            this.epoch = epoch;
            kept = true;
            content = null;
            newestReceived = StateSender.NONE;
            newestSeen = StateSender.NONE;
        }
        if (!isKept(epoch)) {
            return Receipt.LOST;
        }
        if (frame <= newestReceived) {
            return Receipt.OUT_OF_ORDER;
        }
        newestReceived = frame;
        return Receipt.TAKEN;
    }

    private boolean isKept(long epoch) {
        return kept && epoch == this.epoch;
    }

    /** Whether the state is the one that a frame which was received is to continue. */
    public boolean continues(long epoch, long frame) {
        return isKept(epoch) && frame > newestSeen;
    }

    /** The frame that has left the state; {@link StateSender#NONE} if it is zeros. */
    public long after() {
        return newestSeen;
    }

    /** The state; null if it is zeros, or lost. */
    public T content() {
        return content;
    }

    /**
     * A frame was answered.
     *
     * @param next the state that it has left
     * @return false if the state was lost meanwhile
     */
    public boolean advance(long epoch, long frame, T next) {
        if (!continues(epoch, frame)) {
            return false;
        }
        newestSeen = frame;
        content = next;
        return true;
    }

    /** Lets go of the state. */
    public void lose() {
        kept = false;
        content = null;
    }
}
