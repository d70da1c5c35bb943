package dev.cleave.wire;

import java.util.TreeSet;

/**
 * The sender's side of a video whose frames are coded against each other: says for each frame what it may be coded against. Pure; one
 * owner, not thread-safe.
 *
 * <p>A frame is coded against the newest one that the receiver has said it holds, and never against one that is merely sent: so a
 * frame that is lost on its way takes nothing with it. The receiver holds the {@value ReferenceRing#CAPACITY} newest of the frames
 * that it was asked to hold. No more than {@value #MOST_ASKED} are therefore asked for without an answer: whatever becomes of
 * them, the one that is acknowledged stays.
 *
 * <pre>
 *   plan         number, reference or none (a key frame), whether to ask for it to be held
 *   sent         what both sides will have of it once it has arrived
 *   acknowledged held: what is planned from now on is coded against it          not held: it is forgotten
 *   ended        replied to, or never sent: if it was not acknowledged, it is not held
 *   lost         the receiver does not hold what it once did: the next frame is a key frame, unless another is held
 *   reset        another connection or gateway: nothing is held there
 * </pre>
 *
 * @param <R> what is held of a frame
 */
public final class ReferenceSender<R> {
    /** Frames in flight that the receiver was asked to hold. */
    public static final int MOST_ASKED = ReferenceRing.CAPACITY - 1;

    /** The number that stands for no frame. */
    public static final long NONE = 0;

    private final ReferenceRing<R> sent = new ReferenceRing<>();
    /** Numbers of frames in {@link #sent}, or planned, of which it is not known whether they are held. */
    private final TreeSet<Long> asked = new TreeSet<>();

    private long newestHeld = NONE;
    private long lastNumber;
    private int point = -1;
    private int level;

    /**
     * How to code and send a frame.
     *
     * @param number of the frame
     * @param reference number of the frame to code it against; {@link #NONE}: it is a key frame
     * @param content what both sides hold of the reference; null for a key frame
     * @param hold whether the receiver is to be asked to hold the frame
     */
    public record Plan<R>(long number, long reference, R content, boolean hold) {}

    /**
     * Plans the next frame. Another point or quality level than the last frame's begins anew.
     *
     * @return to be followed by {@link #sent} or {@link #ended}
     */
    public Plan<R> plan(int point, int level) {
        if (point != this.point || level != this.level) {
            reset();
            this.point = point;
            this.level = level;
        }
        lastNumber++;
        boolean hold = asked.size() < MOST_ASKED;
        if (hold) {
            asked.add(lastNumber);
        }
        return new Plan<>(lastNumber, newestHeld, newestHeld == NONE ? null : sent.find(newestHeld), hold);
    }

    /** A planned frame is on its way. */
    public void sent(Plan<R> plan, R content) {
        if (asked.contains(plan.number())) {
            sent.hold(plan.number(), content);
        }
    }

    /**
     * The receiver has got a frame whole.
     *
     * @param heldReference the frame's number if it is held, else {@link #NONE}
     */
    public void acknowledged(long number, long heldReference) {
        if (!asked.remove(number)) {
            return; // Of another connection, of before a reset, or for the second time.
        }
        if (heldReference != number || sent.find(number) == null) {
            sent.drop(number);
        } else if (newestHeld == NONE || number > newestHeld) {
            sent.drop(newestHeld);
            newestHeld = number;
        } else {
            sent.drop(number);
        }
    }

    /**
     * Nothing more will be heard of a frame: its reply has come, or it was never sent. A request that was answered on the device in the
     * meantime is not over in this sense: its frame may yet be held, and what the receiver holds counts for its ring.
     */
    public void ended(long number) {
        if (asked.remove(number)) {
            sent.drop(number);
        }
    }

    /** The receiver did not have the frame that another was coded against. */
    public void lost(long reference) {
        if (reference == newestHeld && reference != NONE) {
            sent.drop(newestHeld);
            newestHeld = NONE;
        }
    }

    /** The receiver holds nothing any more. */
    public void reset() {
        sent.clear();
        asked.clear();
        newestHeld = NONE;
    }
}
