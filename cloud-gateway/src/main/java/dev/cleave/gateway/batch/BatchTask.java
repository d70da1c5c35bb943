package dev.cleave.gateway.batch;

/** One request as the batcher sees it; all values are fixed from the moment it is offered. */
public interface BatchTask {
    /** A {@link #deadlineNanos()} that never comes. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /** Unique among the tasks of one batcher. */
    long id();

    BatchKey batchKey();

    /** Rows along the batch dimension, at least 1. They stay together: a task is never split. */
    int rows();

    /** Size of the decoded tensors in bytes. */
    long bytes();

    /** Higher is served first; 0 is normal. */
    int priority();

    /** On the clock that the batcher is told, or {@link #NO_DEADLINE}. */
    long deadlineNanos();

    /**
     * What it shares with those that it may neither overtake nor run beside, as it takes what they leave: the same object, by identity.
     * Null: it depends on no other.
     */
    default Object succession() {
        return null;
    }
}
