package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.Batch;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that takes batches from a queue and runs them until the queue is closed, and no sooner, whatever is thrown at it: a model whose worker has gone would wait for ever while
 * it says that it is ready. If no batch can be made of what waits, that is refused, and the next to come is tried.
 */
public final class BatchWorker {
    private static final long PAUSE_NANOS = 100_000_000;

    private final BatchQueue queue;
    private final BatchExecutor executor;
    private final Thread thread;

    /** @param executor used by this worker alone */
    public BatchWorker(String name, BatchQueue queue, BatchExecutor executor) {
        this.queue = queue;
        this.executor = executor;
        this.thread = new Thread(this::work, name);
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Waits for the thread to end; the queue must be closed. */
    public boolean join(long millis) throws InterruptedException {
        thread.join(millis);
        return !thread.isAlive();
    }

    private void work() {
        try {
            Batch<InferenceTask> batch;
            while ((batch = next()) != null) {
                run(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Null once the queue is closed. */
    private Batch<InferenceTask> next() throws InterruptedException {
        while (true) {
            try {
                return queue.take();
            } catch (RuntimeException | Error e) {
                refuse(e);
            }
        }
    }

    private void refuse(Throwable cause) {
        FailedTasks.say("no batch could be made of what waits, which is refused", cause);
        List<InferenceTask> waiting = List.of();
        try {
            waiting = queue.removeAll();
        } catch (RuntimeException | Error e) {
            FailedTasks.say("what waits could not be refused", e);
        }
        FailedTasks.end(waiting, cause);
        if (waiting.isEmpty()) { // It is tried again when others may have let go of some memory.
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void run(Batch<InferenceTask> batch) {
        long nanos = executor.run(batch);
        try {
            queue.done(batch, nanos);
        } catch (RuntimeException | Error e) {
            FailedTasks.say("what a run took could not be learned", e);
        }
    }
}
