package dev.cleave.cli.daemon.request;

/** Where requests come from. Thread-safe. */
public interface RequestSource {
    /** Takes no more requests. Returns at once; those that were taken go on. */
    void stop();

    /**
     * Waits until everything that was taken is answered.
     *
     * @return false if the time was up first
     */
    boolean awaitIdle(long timeoutNanos) throws InterruptedException;

    /** Ends it, idle or not. */
    void close();
}
