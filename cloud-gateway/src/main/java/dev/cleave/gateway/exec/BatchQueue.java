package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchOutlook;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.batch.DynamicBatcher;
import dev.cleave.gateway.limit.BatchFacts;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The threads' side of a {@link DynamicBatcher}: guards it with a lock, tells it the time, parks workers, and ends
 * tasks at their deadline from a timer, be they in line or in a run. Owns the batcher and its outlook. No task is completed while the lock is held.
 */
public final class BatchQueue implements BatchFacts {
    private final ReentrantLock lock = new ReentrantLock();
    /** For workers: there may be something to take. */
    private final Condition work = lock.newCondition();
    /** For those who wait until nothing is queued or running; apart, so that they are never woken in a worker's place. */
    private final Condition fewer = lock.newCondition();

    private final BatchPolicy policy;
    private final BatchOutlook outlook;
    private final DynamicBatcher<InferenceTask> batcher;
    private final DeadlineTimer timer;
    private final LongSupplier clock;
    private final LateTasks late;
    private final Map<Batch<InferenceTask>, Run> running = new IdentityHashMap<>();

    private int idle;
    private volatile int rowsThatPay;
    private volatile long fullRunNanos;
    private boolean draining;
    private boolean closed;
    private boolean forgot;
    private long forgotAt;

    /** A batch on its way. */
    private static final class Run {
        final long sinceNanos;
        List<InferenceTask> joined = List.of();

        Run(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }

        void join(List<InferenceTask> tasks) {
            joined = Stream.concat(joined.stream(), tasks.stream()).toList();
        }
    }

    /** @param timer shared, shut down by its owner after this queue is closed */
    public BatchQueue(BatchPolicy policy, BatchOutlook outlook, ScheduledExecutorService timer, LongSupplier clock) {
        this.policy = policy;
        this.outlook = outlook;
        this.batcher = new DynamicBatcher<>(policy, outlook);
        this.timer = new DeadlineTimer(timer, this::endLate);
        this.clock = clock;
        this.late = new LateTasks(clock);
        this.rowsThatPay = policy.maxRows();
    }

