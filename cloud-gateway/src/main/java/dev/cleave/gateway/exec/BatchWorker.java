package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.Batch;

/** A thread that takes batches from a queue and runs them until the queue is closed. */
public final class BatchWorker {
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
            while ((batch = queue.take()) != null) {
                long nanos = 0;
                try {
                    nanos = executor.run(batch);
                } finally {
                    queue.done(batch, nanos);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
