package dev.cleave.edge;

import dev.cleave.edge.link.Scheduler;

/** The timers of one request: its deadline, the latest moment to finish it here, and to wait for a connection. Thread-safe. */
final class CallTimers {
    private final Scheduler scheduler;
    private Scheduler.Timer deadline = () -> {};
    private Scheduler.Timer local = () -> {};
    private Scheduler.Timer connection = () -> {};
    private boolean ended;

    CallTimers(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    void atDeadline(Runnable task, long nanos) {
        Scheduler.Timer timer = scheduler.schedule(task, nanos);
        synchronized (this) {
            deadline = timer;
        }
        cancelIfEnded();
    }

    void atLocalStart(Runnable task, long nanos) {
        Scheduler.Timer timer = scheduler.schedule(task, nanos);
        synchronized (this) {
            local = timer;
        }
        cancelIfEnded();
    }

    void atConnectionLate(Runnable task, long nanos) {
        Scheduler.Timer timer = scheduler.schedule(task, nanos);
        synchronized (this) {
            connection = timer;
        }
        cancelIfEnded();
    }

    /** The request is over: what has not begun does not begin. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        cancelIfEnded();
    }

    private synchronized void cancelIfEnded() {
        if (ended) {
            deadline.cancel();
            local.cancel();
            connection.cancel();
        }
    }
}
