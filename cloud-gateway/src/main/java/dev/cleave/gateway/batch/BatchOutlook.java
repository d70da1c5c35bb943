package dev.cleave.gateway.batch;

/**
 * What is known of the time that batches take, and so whether waiting for more rows is worth it. The batcher decides
 * with these two figures alone. Not thread-safe: guarded by whoever guards the batcher.
 */
public interface BatchOutlook {
    /** How long the oldest task of a batch may wait for others while an executor is idle; 0: not at all. */
    long delayNanos(BatchKey key, int rows);

    /** Expected duration of a run, decoding included; 0 while nothing is known. */
    long runNanos(BatchKey key, int rows);

    /** Takes note of a run that has ended well. */
    void ran(BatchKey key, int rows, long nanos);
}
