package dev.cleave.edge.link;

/** Time, and one thread that runs short tasks at a moment; a test puts its own clock here. Thread-safe. */
public interface Scheduler extends AutoCloseable {
    /** Monotonic; only differences mean anything. */
    long nanoTime();

    /**
     * Runs a task once, as soon as {@link #nanoTime()} has reached {@code atNanos}. Tasks never overlap and must not
     * block. After {@link #close} nothing is run.
     */
    Timer schedule(Runnable task, long atNanos);

    @Override
    void close();

    /** A task that waits for its time. */
    interface Timer {
        /** The task does not run unless it has started already; a second call does nothing. */
        void cancel();
    }
}
