package dev.cleave.gateway.limit;

import com.netflix.concurrency.limits.Limit;
import com.netflix.concurrency.limits.limit.FixedLimit;
import com.netflix.concurrency.limits.limiter.AbstractPartitionedLimiter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many requests of one model may wait or run at a time. Never waits. Thread-safe.
 *
 * <p><b>Priorities.</b> Requests of a priority above 0, and all others, are two partitions. Below the limit there is no difference. At the limit each of
 * the two may still have {@link #RESERVE} of it in the house: whichever has filled it, the other one gets in, and at most so many more are taken in. Who
 * runs first is the queue's to decide, which knows every priority.
 *
 * <p>Threads that ask at the same moment may overrun the limit by their number. The bound that is exact is the queue's.
 */
public final class RequestLimit {
    private static final double RESERVE = 0.2;
    private static final String URGENT = "urgent";
    private static final String NORMAL = "normal";

    /** Null: there is no limit. */
    private final Partitions limiter;

    private RequestLimit(Partitions limiter) {
        this.limiter = limiter;
    }

    /** None at all; nothing is counted. */
    public static RequestLimit none() {
        return new RequestLimit(null);
    }

    /** @param requests 1 or more */
    public static RequestLimit fixed(int requests, LongSupplier clock) {
        return of(FixedLimit.of(requests), clock);
    }

    /**
     * As many as are answered in time; see {@link ResidenceLimit}.
     *
     * @param executors batches that run at a time
     * @param most requests
     * @param target within which a request is to be answered
     */
    public static RequestLimit learned(
            int executors, int most, Duration target, BatchFacts batches, LongSupplier clock) {
        return of(new ResidenceLimit(executors, most, target.toNanos(), batches, clock.getAsLong()), clock);
    }

    private static RequestLimit of(Limit limit, LongSupplier clock) {
        Settings settings = new Settings();
        settings.limit(limit);
        settings.clock(clock::getAsLong);
        settings.partition(URGENT, RESERVE);
        settings.partition(NORMAL, RESERVE);
        settings.partitionResolver(priority -> priority > 0 ? URGENT : NORMAL);
        return new RequestLimit(new Partitions(settings));
    }

    /** The library's, which is abstract in name only. */
    private static final class Partitions extends AbstractPartitionedLimiter<Integer> {
        Partitions(Settings settings) {
            super(settings);
        }
    }

    private static final class Settings extends AbstractPartitionedLimiter.Builder<Settings, Integer> {
        @Override
        protected Settings self() {
            return this;
        }
    }

    /**
     * Takes a place for a request.
     *
     * @param priority higher is served first; 0 is normal
     * @return null: there is none. Else the caller's, to be given back when the request ends
     */
    public Permit acquire(int priority) {
        return limiter == null
                ? Permit.NONE
                : limiter.acquire(priority).map(Permit::new).orElse(null);
    }

    public boolean isThere() {
        return limiter != null;
    }

    /** Requests; 0 where there is no limit. */
    public int limit() {
        return limiter == null ? 0 : limiter.getLimit();
    }

    /** Places that are taken; 0 where there is no limit. */
    public int inFlight() {
        return limiter == null ? 0 : limiter.getInflight();
    }
}
