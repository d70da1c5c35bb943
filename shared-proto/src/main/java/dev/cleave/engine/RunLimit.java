package dev.cleave.engine;

import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The time limit of one run. When it is up, the engine is told to stop, and told again every millisecond until the limit
 * is closed: an engine may forget what it was told before its run began.
 *
 * <p>One daemon thread serves all runs of the process; it sleeps while none lives up to its limit ({@link RunLimits}). Once {@link #close} has returned,
 * the engine is not told any more, so that what it is told through may be freed.
 */
public final class RunLimit implements AutoCloseable {
    private static final RunLimits ALL = new RunLimits();
    private static final ScheduledThreadPoolExecutor TIMER = timer();
    /** Further away than any run goes, and near enough to compare. */
    private static final long MOST_NANOS = TimeUnit.DAYS.toNanos(365);

    private final Runnable stop;
    private boolean expired;
    private boolean closed;
    private boolean limited;

    /** These three belong to {@link RunLimits}. */
    long dueNanos;

    RunLimit next;
    RunLimit previous;

    /** @param dueNanos when it is up */
    RunLimit(Runnable stop, long dueNanos) {
        this.stop = stop;
        this.dueNanos = dueNanos;
    }

    /**
     * @param nanos from now; 0 for no limit
     * @param stop tells the engine to stop; quick, and harmless when told twice
     */
    public static RunLimit of(long nanos, Runnable stop) {
        long wait = Math.min(nanos, MOST_NANOS);
        RunLimit limit = new RunLimit(stop, System.nanoTime() + wait);
        if (nanos != 0) {
            limit.limited = true;
            synchronized (ALL) {
                if (ALL.add(limit)) {
                    TIMER.schedule(RunLimit::look, wait, TimeUnit.NANOSECONDS);
                }
            }
        }
        return limit;
    }

    private static void look() {
        List<RunLimit> up;
        synchronized (ALL) {
            long now = System.nanoTime();
            if (!ALL.isDue(now)) {
                return;
            }
            up = ALL.look(now);
            if (ALL.isPlanned()) {
                TIMER.schedule(RunLimit::look, ALL.lookNanos() - now, TimeUnit.NANOSECONDS);
            }
        }
        up.forEach(RunLimit::expire);
    }

    /** Whether the run was told to stop. */
    public synchronized boolean isExpired() {
        return expired;
    }

    private synchronized void expire() {
        if (!closed) {
            expired = true;
            stop.run();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (limited) {
            synchronized (ALL) {
                ALL.remove(this);
            }
        }
    }

    private static ScheduledThreadPoolExecutor timer() {
        return new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cleave-run-limit");
            thread.setDaemon(true);
            return thread;
        });
    }
}
