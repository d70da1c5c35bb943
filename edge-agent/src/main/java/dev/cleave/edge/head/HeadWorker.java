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
 */
final class HeadWorker {
    private static final Logger LOG = Logger.getLogger(HeadWorker.class.getName());

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private boolean closed;

    /** @param atEnd runs last on the thread, when nothing else runs on it any more */
    HeadWorker(String name, Runnable atEnd) {
        thread = new Thread(() -> work(atEnd), name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Queues a task, at the front or at the back; false, and nothing done, if closed. */
    synchronized boolean execute(Runnable task, boolean first) {
        if (closed) {
            return false;
        }
        if (first) {
            tasks.addFirst(task);
        } else {
            tasks.addLast(task);
        }
        notifyAll();
        return true;
    }

    /** Drops the tasks that wait and lets the running one end. */
    synchronized void close() {
        closed = true;
        tasks.clear();
        notifyAll();
    }

    boolean awaitEnd(long timeoutNanos) throws InterruptedException {
        return Thread.currentThread() == thread || ended.await(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    private void work(Runnable atEnd) {
        try {
            for (Runnable task = next(); task != null; task = next()) {
                runLogged(task);
            }
        } finally {
            runLogged(atEnd);
            ended.countDown();
        }
    }

    /** Null at the end. */
    private synchronized Runnable next() {
        while (tasks.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                closed = true;
            }
        }
        return tasks.poll();
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
