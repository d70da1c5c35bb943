package dev.cleave.wire;

/**
 * The receiver's side of a video whose frames are coded against each other: holds what the sender asked for. Frames may come in any
 * order, twice or not at all: each names what it is coded against, which is either held, or the frame is refused with
 * {@code REFERENCE_LOST}. Pure; one owner, not thread-safe. {@link ReferenceSender} is the other side.
 *
 * @param <R> what is held of a frame
 */
public final class ReferenceReceiver<R> {
    private final ReferenceRing<R> ring = new ReferenceRing<>();
    private int point = -1;
    private int level;

    /** A frame of this point and quality level is about to be read: those of others are not held any longer. */
    public void begin(int point, int level) {
        if (point != this.point || level != this.level) {
            ring.clear();
            this.point = point;
            this.level = level;
        }
    }

    /** What is held of a frame, or null. */
    public R find(long number) {
        return ring.find(number);
    }

    /**
     * Holds a frame that was read.
     *
     * @return what to acknowledge as held: the frame's number, or {@link ReferenceSender#NONE}
     */
    public long hold(long number, R frame) {
        return ring.hold(number, frame) ? number : ReferenceSender.NONE;
    }

    /** All that is held. */
    public Iterable<R> frames() {
        return ring.frames();
    }
}
