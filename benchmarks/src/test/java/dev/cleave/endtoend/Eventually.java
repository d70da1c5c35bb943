package dev.cleave.endtoend;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another process does, and nobody tells. */
final class Eventually {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Something that is not so yet. */
    interface Condition {
        boolean holds() throws Exception;
    }

    private Eventually() {}

    /** Looks until a condition holds, or fails with its description. */
    static void until(String description, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError("not so in time: " + description);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
