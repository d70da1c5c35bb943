package dev.cleave.gateway.limit;

import com.netflix.concurrency.limits.limit.AbstractLimit;

/**
 * A limit that lets a line grow as long as its end is served in time: additive increase, multiplicative decrease, at the pace of a queue that runs
 * in batches. Time comes with the samples; guarded by itself, as its base class is.
 *
 * <p><b>In time</b> is what was answered within the target, or within {@link #RUNS} full batches where these are longer. A request that was dropped
 * for its deadline was not.
 *
 * <pre>
 *   late       limit = min(limit, n) * clamp(target / residence, 1/2, 9/10)     n: in the house when it came, itself included
 *   in time    limit + 1 for every {@link #SAMPLES_PER_STEP} of them, while at least half of the limit is in use
 *   always     executors * 2 * rows that pay  &lt;=  limit  &lt;=  most
 * </pre>
 *
 * By Little's law a request that found <i>n</i> others and stayed for <i>R</i> would have stayed for the target behind <i>n</i> * target / <i>R</i>: hence
 * the first line, which gets a limit that was never reached to where it matters in one step. All who came before the limit was lowered
 * are late for the same reason, so they lower it no further. The increase is a tenth for each time that the house is emptied and filled again.
 *
 * <p>The least is one batch in each executor and one behind it: below that, batches would run part empty, and the limit would cost the rows per time that
 * it is to protect. A lone client never meets it.
 */
final class ResidenceLimit extends AbstractLimit {
    /** Answers that take as many full batches are in time, however long that is. */
    static final int RUNS = 8;

    private static final int SAMPLES_PER_STEP = 10;
    private static final double LEAST_FACTOR = 0.5;
    private static final double MOST_FACTOR = 0.9;
    private static final int BATCHES_PER_EXECUTOR = 2;

    private final int executors;
    private final int most;
    private final long targetNanos;
    private final BatchFacts batches;
    private long loweredNanos;
    private int inTime;

    /**
     * @param most requests, which it begins with
     * @param nowNanos on the clock that samples are taken by
     */
    ResidenceLimit(int executors, int most, long targetNanos, BatchFacts batches, long nowNanos) {
        super(most);
        this.executors = executors;
        this.most = most;
        this.targetNanos = targetNanos;
        this.batches = batches;
        this.loweredNanos = nowNanos;
    }

    @Override
    protected int _update(long startNanos, long residenceNanos, int inFlight, boolean dropped) {
        int limit = getLimit();
        long target = Math.max(targetNanos, RUNS * batches.runNanos());
        if (!dropped && residenceNanos <= target) {
            return within(inFlight * 2L >= limit ? raised(limit) : limit);
        }
        if (startNanos - loweredNanos < 0) {
            return within(limit);
        }
        loweredNanos = startNanos + residenceNanos;
        inTime = 0;
        double factor = target / (double) Math.max(1, residenceNanos);
        return within((int) (Math.min(limit, inFlight) * Math.max(LEAST_FACTOR, Math.min(MOST_FACTOR, factor))));
    }

    private int raised(int limit) {
        inTime++;
        if (inTime < SAMPLES_PER_STEP) {
            return limit;
        }
        inTime = 0;
        return limit + 1;
    }

    private int within(int limit) {
        int least = executors * BATCHES_PER_EXECUTOR * batches.rowsThatPay();
        return Math.min(most, Math.max(least, limit));
    }
}