    /**
     * Puts a task in line, unless it could not be answered in time: one that would start at once is always taken, so that what is known of
     * run times is put right by runs.
     *
     * @return whether it was taken; if not, it is still the caller's to complete
     */
    public Offer offer(InferenceTask task) {
        lock.lock();
        try {
            long now = clock.getAsLong();
            task.queuedBehind(batcher.size());
            if (closed || draining) {
                return Offer.CLOSED;
            }
            if (task.deadlineNanos() != BatchTask.NO_DEADLINE && isHopeless(task, now)) {
                return Offer.TOO_LATE;
            }
            if (!batcher.offer(task, now)) {
                return Offer.FULL;
            }
            work.signal();
            arm(now);
            return Offer.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    /** One whose deadline is over is taken, and answered so at once: that is not the load's doing. */
    private boolean isHopeless(InferenceTask task, long now) {
        long left = task.deadlineNanos() - now;
        return left > 0 && left < leastStay(task, now);
    }

    /**
     * What a newcomer's wait and run take at least: what runs must end, then full batches of those of its key before it, then its own. What waits at other points is
     * left out, since it may run beside them or behind.
     *
     * @return 0 if it would start at once, or too little is known
     */
    private long leastStay(InferenceTask task, long now) {
        if (idle > 0 && batcher.size() == 0) {
            return 0;
        }
        BatchKey key = task.batchKey();
        int ahead = batcher.rowsAhead(key, task.priority());
        long own = outlook.leastNanos(key, task.rows());
        if (own == 0 || idle > 0 && ahead == 0) {
            return 0;
        }
        int most = key.joinable() ? outlook.mostRows(key, policy.maxRows()) : 1;
        long batches = ahead / most * outlook.leastNanos(key, most) / Math.max(1, idle + running.size());
        return (idle > 0 ? 0 : leastUntilIdle(now)) + batches + own;
    }

    private long leastUntilIdle(long now) {
        long least = running.isEmpty() ? 0 : Long.MAX_VALUE;
        for (Map.Entry<Batch<InferenceTask>, Run> run : running.entrySet()) {
            Batch<InferenceTask> batch = run.getKey();
            long end = run.getValue().sinceNanos + outlook.leastNanos(batch.key(), batch.rows());
            least = Math.min(least, Math.max(0, end - now));
        }
        return least;
    }

    /**
     * Waits for the next batch. Whoever takes one calls {@link #done} once it has run.
     *
     * @return null once the queue is closed
     */
    public Batch<InferenceTask> take() throws InterruptedException {
        while (true) {
            List<InferenceTask> due;
            List<InferenceTask> overdue;
            Batch<InferenceTask> batch = null;
            lock.lock();
            try {
                idle++;
                long now = clock.getAsLong();
                due = batcher.expire(now);
                overdue = batcher.overdue(now);
                if (!due.isEmpty() || !overdue.isEmpty()) {
                    fewer.signalAll(); // They are told, whatever comes of a look at the others; then that is taken.
                } else if (closed) {
                    return null;
                } else {
                    batch = takeOrWait(now);
                }
            } finally {
                idle--;
                lock.unlock();
            }
            late.endWaiting(due);
            late.endRunning(overdue);
            if (batch != null) {
                return batch;
            }
        }
    }

    /** Null: it is time for another look. */
    private Batch<InferenceTask> takeOrWait(long now) throws InterruptedException {
        Batch<InferenceTask> batch = batcher.poll(now, idle);
        if (batch == null) {
            await(batcher.nanosUntilNext(now));
        } else {
            running.put(batch, new Run(now));
            wakeAnother();
        }
        return batch;
    }

    /**
     * What a batch leaves in line has another leader, about whom nobody has asked: the other idle workers are parked until a moment that was the former
     * leader's. So one of them asks. Where there is none, whoever ends a run does.
     */
    private void wakeAnother() {
        if (idle > 1 && batcher.hasLeader()) {
            work.signal();
        }
    }

    /**
     * Takes those that join a run on its way; see {@link DynamicBatcher#join}. Whoever takes them completes them.
     *
     * @param run that is not {@link #done}
     */
    public List<InferenceTask> join(Batch<InferenceTask> run, BatchKey key, int rowsThere) {
        lock.lock();
        try {
            List<InferenceTask> joining = closed ? List.of() : batcher.join(key, rowsThere, clock.getAsLong());
            if (!joining.isEmpty()) {
                running.get(run).join(joining);
                signalAll();
            }
            return joining;
        } finally {
            lock.unlock();
        }
    }

    private void await(long nanos) throws InterruptedException {
        if (nanos == Long.MAX_VALUE) {
            work.await();
        } else {
            work.awaitNanos(nanos);
        }
    }

    /**
     * A batch that was taken is over, and so are those that have joined it.
     *
     * @param nanos duration of its run, or 0 if it says nothing about the next one
     */
    public void done(Batch<InferenceTask> batch, long nanos) {
        lock.lock();
        try {
            Run run = running.remove(batch);
            batcher.done(batch.tasks());
            batcher.done(run.joined);
            long now = clock.getAsLong();
            if (nanos > 0 && (!forgot || now - nanos - forgotAt > 0)) {
                outlook.ran(batch.key(), batch.rows(), nanos, now);
                rowsThatPay = batch.key().joinable() ? outlook.mostRows(batch.key(), policy.maxRows()) : 1;
                fullRunNanos = outlook.runNanos(batch.key(), rowsThatPay);
            }
        } finally {
            signalAll();
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
            work.signalAll(); // They wait for moments that it knows nothing of any more.
        } finally {
            lock.unlock();
        }
    }

    /** Takes a task out of line; false if it is not in it any more. Does not complete it. */
    public boolean remove(InferenceTask task) {
        lock.lock();
        try {
            boolean found = batcher.cancel(task);
            signalAll();
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

    /** Workers that wait for something to do. */
    int idle() {
        lock.lock();
        try {
            return idle;
        } finally {
            lock.unlock();
        }
    }

    /** Rows beyond which a batch gains nothing, as the latest run has it. */
    @Override
    public int rowsThatPay() {
        return rowsThatPay;
    }

    /** Expected duration of a batch of that many rows, as the latest run has it. */
    @Override
    public long runNanos() {
        return fullRunNanos;
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

    /**
     * From now on nothing is taken in line and no batch waits for company. Once it is quiet, {@link #close} has nothing to refuse.
     */
    public void drain() {
        lock.lock();
        try {
            draining = true;
            batcher.drain();
            signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is queued or running. */
    public boolean awaitQuiet(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (batcher.size() > 0 || !running.isEmpty()) {
                if (left <= 0) {
                    return false;
                }
                left = fewer.awaitNanos(left);
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
            return batcher.removeAll();
        } finally {
            signalAll();
            lock.unlock();
        }
    }

    /** Takes everything out of line, for the caller to complete. */
    List<InferenceTask> removeAll() {
        lock.lock();
        try {
            return batcher.removeAll();
        } finally {
            signalAll();
            lock.unlock();
        }
    }

    private void signalAll() {
        work.signalAll();
        fewer.signalAll();
    }

    /** A task in line or in a run: so there is nothing to arm when a batch is taken. */
    private void arm(long now) {
        long wait = batcher.nanosUntilExpiry(now);
        if (wait != Long.MAX_VALUE) {
            timer.lookBy(now + wait, now);
        }
    }

    private void endLate(long at) {
        List<InferenceTask> due = List.of();
        List<InferenceTask> overdue = List.of();
        lock.lock();
        try {
            if (!timer.begins(at)) {
                return;
            }
            long now = clock.getAsLong();
            try {
                due = batcher.expire(now);
                overdue = batcher.overdue(now);
            } finally { // Whatever came of that: the next ones are due as well.
                arm(now);
            }
        } finally {
            signalAll();
            lock.unlock();
        }
        late.endWaiting(due);
        late.endRunning(overdue);
    }
}
