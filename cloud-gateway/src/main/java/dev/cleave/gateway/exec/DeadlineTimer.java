package dev.cleave.gateway.exec;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at the earliest of many deadlines: what is scheduled for a later one is cancelled, so that there is one at a time, however many deadlines come. Guarded by its
 * owner's lock. A look that comes early does no harm; so there is nothing to do when a deadline is gone.
 */
final class DeadlineTimer {
    private static final Logger LOG = LoggerFactory.getLogger(DeadlineTimer.class);

    private final ScheduledExecutorService threads;
    private final LongConsumer look;
    /** The next look; null: there is none. */
    private Future<?> next;

    private long nextAt;

    /** @param look called without the lock, with the moment that it was meant for; asks {@link #begins} under the lock */
    DeadlineTimer(ScheduledExecutorService threads, LongConsumer look) {
        this.threads = threads;
        this.look = look;
    }

    /** Sees to it that the next look comes no later than a deadline. */
    void lookBy(long deadlineNanos, long nowNanos) {
        if (next != null && deadlineNanos - nextAt >= 0) {
            return;
        }
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        try {
            next = threads.schedule(() -> look.accept(deadlineNanos), deadlineNanos - nowNanos, TimeUnit.NANOSECONDS);
            nextAt = deadlineNanos;
        } catch (RejectedExecutionException closing) {
            LOG.debug("the gateway is closing"); // It refuses whatever is left.
        }
    }

    /**
     * A look begins, after which there is none until {@link #lookBy}.
     *
     * @return false for one that was on its way when it was cancelled for an earlier one
     */
    boolean begins(long atNanos) {
        if (next == null || atNanos != nextAt) {
            return false;
        }
        next = null;
        return true;
    }
}
