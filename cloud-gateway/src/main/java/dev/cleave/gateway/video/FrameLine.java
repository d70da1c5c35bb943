package dev.cleave.gateway.video;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line of one stream, in which its frames wait for their turns: they come one after another, in the order of the line, on threads that lines share. A thread serves
 * one turn and then goes to whoever has waited for longest, so that no stream holds up another one. Bounded by who adds to it. Thread-safe; no lock is held during a turn.
 */
public final class FrameLine {
    private static final Logger LOG = LoggerFactory.getLogger(FrameLine.class);

    private final Executor threads;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    /** Whether somebody has a turn, or a thread was asked for the next one's. */
    private boolean busy;

    /** @param threads take turns of all lines, in the order in which they are asked */
    public FrameLine(Executor threads) {
        this.threads = threads;
    }

    /** Whether nobody waits or has a turn. Stays so until {@link #add}. */
    public synchronized boolean isIdle() {
        return !busy;
    }

    /** How many wait. */
    public synchronized int size() {
        return waiting.size();
    }

    /** Puts one at the end of the line. */
    public void add(Runnable turn) {
        synchronized (this) {
            waiting.add(turn);
            if (busy) {
                return;
            }
            busy = true;
        }
        ask();
    }

    /** @return whether it was still waiting; then it has no turn any more */
    public synchronized boolean remove(Runnable turn) {
        return waiting.remove(turn);
    }

    private void ask() {
        try {
            threads.execute(this::next);
        } catch (RejectedExecutionException over) {
            LOG.debug("a stream outlives the threads that read its frames; what waits ends with it");
        }
    }

    private void next() {
        Runnable turn;
        synchronized (this) {
            turn = waiting.poll();
        }
        if (turn != null) { // Else it was removed.
            try {
                turn.run();
            } catch (RuntimeException | Error defect) {
                LOG.error("a frame's turn ended in a defect; the next one's comes all the same", defect);
            }
        }
        synchronized (this) {
            busy = !waiting.isEmpty();
            if (!busy) {
                return;
            }
        }
        ask();
    }
}
