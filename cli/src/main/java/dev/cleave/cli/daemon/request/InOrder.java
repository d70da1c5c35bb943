package dev.cleave.cli.daemon.request;

import dev.cleave.edge.InferenceResult;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that are answered in the order in which they came, although several are on their way at once. Owns the thread
 * that waits for the first of them. Thread-safe; one thread submits.
 */
public final class InOrder<T> implements AutoCloseable {
    /** What becomes of an answer. One call at a time, in order. */
    public interface Finish<T> {
        /**
         * @param result null if it failed
         * @param failure null if it was answered
         */
        void finished(T what, InferenceResult result, Throwable failure) throws Exception;
    }

    private record Entry<T>(T what, CompletableFuture<InferenceResult> answer) {}

    private static final Logger LOG = LoggerFactory.getLogger(InOrder.class);

    private final BlockingQueue<Entry<T>> waiting;
    private final Finish<T> finish;
    private final Thread thread;
    private final Object lock = new Object();
    private int open;

    /** @param window how many may be on their way behind the first */
    public InOrder(String threadName, int window, Finish<T> finish) {
        this.waiting = new ArrayBlockingQueue<>(window);
        this.finish = finish;
        this.thread = new Thread(this::work, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a request; waits while the window is full. */
    public void submit(T what, CompletableFuture<InferenceResult> answer) throws InterruptedException {
        synchronized (lock) {
            open++;
        }
        waiting.put(new Entry<>(what, answer));
    }

    /** Waits until everything that was submitted is finished; false if the time was up first. */
    public boolean awaitIdle(long timeoutNanos) throws InterruptedException {
        long end = System.nanoTime() + timeoutNanos;
        synchronized (lock) {
            for (long left = timeoutNanos; open > 0; left = end - System.nanoTime()) {
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return true;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void work() {
        try {
            while (true) {
                Entry<T> entry = waiting.take();
                finish(entry);
                synchronized (lock) {
                    open--;
                    lock.notifyAll();
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void finish(Entry<T> entry) throws InterruptedException {
        InferenceResult result = null;
        Throwable failure = null;
        try {
            result = entry.answer.get();
        } catch (ExecutionException failed) {
            failure = AgentFront.cause(failed.getCause());
        } catch (CancellationException cancelled) {
            failure = cancelled;
        }
        try {
            finish.finished(entry.what, result, failure);
        } catch (InterruptedException closed) {
            throw closed;
        } catch (Exception | Error failed) {
            LOG.error("answer to {} could not be written", entry.what, failed);
        }
    }
}
