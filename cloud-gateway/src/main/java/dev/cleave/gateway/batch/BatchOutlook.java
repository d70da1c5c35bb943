package dev.cleave.gateway.batch;

/**
 * What is known of the time that batches take and of who comes next, and so whether waiting for more rows is worth it. Not thread-safe:
 * guarded by whoever guards the batcher.
 */
public interface BatchOutlook {
    /** A {@link #closeAtNanos} that is always past: nothing is gained by waiting. */
    long AT_ONCE = Long.MIN_VALUE;

    /**
     * Until when a batch that could run now should wait for others.
     *
     * @param oldestNanos when the oldest of its tasks was put in line
     * @param readyNanos since when it could run: an executor was idle, and it led the line
     * @return {@link #AT_ONCE}, or a time; asked again when it has come, and whenever the batch has grown
     */
    long closeAtNanos(BatchKey key, int rows, long oldestNanos, long readyNanos, long nowNanos);

    /**
     * Rows beyond which joining more to a batch gains nothing.
     *
     * @param limit most rows of a batch
     * @return 1 to {@code limit}; a single task of more rows runs all the same
     */
    default int mostRows(BatchKey key, int limit) {
        return limit;
    }

    /** Expected duration of a run, decoding included; 0 while nothing is known. */
    long runNanos(BatchKey key, int rows);

    /** A duration that hardly any run falls below, as far as is known for certain; 0 while too little is known. */
    default long leastNanos(BatchKey key, int rows) {
        return 0;
    }

    /** A batch of this key could run from now on. */
    default void ready(BatchKey key, long nowNanos) {}

    /** Rows were put in line. */
    default void arrived(BatchKey key, int rows, long nowNanos) {}

    /** Takes note of a run that has ended well. */
    void ran(BatchKey key, int rows, long nanos, long nowNanos);

    /** What was learned of runs is of no more use: they are run by something else from now on. */
    void forgetRuns();
}
