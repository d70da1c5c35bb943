package dev.cleave.gateway.batch;

/**
 * One request as the batcher sees it. What a subclass says of itself is fixed from the moment it is offered.
 *
 * <p>It also carries its own place in line, so that a batcher allocates nothing for a task: what lines and heaps would keep in nodes of their own
 * stands in these fields, which belong to the batcher that holds the task, and to its guard. A task is in at most one batcher.
 */
public abstract class BatchTask {
    /** A {@link #deadlineNanos()} that never comes. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Whether a batcher holds it, be it in line or behind one that it continues. */
    boolean isHeld;
    /** The line it stands in; null: it runs, or waits behind one that it continues. */
    Lane<?> lane;

    BatchTask ahead;
    BatchTask behind;
    /** Its number among all that were put in line. */
    long arrival;

    long enqueuedNanos;
    private long takenNanos;
    /** Its place among the deadlines; -1: none. */
    int deadlinePlace = -1;

    public abstract BatchKey batchKey();

    /** Rows along the batch dimension, at least 1. They stay together: a task is never split. */
    public abstract int rows();

    /** Size of the decoded tensors in bytes. */
    public abstract long bytes();

    /** Higher is served first; 0 is normal. */
    public abstract int priority();

    /** On the clock that the batcher is told, or {@link #NO_DEADLINE}. */
    public abstract long deadlineNanos();

    /**
     * What it shares with those that it may neither overtake nor run beside, as it takes what they leave: the same object, by identity.
     * Null: it depends on no other.
     */
    public Object succession() {
        return null;
    }

    /** It leaves its line for a run. */
    final void taken(long nowNanos) {
        takenNanos = nowNanos;
    }

    /** When it left its line for a run; of no meaning before that. */
    public final long takenNanos() {
        return takenNanos;
    }

    /** Higher priority first, then first come. */
    final boolean isServedBefore(BatchTask other) {
        return priority() != other.priority() ? priority() > other.priority() : arrival < other.arrival;
    }
}
