package dev.cleave.edge.stream;

import dev.cleave.edge.policy.Overflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which frame of a stream starts when, and which gives way to a newer one. Pure; time is an argument; one owner, not
 * thread-safe.
 *
 * <pre>
 *   offer -> waiting -> start -> head -> ready -> sent -> ended
 *              depth      one of these two      paced
 * </pre>
 *
 * <p>One frame at a time has its head run, or is ready to be sent and not sent yet. So the heads of a stream do not pile up, its
 * frames are coded and sent in order, and what waits is no more than its input.
 *
 * <p>Latest wins: no more frames are on their way than keeps them busy ({@link Pacing}); of those that wait, the oldest gives way. One that is
 * ready gives way, too, but not before it has waited for as long as its head took: else heads would be run for nothing without end.
 *
 * @param <T> a frame; told apart by identity
 */
public final class FrameGate<T> {
    /**
     * What became of a frame that was offered.
     *
     * @param accepted false: it is refused, too many wait
     * @param superseded frames that give way, oldest first: they are not known here any more
     */
    public record Offer<T>(boolean accepted, List<T> superseded) {}

    private enum Step {
        HEAD,
        READY,
        ON_DEVICE
    }

    private final boolean latestWins;
    private final boolean waits;
    private final int depth;
    private final Pacing pacing = new Pacing();
    private final Deque<T> waiting = new ArrayDeque<>();
    private final Map<T, Pacing.Pace> onTheirWay = new LinkedHashMap<>();
    /** The frame whose head is run, or that is ready; null for none. */
    private T current;

    private Step step;
    private long beganNanos;
    private long readyNanos;

    public FrameGate(Overflow overflow, int depth) {
        this.latestWins = overflow == Overflow.LATEST;
        this.waits = overflow != Overflow.REJECT;
        this.depth = depth;
    }

    /** A frame is submitted: it waits, if only until {@link #start}. */
    public Offer<T> offer(T frame, long nowNanos) {
        if (!latestWins) {
            boolean accepted = waits ? waiting.size() < depth : waiting.isEmpty() && mayStart(nowNanos);
            if (accepted) {
                waiting.add(frame);
            }
            return new Offer<>(accepted, Collections.emptyList());
        }
        List<T> superseded = new ArrayList<>();
        if (current != null && step == Step.READY && nowNanos - readyNanos >= readyNanos - beganNanos) {
            superseded.add(current);
            current = null;
        }
        while (waiting.size() >= depth) {
            superseded.add(waiting.poll());
        }
        waiting.add(frame);
        return new Offer<>(true, superseded);
    }

    /** The frame that starts now, or null; to be asked again after every event. */
    public T start(long nowNanos) {
        if (waiting.isEmpty() || !mayStart(nowNanos)) {
            return null;
        }
        current = waiting.poll();
        step = Step.HEAD;
        beganNanos = nowNanos;
        return current;
    }

    private boolean mayStart(long nowNanos) {
        return current == null && (!latestWins || pacing.allows(onTheirWay.size(), nowNanos));
    }

    /** The head of a frame is done: it is ready to be sent. */
    public void ready(T frame, long nowNanos) {
        if (frame == current) {
            step = Step.READY;
            readyNanos = nowNanos;
        }
    }

    /** The device goes on with a frame: it is nearer to its answer than a newer one, and does not give way any more. */
    public void takenUp(T frame) {
        if (frame == current) {
            step = Step.ON_DEVICE;
        }
    }

    /** A frame is on its way. */
    public void sent(T frame, long nowNanos) {
        if (frame == current) {
            current = null;
            onTheirWay.put(frame, pacing.sent(onTheirWay.size() + 1, nowNanos));
        }
    }

    /**
     * The gateway answered a frame.
     *
     * @param narrowestNanos that the frame spent in the part of its way that takes one at a time for longest: crossing the link, or
     *     at the gateway
     */
    public void answered(T frame, long narrowestNanos, long nowNanos) {
        Pacing.Pace pace = forget(frame);
        if (pace != null) {
            pacing.answered(pace, narrowestNanos, nowNanos);
        }
    }

    /** A frame is over, and it was not the gateway that answered it. */
    public void ended(T frame) {
        Pacing.Pace pace = forget(frame);
        if (pace != null) {
            pacing.lost(pace);
        }
    }

    /** Null if it is not on its way. */
    private Pacing.Pace forget(T frame) {
        if (frame == current) {
            current = null;
        }
        waiting.remove(frame);
        return onTheirWay.remove(frame);
    }

    /** Frames that were offered and neither gave way nor ended, oldest first. */
    public List<T> open() {
        List<T> open = new ArrayList<>(onTheirWay.keySet());
        if (current != null) {
            open.add(current);
        }
        open.addAll(waiting);
        return open;
    }

    /** Frames that wait to be started. */
    public int waiting() {
        return waiting.size();
    }
}
