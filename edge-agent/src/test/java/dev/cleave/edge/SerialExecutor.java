package dev.cleave.edge;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs tasks one after another on whichever thread brings the first of them. Thread-safe. */
final class SerialExecutor extends AbstractExecutorService {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;
    private boolean ended;

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (ended) {
                throw new RejectedExecutionException("ended");
            }
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        for (Runnable next = next(); next != null; next = next()) {
            next.run();
        }
    }

    private synchronized Runnable next() {
        Runnable task = tasks.poll();
        running = task != null;
        notifyAll();
        return task;
    }

    /** Waits for what another thread runs. */
    synchronized void awaitIdle() throws InterruptedException {
        while (running) {
            wait();
        }
    }

    @Override
    public synchronized void shutdown() {
        ended = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        return Collections.emptyList();
    }

    @Override
    public synchronized boolean isShutdown() {
        return ended;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
