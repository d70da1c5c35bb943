package dev.cleave.engine;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The time limit of one run. When it is up, the engine is told to stop, and told again every millisecond until the limit
 * is closed: an engine may forget what it was told before its run began.
 *
 * <p>One daemon thread serves all runs of the process. Once {@link #close} has returned, the engine is not told any more,
 * so that what it is told through may be freed.
 */
public final class RunLimit implements AutoCloseable {
    private static final ScheduledThreadPoolExecutor TIMER = timer();
    private static final long AGAIN_NANOS = 1_000_000;

    private final Runnable stop;
    private Future<?> alarm;
    private boolean expired;
    private boolean closed;

    private RunLimit(Runnable stop) {
        this.stop = stop;
    }

    /**
     * @param nanos from now; 0 for no limit
     * @param stop tells the engine to stop; quick, and harmless when told twice
     */
    public static RunLimit of(long nanos, Runnable stop) {
        RunLimit limit = new RunLimit(stop);
        if (nanos != 0) {
            limit.alarm = TIMER.scheduleWithFixedDelay(limit::expire, nanos, AGAIN_NANOS, TimeUnit.NANOSECONDS);
        }
        return limit;
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
    public synchronized void close() {
        closed = true;
        if (alarm != null) {
            alarm.cancel(false);
        }
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cleave-run-limit");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
