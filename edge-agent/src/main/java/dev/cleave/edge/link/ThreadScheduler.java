package dev.cleave.edge.link;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** {@link System#nanoTime()} and one daemon thread. Owns the thread until closed. */
public final class ThreadScheduler implements Scheduler {
    private static final Logger LOG = Logger.getLogger(ThreadScheduler.class.getName());

    private final ScheduledThreadPoolExecutor executor;

    public ThreadScheduler(String threadName) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Runnable task, long atNanos) {
        try {
            ScheduledFuture<?> scheduled =
                    executor.schedule(() -> runLogged(task), Math.max(0, atNanos - nanoTime()), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    private static void runLogged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "a timer task failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
