package dev.cleave.edge;

import dev.cleave.edge.link.Scheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A clock that stands still until it is advanced; tasks run on the thread that advances it. Thread-safe. */
public final class ManualScheduler implements Scheduler {
    private static final class Task implements Timer {
        final Runnable work;
        final long atNanos;
        volatile boolean cancelled;

        Task(Runnable work, long atNanos) {
            this.work = work;
            this.atNanos = atNanos;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(task -> task.atNanos));
    private long nowNanos = 1_000_000_000L;
    private boolean closed;

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized Timer schedule(Runnable task, long atNanos) {
        Task scheduled = new Task(task, atNanos);
        if (!closed) {
            tasks.add(scheduled);
            notifyAll();
        }
        return scheduled;
    }

    /** Moves time on and runs what is due, each task at its own time. */
    public void advance(long nanos) {
        long until = nanoTime() + nanos;
        for (Task task = next(until); task != null; task = next(until)) {
            task.work.run();
        }
        synchronized (this) {
            nowNanos = Math.max(nowNanos, until);
        }
    }

    /** Moves time on to the next task, no further, and runs it; false if none waits. */
    public boolean advanceToNext() {
        Task task = next(Long.MAX_VALUE);
        if (task != null) {
            task.work.run();
        }
        return task != null;
    }

    /** Time passes, as in a run, but nothing that is due happens yet. */
    public synchronized void pass(long nanos) {
        nowNanos += nanos;
    }

    private synchronized Task next(long untilNanos) {
        while (!tasks.isEmpty() && tasks.peek().cancelled) {
            tasks.poll();
        }
        if (tasks.isEmpty() || tasks.peek().atNanos > untilNanos) {
            return null;
        }
        Task task = tasks.poll();
        nowNanos = Math.max(nowNanos, task.atNanos);
        return task;
    }

    /** Tasks that wait for their time and were not cancelled. */
    public synchronized int waiting() {
        List<Task> left = new ArrayList<>(tasks);
        left.removeIf(task -> task.cancelled);
        return left.size();
    }

    /** Waits until at least so many tasks wait. */
    public synchronized void awaitWaiting(int count) throws InterruptedException {
        while (waiting() < count) {
            wait();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        tasks.clear();
    }
}
