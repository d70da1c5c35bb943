package dev.cleave.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The time limits of the runs under way, and when they are to be looked at. Pure: its owner guards it, tells it the time, and comes by when it says.
 *
 * <p>Hardly any run lives up to its limit, so a look is planned only where none is planned early enough. A limit that is taken out leaves the look behind,
 * and the next ones need none of their own: a thread that is woken for every run would cost more than a small run does.
 */
final class RunLimits {
    private static final long AGAIN_NANOS = 1_000_000;

    private RunLimit first;
    private boolean planned;
    private long lookNanos;

    /**
     * Takes in a limit.
     *
     * @return whether a look is to be planned for when it is up
     */
    boolean add(RunLimit limit) {
        limit.next = first;
        if (first != null) {
            first.previous = limit;
        }
        first = limit;
        if (planned && lookNanos - limit.dueNanos <= 0) {
            return false;
        }
        planned = true;
        lookNanos = limit.dueNanos;
        return true;
    }

    /** Takes out a limit that is in. */
    void remove(RunLimit limit) {
        if (limit.previous == null) {
            first = limit.next;
        } else {
            limit.previous.next = limit.next;
        }
        if (limit.next != null) {
            limit.next.previous = limit.previous;
        }
        limit.next = null;
        limit.previous = null;
    }

    /** Whether the look that counts is due. One that an earlier plan has left behind does nothing, so that looks do not multiply. */
    boolean isDue(long nowNanos) {
        return planned && lookNanos - nowNanos <= 0;
    }

    /** Those that are up, which are due again a millisecond later; plans the next look. */
    List<RunLimit> look(long nowNanos) {
        List<RunLimit> up = new ArrayList<>();
        planned = false;
        for (RunLimit limit = first; limit != null; limit = limit.next) {
            if (limit.dueNanos - nowNanos <= 0) {
                up.add(limit);
                limit.dueNanos = nowNanos + AGAIN_NANOS;
            }
            if (!planned || limit.dueNanos - lookNanos < 0) {
                planned = true;
                lookNanos = limit.dueNanos;
            }
        }
        return up;
    }

    /** Whether another look is planned, at {@link #lookNanos}. */
    boolean isPlanned() {
        return planned;
    }

    long lookNanos() {
        return lookNanos;
    }
}
