package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchOutlook;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.DynamicBatcher;
import dev.cleave.v1.Error;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The threads' side of a {@link DynamicBatcher}: guards it with a lock, tells it the time, parks workers, and expires
 * tasks from a timer. Owns the batcher and its outlook. No task is completed while the lock is held.
 */
public final class BatchQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final BatchPolicy policy;
    private final BatchOutlook outlook;
    private final DynamicBatcher<InferenceTask> batcher;
    private final ScheduledExecutorService timer;
    private final LongSupplier clock;
    private int idle;
    private int running;
    private boolean closed;
    private boolean forgot;
    private long forgotAt;
    private boolean armed;
    private long armedFor;

    /** @param timer shared, shut down by its owner after this queue is closed */
    public BatchQueue(BatchPolicy policy, BatchOutlook outlook, ScheduledExecutorService timer, LongSupplier clock) {
        this.policy = policy;
        this.outlook = outlook;
        this.batcher = new DynamicBatcher<>(policy, outlook);
        this.timer = timer;
        this.clock = clock;
    }

    /** @return false if the queue is full or closed; the task is then still the caller's to complete */
    public boolean offer(InferenceTask task) {
        lock.lock();
        try {
            long now = clock.getAsLong();
            task.queuedBehind(batcher.size());
            if (closed || !batcher.offer(task, now)) {
                return false;
            }
            changed.signal();
            arm(now);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next batch. Whoever takes one calls {@link #done} once it has run.
     *
     * @return null once the queue is closed
     */
    public Batch<InferenceTask> take() throws InterruptedException {
        while (true) {
            List<InferenceTask> due;
            Batch<InferenceTask> batch = null;
            lock.lock();
            try {
                idle++;
                long now = clock.getAsLong();
                due = batcher.expire(now);
                if (!closed) {
                    batch = batcher.poll(now, idle);
                }
                if (batch != null) {
                    running++;
                } else if (closed) {
                    return null;
                } else if (due.isEmpty()) {
                    await(batcher.nanosUntilNext(now));
                }
            } finally {
                idle--;
                lock.unlock();
            }
            due.forEach(this::expired);
            if (batch != null) {
                return batch;
            }
        }
    }

    /** Takes those that join a run on its way; see {@link DynamicBatcher#join}. Whoever takes them completes them. */
    public List<InferenceTask> join(BatchKey key, int rowsThere) {
        lock.lock();
        try {
            List<InferenceTask> joining = closed ? List.of() : batcher.join(key, rowsThere, clock.getAsLong());
            if (!joining.isEmpty()) {
                changed.signalAll();
            }
            return joining;
        } finally {
            lock.unlock();
        }
    }

    private void await(long nanos) throws InterruptedException {
        if (nanos == Long.MAX_VALUE) {
            changed.await();
        } else {
            changed.awaitNanos(nanos);
        }
    }

    /**
     * A batch that was taken is over.
     *
     * @param nanos duration of its run, or 0 if it says nothing about the next one
     */
    public void done(Batch<InferenceTask> batch, long nanos) {
        lock.lock();
        try {
            running--;
            batcher.done(batch);
            long now = clock.getAsLong();
            if (nanos > 0 && (!forgot || now - nanos - forgotAt > 0)) {
                outlook.ran(batch.key(), batch.rows(), nanos, now);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on batches are run by something else: what is known of their times is forgotten, also of those that have begun. */
    public void forgetRuns() {
        lock.lock();
        try {
            forgot = true;
            forgotAt = clock.getAsLong();
            outlook.forgetRuns();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a task out of line; false if it is not in it any more. Does not complete it. */
    public boolean remove(InferenceTask task) {
        lock.lock();
        try {
            boolean found = batcher.cancel(task);
            changed.signalAll();
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** Tasks in line. */
    public int size() {
        lock.lock();
        try {
            return batcher.size();
        } finally {
            lock.unlock();
        }
    }

    /** A guess at when a refused request would find room; 0 while run times are not known. */
    public long retryAfterNanos(BatchKey key) {
        lock.lock();
        try {
            long batchesAhead = 1 + batcher.rows() / policy.maxRows();
            return batchesAhead * outlook.runNanos(key, policy.maxRows());
        } finally {
            lock.unlock();
        }
    }

    /** From now on no batch waits for company. */
    public void drain() {
        lock.lock();
        try {
            batcher.drain();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is queued or running. */
    public boolean awaitQuiet(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (batcher.size() > 0 || running > 0) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends {@link #take} for every worker. Returns what was in line, for the caller to complete. */
    public List<InferenceTask> close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            return batcher.removeAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sees to it that the timer fires no later than the next deadline. A timer that fires early does no harm. */
    private void arm(long now) {
        long wait = batcher.nanosUntilExpiry(now);
        if (wait != Long.MAX_VALUE && (!armed || now + wait - armedFor < 0)) {
            armed = true;
            armedFor = now + wait;
            timer.schedule(this::onTimer, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void onTimer() {
        List<InferenceTask> due;
        lock.lock();
        try {
            long now = clock.getAsLong();
            armed = false;
            due = batcher.expire(now);
            if (!closed) {
                arm(now);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        due.forEach(this::expired);
    }

    private void expired(InferenceTask task) {
        long waited = clock.getAsLong() - task.receivedNanos();
        String message = "deadline passed after " + waited / 1_000 + " us in the queue; expected to start within "
                + (task.deadlineNanos() - task.receivedNanos()) / 1_000 + " us";
        task.complete(Outcome.refused(new Refusal(Error.Code.DEADLINE_EXCEEDED, message), Timing.queued(waited)));
    }
}
