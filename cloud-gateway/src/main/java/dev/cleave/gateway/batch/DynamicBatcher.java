package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Joins waiting requests into batches. A pure state machine: it has no thread, no lock and no clock; its owner guards
 * it, tells it the time, and runs what it returns.
 *
 * <p><b>The problem.</b> A run of <i>n</i> rows costs far less than <i>n</i> runs of one, so it pays to run rows
 * together; but a request that waits for company is late, and the company may never come. The batcher answers one
 * question, asked whenever something has happened: close a batch now, or wait?
 *
 * <p><b>The line.</b> Tasks stand in order of priority, and of arrival within a priority. The first of the whole line
 * <i>leads</i> the next batch, always; so nothing starves within its priority. Those of equal {@link BatchKey} join the
 * leader in their own order until the next one does not fit. Tasks of other keys between them are passed over: they
 * could not run any earlier, and with agents cutting at several points a batch that ended at the first stranger would
 * rarely hold more than one row. A task of several rows is never split.
 *
 * <p><b>Succession.</b> Of tasks that continue each other only the first stands in line, whatever the priority of the others: they wait
 * behind it, are counted, cancelled and expired like the rest, and the next one joins the line when the one before it is over, be it that it
 * was taken out or that its batch is {@link #done}. So no batch holds two of them.
 *
 * <p><b>Close or wait</b>, when an executor is idle and the leader's batch holds <i>r</i> rows:
 *
 * <ol>
 *   <li>{@code FULL}: nothing more fits. Requests that cannot be joined are full by themselves.
 *   <li>{@code DRAIN}: the owner is shutting down.
 *   <li>{@code IDLE}: the {@link BatchOutlook outlook} sees no gain in waiting. That is the default, and not the same
 *       as no batching: whatever arrived while the executor was busy runs together. The batch size finds its own
 *       balance, as a longer run lets more requests gather.
 *   <li>{@code DELAY}: the <i>oldest</i> member (not the latest: a steady trickle must not postpone for ever) has
 *       waited for the outlook's delay.
 *   <li>{@code PREFERRED}: a prefix has exactly a preferred size; the longest such prefix runs, the rest stays.
 *   <li>{@code SHAPE}: others wait that cannot join; waiting would hold up strangers for nothing.
 *   <li>{@code DEADLINE}: a member would miss its deadline, given the expected run time.
 *   <li>Otherwise wait, until {@link #nanosUntilNext} has passed or the next offer.
 * </ol>
 *
 * The semantics of maximum and preferred sizes and of the delay are those of NVIDIA Triton's dynamic batcher (Model
 * Configuration, "Dynamic Batcher"); IDLE, SHAPE and DEADLINE are additions.
 *
 * <p><b>Expiry</b> does not wait for an executor: {@link #expire} gives up tasks at their deadline even while every
 * executor is busy, and a task past its deadline is never put into a batch.
 *
 * <p>Every accepted task comes out exactly once: in a batch, or from {@link #expire}, {@link #cancel} or
 * {@link #removeAll}. All operations are logarithmic in the number of waiting tasks, per task touched.
 */
public final class DynamicBatcher<T extends BatchTask> {
    private final BatchPolicy policy;
    private final BatchOutlook outlook;
    private final Map<Long, Waiting<T>> byId = new HashMap<>();
    private final TreeSet<Waiting<T>> line = new TreeSet<>(Waiting.ORDER_OF_SERVICE);
    private final Map<BatchKey, TreeSet<Waiting<T>>> lineByKey = new HashMap<>();
    private final TreeSet<Waiting<T>> deadlines = new TreeSet<>(Waiting.EARLIEST_DEADLINE);
    private final Successions<T> successions = new Successions<>();
    private final List<T> expired = new ArrayList<>();
    private long arrivals;
    private int rows;
    private boolean draining;

    public DynamicBatcher(BatchPolicy policy, BatchOutlook outlook) {
        this.policy = policy;
        this.outlook = outlook;
    }

    /**
     * Puts a task in line.
     *
     * @return false if the queue is full; the task is then not held
     * @throws IllegalArgumentException if its id is in line already or its rows exceed a batch: both are the caller's to
     *     check
     */
    public boolean offer(T task, long nowNanos) {
        if (task.rows() < 1 || task.rows() > policy.maxRows()) {
            throw new IllegalArgumentException("task of " + task.rows() + " rows; expected 1 to " + policy.maxRows());
        }
        sweep(nowNanos);
        if (byId.size() >= policy.maxQueued()) {
            return false;
        }
        Waiting<T> waiting = new Waiting<>(task, arrivals++, nowNanos);
        if (byId.putIfAbsent(task.id(), waiting) != null) {
            throw new IllegalArgumentException("task " + task.id() + " is in line already");
        }
        if (successions.enter(waiting)) {
            lineUp(waiting);
        }
        if (task.deadlineNanos() != BatchTask.NO_DEADLINE) {
            deadlines.add(waiting);
        }
        rows += task.rows();
        return true;
    }

    private void lineUp(Waiting<T> waiting) {
        line.add(waiting);
        lineByKey
                .computeIfAbsent(waiting.task().batchKey(), key -> new TreeSet<>(Waiting.ORDER_OF_SERVICE))
                .add(waiting);
    }

    /**
     * Closes the next batch, if it is time to. Where tasks continue each other its end is to be told by {@link #done}.
     *
     * @param idleExecutors how many could run a batch at once
     * @return null: wait
     */
    public Batch<T> poll(long nowNanos, int idleExecutors) {
        sweep(nowNanos);
        if (idleExecutors < 1 || line.isEmpty()) {
            return null;
        }
        Forming<T> forming = forming();
        CloseReason reason = closeReason(forming, nowNanos);
        return reason == null ? null : close(forming, reason);
    }

    /** A batch has run, and its tasks are over: those that continue them may run. */
    public void done(Batch<T> batch) {
        for (T task : batch.tasks()) {
            leave(task);
        }
    }

    private void leave(T task) {
        Waiting<T> next = successions.leave(task);
        if (next != null) {
            lineUp(next);
        }
    }

    /** Takes out every task whose deadline has come; each is returned once. */
    public List<T> expire(long nowNanos) {
        sweep(nowNanos);
        List<T> due = List.copyOf(expired);
        expired.clear();
        return due;
    }

    /** Takes a task out of line; null if it is not in it. */
    public T cancel(long id) {
        Waiting<T> waiting = byId.get(id);
        if (waiting == null) {
            return null;
        }
        takeOut(waiting);
        return waiting.task();
    }

    /** Takes out everything, tasks that have expired included. */
    public List<T> removeAll() {
        List<T> all = new ArrayList<>(expired);
        expired.clear();
        List<Waiting<T>> waitingInOrder = new ArrayList<>(byId.values());
        waitingInOrder.sort(Waiting.ORDER_OF_SERVICE);
        for (Waiting<T> waiting : waitingInOrder) {
            takeOut(waiting);
            all.add(waiting.task());
        }
        return all;
    }

    /** From now on no batch waits for company. */
    public void drain() {
        draining = true;
    }

    /**
     * How long, without a further offer, {@link #poll} (given an idle executor) and {@link #expire} have nothing new to
     * say; {@code Long.MAX_VALUE} when the line is empty, 0 when something is due.
     */
    public long nanosUntilNext(long nowNanos) {
        if (line.isEmpty()) {
            return nanosUntilExpiry(nowNanos);
        }
        Forming<T> forming = forming();
        if (closeReason(forming, nowNanos) != null) {
            return 0;
        }
        long untilDelay = forming.oldestNanos + outlook.delayNanos(forming.key, forming.rows) - nowNanos;
        long untilDeadline =
                forming.earliestDeadline == BatchTask.NO_DEADLINE ? Long.MAX_VALUE : latestStart(forming) - nowNanos;
        return Math.max(0, Math.min(nanosUntilExpiry(nowNanos), Math.min(untilDelay, untilDeadline)));
    }

    /** As {@link #nanosUntilNext}, for {@link #expire} alone: what a timer needs while every executor is busy. */
    public long nanosUntilExpiry(long nowNanos) {
        if (!expired.isEmpty()) {
            return 0;
        }
        return deadlines.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(0, deadlines.first().task().deadlineNanos() - nowNanos);
    }

    /** Tasks in line. */
    public int size() {
        return byId.size();
    }

    /** Rows of the tasks in line. */
    public int rows() {
        return rows;
    }

    private Forming<T> forming() {
        BatchKey key = line.first().task().batchKey();
        return new Forming<>(policy, lineByKey.get(key), key);
    }

    private CloseReason closeReason(Forming<T> forming, long nowNanos) {
        if (forming.isFull(policy)) {
            return CloseReason.FULL;
        }
        if (draining) {
            return CloseReason.DRAIN;
        }
        long delay = outlook.delayNanos(forming.key, forming.rows);
        if (delay <= 0) {
            return CloseReason.IDLE;
        }
        if (nowNanos - forming.oldestNanos >= delay) {
            return CloseReason.DELAY;
        }
        if (forming.preferredMembers > 0) {
            return CloseReason.PREFERRED;
        }
        if (lineByKey.size() > 1) {
            return CloseReason.SHAPE;
        }
        boolean late = forming.earliestDeadline != BatchTask.NO_DEADLINE && latestStart(forming) - nowNanos <= 0;
        return late ? CloseReason.DEADLINE : null;
    }

    private long latestStart(Forming<T> forming) {
        return forming.earliestDeadline - outlook.runNanos(forming.key, forming.rows);
    }

    private Batch<T> close(Forming<T> forming, CloseReason reason) {
        int count = reason == CloseReason.PREFERRED ? forming.preferredMembers : forming.members.size();
        List<T> tasks = new ArrayList<>(count);
        int batchRows = 0;
        for (Waiting<T> member : forming.members.subList(0, count)) {
            remove(member);
            tasks.add(member.task());
            batchRows += member.task().rows();
        }
        return new Batch<>(forming.key, tasks, batchRows, reason);
    }

    private void sweep(long nowNanos) {
        while (!deadlines.isEmpty() && deadlines.first().task().deadlineNanos() - nowNanos <= 0) {
            Waiting<T> late = deadlines.first();
            takeOut(late);
            expired.add(late.task());
        }
    }

    /** Out for good, without having run. */
    private void takeOut(Waiting<T> waiting) {
        remove(waiting);
        leave(waiting.task());
    }

    /** Out of line, or from behind another one. */
    private void remove(Waiting<T> waiting) {
        T task = waiting.task();
        byId.remove(task.id());
        if (task.deadlineNanos() != BatchTask.NO_DEADLINE) {
            deadlines.remove(waiting);
        }
        rows -= task.rows();
        if (!line.remove(waiting)) {
            return;
        }
        TreeSet<Waiting<T>> sameKey = lineByKey.get(task.batchKey());
        sameKey.remove(waiting);
        if (sameKey.isEmpty()) {
            lineByKey.remove(task.batchKey());
        }
    }
}
