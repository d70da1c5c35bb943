package dev.cleave.edge.head;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One daemon thread and the tasks that wait for it; bounded by the agent's limit of requests in flight, each of which
 * has at most one task here. Thread-safe.
 *
 * <p>Urgent tasks come before all others, in the order in which they were given. A long task lets them through where it can
 * be interrupted ({@link #yieldToUrgent}); an urgent task is not interrupted by another one, which would make the first late.
 *
 * <p>A spare task is taken only by a worker that has nothing else to do, and is expected to end soon once it {@link #isWanted} for
 * something else.
 */
final class HeadWorker {
    private static final Logger LOG = Logger.getLogger(HeadWorker.class.getName());

    private final Deque<Runnable> urgent = new ArrayDeque<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private Runnable spare;
    private boolean busy;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private boolean closed;
    /** On the thread alone. */
    private boolean inUrgent;

    /** @param atEnd runs last on the thread, when nothing else runs on it any more */
    HeadWorker(String name, Runnable atEnd) {
        thread = new Thread(() -> work(atEnd), name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Queues a task; false, and nothing done, if closed. */
    synchronized boolean execute(Runnable task, boolean isUrgent) {
        if (closed) {
            return false;
        }
        (isUrgent ? urgent : tasks).add(task);
        notifyAll();
        return true;
    }

    /** Queues a task of no hurry; false, and nothing done, if the worker has anything to do, or is closed. */
    synchronized boolean executeIfIdle(Runnable task) {
        if (closed || busy || spare != null || isWanted()) {
            return false;
        }
        spare = task;
        notifyAll();
        return true;
    }

    /** Whether a task that is not spare waits. */
    synchronized boolean isWanted() {
        return closed || !urgent.isEmpty() || !tasks.isEmpty();
    }

    /** Drops the tasks that wait and lets the running one end. */
    synchronized void close() {
        closed = true;
        urgent.clear();
        tasks.clear();
        spare = null;
        notifyAll();
    }

    /** Runs what is urgent in the midst of another task, on the worker's thread. */
    void yieldToUrgent() {
        if (Thread.currentThread() != thread || inUrgent) {
            return;
        }
        for (Runnable task = nextUrgent(); task != null; task = nextUrgent()) {
            runUrgent(task);
        }
    }

    private synchronized Runnable nextUrgent() {
        return urgent.poll();
    }

    private void runUrgent(Runnable task) {
        inUrgent = true;
        try {
            runLogged(task);
        } finally {
            inUrgent = false;
        }
    }

    boolean awaitEnd(long timeoutNanos) throws InterruptedException {
        return Thread.currentThread() == thread || ended.await(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    private void work(Runnable atEnd) {
        try {
            while (awaitTask()) {
                yieldToUrgent();
                Runnable task = nextTask();
                if (task != null) {
                    runLogged(task);
                }
                ended();
            }
        } finally {
            runLogged(atEnd);
            ended.countDown();
        }
    }

    /** Whether there is one; false at the end. */
    private synchronized boolean awaitTask() {
        while (urgent.isEmpty() && tasks.isEmpty() && spare == null && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                closed = true;
            }
        }
        busy = !urgent.isEmpty() || !tasks.isEmpty() || spare != null;
        return busy;
    }

    private synchronized void ended() {
        busy = false;
    }

    /** Null while something is urgent. */
    private synchronized Runnable nextTask() {
        if (!urgent.isEmpty() || !tasks.isEmpty()) {
            return urgent.isEmpty() ? tasks.poll() : null;
        }
        Runnable task = spare;
        spare = null;
        return task;
    }

    /** Nothing that a task, or a caller's code on its future, throws may end the thread: others wait for it. */
    private static void runLogged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.SEVERE, "a task of the head worker failed", e);
        }
    }
}
