package dev.cleave.gateway.batch;

import java.util.function.Consumer;
import java.util.function.IntToLongFunction;

/** The only executor of a batcher, in virtual time: a run takes what a function of its rows says. One thread. */
public final class VirtualExecutor<T extends BatchTask> {
    private final VirtualTime time;
    private final DynamicBatcher<T> batcher;
    private final BatchOutlook outlook;
    private final IntToLongFunction runNanos;
    private final Consumer<Batch<T>> ran;
    private final Consumer<T> expired;
    private boolean isBusy;

    /**
     * @param outlook of the batcher, told of each run
     * @param ran told of each batch when its run has ended
     * @param expired told of each task whose deadline has passed before its run
     */
    public VirtualExecutor(
            VirtualTime time,
            DynamicBatcher<T> batcher,
            BatchOutlook outlook,
            IntToLongFunction runNanos,
            Consumer<Batch<T>> ran,
            Consumer<T> expired) {
        this.time = time;
        this.batcher = batcher;
        this.outlook = outlook;
        this.runNanos = runNanos;
        this.ran = ran;
        this.expired = expired;
    }

    /** Looks for work; to be called when something has been offered. */
    public void poll() {
        batcher.expire(time.now()).forEach(expired);
        if (isBusy) {
            return;
        }
        Batch<T> batch = batcher.poll(time.now(), 1);
        if (batch == null) {
            long wait = batcher.nanosUntilNext(time.now());
            if (wait != Long.MAX_VALUE) {
                time.at(time.now() + Math.max(1, wait), this::poll);
            }
            return;
        }
        isBusy = true;
        long nanos = runNanos.applyAsLong(batch.rows());
        time.at(time.now() + nanos, () -> finish(batch, nanos));
    }

    private void finish(Batch<T> batch, long nanos) {
        isBusy = false;
        batcher.done(batch.tasks());
        outlook.ran(batch.key(), batch.rows(), nanos, time.now());
        ran.accept(batch);
        poll();
    }
}
