package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.List;

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
 *   <li>{@code DELAY}: the batch has waited as long as the outlook says.
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
 * executor is busy, and a task past its deadline is never put into a batch. Deadlines are kept on while their tasks run: {@link #overdue} names those that
 * pass before their run is {@link #done}. That is the same heap, so it costs nothing.
 *
 * <p>Every accepted task comes out exactly once: in a batch, or from {@link #join}, {@link #expire}, {@link #cancel} or
 * {@link #removeAll}. Nothing is allocated for a task: lines and the heap of deadlines are linked through the tasks themselves
 * ({@link BatchTask}). A look takes as many steps as there are kinds of tasks in line and tasks in the batch to be.
 */
public final class DynamicBatcher<T extends BatchTask> {
    private final BatchPolicy policy;
    private final BatchOutlook outlook;
    private final Lanes<T> lanes = new Lanes<>();
    private final Deadlines<T> deadlines = new Deadlines<>();
    private final Successions<T> successions = new Successions<>();
    private final List<T> expired = new ArrayList<>();
    private final List<T> overdue = new ArrayList<>();
    private final Forming<T> forming;
    private long arrivals;
    private int held;
    private int rows;
    private boolean draining;
    /** The lane whose batch could run, since {@link #readyNanos}; null if none could when this was last asked. */
    private Lane<T> ready;

    private long readyNanos;

    public DynamicBatcher(BatchPolicy policy, BatchOutlook outlook) {
        this.policy = policy;
        this.outlook = outlook;
        this.forming = new Forming<>(policy, outlook);
    }

    /**
     * Puts a task in line.
     *
     * @return false if the queue is full; the task is then not held
     * @throws IllegalArgumentException if it is held already or its rows exceed a batch: both are the caller's to check
     */
    public boolean offer(T task, long nowNanos) {
        if (task.rows() < 1 || task.rows() > policy.maxRows()) {
            throw new IllegalArgumentException("task of " + task.rows() + " rows; expected 1 to " + policy.maxRows());
        }
        if (task.isHeld) {
            throw new IllegalArgumentException(task + " is in line already");
        }
        sweep(nowNanos);
        if (held >= policy.maxQueued()) {
            return false;
        }
        held++;
        rows += task.rows();
        task.isHeld = true;
        task.arrival = arrivals++;
        task.enqueuedNanos = nowNanos;
        deadlines.add(task);
        if (successions.enter(task)) {
            lanes.add(task);
        }
        outlook.arrived(task.batchKey(), task.rows(), nowNanos);
        return true;
    }

    /**
     * Closes the next batch, if it is time to. Its end is to be told by {@link #done}.
     *
     * @param idleExecutors how many could run a batch at once
     * @return null: wait
     */
    public Batch<T> poll(long nowNanos, int idleExecutors) {
        sweep(nowNanos);
        Lane<T> leading = idleExecutors < 1 ? null : lanes.leading();
        if (leading != ready) {
            ready = leading;
            readyNanos = nowNanos;
            if (leading != null) {
                outlook.ready(leading.key(), nowNanos);
            }
        }
        if (leading == null) {
            return null;
        }
        forming.look(leading);
        CloseReason reason = closeReason(nowNanos);
        return reason == null ? null : close(reason, nowNanos);
    }

    /**
     * Takes out those that join a run on its way: tasks of a key, in their order, as far as they fit beside rows that are there already and more rows
     * are worth it. None that continues another, as what it continues is given where runs begin. The end of the run is to be told by {@link #done}.
     *
     * @param rowsThere 1 or more
     */
    public List<T> join(BatchKey key, int rowsThere, long nowNanos) {
        sweep(nowNanos);
        Lane<T> lane = lanes.of(key);
        if (lane == null) {
            return List.of();
        }
        int room = outlook.mostRows(key, policy.maxRows()) - rowsThere;
        List<T> joining = new ArrayList<>();
        T next = lane.first();
        long bytes = rowsThere * (next.bytes() / next.rows());
        while (next != null
                && next.succession() == null
                && next.rows() <= room
                && bytes + next.bytes() <= policy.maxBytes()) {
            T behind = lane.behind(next);
            joining.add(next);
            remove(next);
            next.taken(nowNanos);
            room -= next.rows();
            bytes += next.bytes();
            next = behind;
        }
        if (lane == ready && !joining.isEmpty()) {
            ready = null;
        }
        return joining;
    }

    /** Tasks of a batch, or that have joined one, have run and are over: their deadlines are forgotten, and those that continue them may run. */
    public void done(List<T> tasks) {
        for (int i = 0; i < tasks.size(); i++) {
            T task = tasks.get(i);
            if (!overdue.isEmpty()) {
                overdue.remove(task);
            }
            leave(task);
        }
    }

    /** It is over, wherever it was. */
    private void leave(T task) {
        deadlines.remove(task);
        T next = successions.leave(task);
        if (next != null) {
            lanes.add(next);
        }
    }

    /** Takes out every task in line whose deadline has come; each is returned once. */
    public List<T> expire(long nowNanos) {
        sweep(nowNanos);
        return emptied(expired);
    }

    /** Tasks that run, and whose deadline has come; each is returned once, and stays with its run. */
    public List<T> overdue(long nowNanos) {
        sweep(nowNanos);
        return emptied(overdue);
    }

    private static <T> List<T> emptied(List<T> tasks) {
        if (tasks.isEmpty()) {
            return List.of();
        }
        List<T> all = List.copyOf(tasks);
        tasks.clear();
        return all;
    }

    /** Takes a task out of line; false if it is not in it. */
    public boolean cancel(T task) {
        if (!task.isHeld) {
            return false;
        }
        takeOut(task);
        return true;
    }

    /** Takes out everything, tasks that have expired included, those in their order of service behind these. */
    public List<T> removeAll() {
        List<T> all = new ArrayList<>();
        lanes.addAllTo(all);
        successions.addWaitingTo(all);
        all.sort((one, other) -> one.isServedBefore(other) ? -1 : 1);
        all.forEach(this::takeOut);
        all.addAll(0, expired);
        expired.clear();
        return all;
    }

    /** From now on no batch waits for company. */
    public void drain() {
        draining = true;
    }

    /**
     * How long, without a further offer, {@link #poll} (given an idle executor), {@link #expire} and {@link #overdue} have nothing new to
     * say; {@code Long.MAX_VALUE} if nothing will ever be, 0 when something is due.
     */
    public long nanosUntilNext(long nowNanos) {
        Lane<T> leading = lanes.leading();
        if (leading == null) {
            return nanosUntilExpiry(nowNanos);
        }
        forming.look(leading);
        if (closeReason(nowNanos) != null) {
            return 0;
        }
        long untilClose = closeAtNanos(nowNanos) - nowNanos;
        long untilDeadline =
                forming.earliestDeadline == BatchTask.NO_DEADLINE ? Long.MAX_VALUE : latestStart() - nowNanos;
        return Math.max(0, Math.min(nanosUntilExpiry(nowNanos), Math.min(untilClose, untilDeadline)));
    }

    /** As {@link #nanosUntilNext}, for {@link #expire} and {@link #overdue} alone: what a timer needs while every executor is busy. */
    public long nanosUntilExpiry(long nowNanos) {
        if (!expired.isEmpty() || !overdue.isEmpty()) {
            return 0;
        }
        T earliest = deadlines.earliest();
        return earliest == null ? Long.MAX_VALUE : Math.max(0, earliest.deadlineNanos() - nowNanos);
    }

    /** Tasks in line. */
    public int size() {
        return held;
    }

    /** Whether a task could lead the next batch; those that wait behind one that they continue cannot. */
    public boolean hasLeader() {
        return lanes.filled() > 0;
    }

    /** Rows of the tasks in line. */
    public int rows() {
        return rows;
    }

    /** Rows of a key in line that would be served before a newcomer of a priority. */
    public int rowsAhead(BatchKey key, int priority) {
        Lane<T> lane = lanes.of(key);
        return lane == null ? 0 : lane.rowsAhead(priority);
    }

    private CloseReason closeReason(long nowNanos) {
        if (forming.isFull()) {
            return CloseReason.FULL;
        }
        if (draining) {
            return CloseReason.DRAIN;
        }
        long closeAt = closeAtNanos(nowNanos);
        if (closeAt == BatchOutlook.AT_ONCE) {
            return CloseReason.IDLE;
        }
        if (closeAt - nowNanos <= 0) {
            return CloseReason.DELAY;
        }
        if (forming.preferredMembers > 0) {
            return CloseReason.PREFERRED;
        }
        if (lanes.filled() > 1) {
            return CloseReason.SHAPE;
        }
        boolean late = forming.earliestDeadline != BatchTask.NO_DEADLINE && latestStart() - nowNanos <= 0;
        return late ? CloseReason.DEADLINE : null;
    }

    private long closeAtNanos(long nowNanos) {
        long since = forming.lane == ready ? readyNanos : nowNanos;
        return outlook.closeAtNanos(forming.key(), forming.rows, forming.oldestNanos, since, nowNanos);
    }

    private long latestStart() {
        return forming.earliestDeadline - outlook.runNanos(forming.key(), forming.rows);
    }

    private Batch<T> close(CloseReason reason, long nowNanos) {
        ready = null;
        int count = reason == CloseReason.PREFERRED ? forming.preferredMembers : forming.members;
        List<T> tasks = new ArrayList<>(count);
        int batchRows = 0;
        for (T member = forming.lane.first(); tasks.size() < count; member = forming.lane.behind(member)) {
            tasks.add(member);
            batchRows += member.rows();
        }
        Batch<T> batch = new Batch<>(forming.key(), tasks, batchRows, reason);
        for (int i = 0; i < count; i++) { // Where there was no memory for it they would still be in line.
            remove(tasks.get(i));
            tasks.get(i).taken(nowNanos);
        }
        return batch;
    }

    private void sweep(long nowNanos) {
        T earliest = deadlines.earliest();
        while (earliest != null && earliest.deadlineNanos() - nowNanos <= 0) {
            if (earliest.isHeld) {
                expired.add(earliest);
                takeOut(earliest);
            } else {
                overdue.add(earliest);
                deadlines.remove(earliest);
            }
            earliest = deadlines.earliest();
        }
    }

    /** Out for good, without having run. */
    private void takeOut(T task) {
        remove(task);
        leave(task);
    }

    /** Out of line, or from behind another one; its deadline stays. */
    private void remove(T task) {
        task.isHeld = false;
        held--;
        rows -= task.rows();
        if (task.lane != null) {
            lanes.remove(task);
        }
    }
}
