package dev.cleave.edge.link;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Keeps requests away from a gateway that takes them and does not answer in time. Pure; not thread-safe, guarded by the link's
 * lock.
 *
 * <pre>
 *          5 of the last 10 within 10 s were late or failed
 * CLOSED ---------------------------------------------------> OPEN
 *    ^                                                         | back-off
 *    |  two trials in a row were in time                       v
 *    +------------------------------------------------- HALF OPEN ---> OPEN again if a trial is late
 *                                                       one request at a time
 * </pre>
 *
 * <p>The pattern of M. Nygard, Release It! (2007), chapter 5. A request belongs to the state in which it began: one that comes to
 * its end later says nothing of a newer state.
 */
final class Breaker {
    private static final int WINDOW = 10;
    private static final int OPENS_AT = 5;
    private static final int CLOSES_AT = 2;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    private record Outcome(boolean inTime, long atNanos) {}

    private final Backoff backoff;
    private final Deque<Outcome> outcomes = new ArrayDeque<>();
    private State state = State.CLOSED;
    private long openUntilNanos;
    private long leftClosedNanos;
    private boolean trialUnderWay;
    private int goodTrials;
    private int era;

    Breaker(Backoff backoff) {
        this.backoff = backoff;
    }

    /** Whether a request may try the gateway now. */
    boolean allows(long nowNanos) {
        return switch (state) {
            case CLOSED -> true;
            case OPEN -> nowNanos - openUntilNanos >= 0;
            case HALF_OPEN -> !trialUnderWay;
        };
    }

    /** A request tries the gateway; returns what it has to bring along when it ends. */
    int begun(long nowNanos) {
        if (state == State.OPEN && nowNanos - openUntilNanos >= 0) {
            enter(State.HALF_OPEN);
        }
        trialUnderWay = true;
        return era;
    }

    /**
     * It came to an end.
     *
     * @param inTime whether the gateway answered before the device had to help itself
     */
    void ended(int begunIn, boolean inTime, long nowNanos) {
        if (begunIn != era || state == State.OPEN) {
            return;
        }
        if (state == State.HALF_OPEN) {
            trialUnderWay = false;
            trialEnded(inTime, nowNanos);
            return;
        }
        outcomes.addLast(new Outcome(inTime, nowNanos));
        while (outcomes.size() > WINDOW || nowNanos - outcomes.peekFirst().atNanos() > WINDOW_NANOS) {
            outcomes.removeFirst();
        }
        if (outcomes.stream().filter(outcome -> !outcome.inTime()).count() >= OPENS_AT) {
            open(nowNanos);
        }
    }

    /** It ended without saying anything about the gateway: it was cancelled, say. */
    void withdrawn(int begunIn) {
        if (begunIn == era) {
            trialUnderWay = false;
        }
    }

    private void trialEnded(boolean inTime, long nowNanos) {
        if (!inTime) {
            open(nowNanos);
        } else if (++goodTrials == CLOSES_AT) {
            backoff.reset();
            enter(State.CLOSED);
        }
    }

    /** How long it has not been closed; 0 while it is. */
    long nanosNotClosed(long nowNanos) {
        return state == State.CLOSED ? 0 : nowNanos - leftClosedNanos;
    }

    private void open(long nowNanos) {
        leftClosedNanos = state == State.CLOSED ? nowNanos : leftClosedNanos;
        openUntilNanos = nowNanos + backoff.nextNanos();
        enter(State.OPEN);
    }

    private void enter(State next) {
        state = next;
        era++;
        goodTrials = 0;
        trialUnderWay = false;
        outcomes.clear();
    }
}
