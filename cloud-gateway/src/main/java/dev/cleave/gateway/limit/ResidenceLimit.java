package dev.cleave.gateway.limit;

import com.netflix.concurrency.limits.limit.AbstractLimit;

/**
 * A limit that lets a line grow as long as its end is served in time: additive increase, multiplicative decrease, at the pace of a queue that runs
 * in batches. Time comes with the samples; guarded by itself, as its base class is.
 *
 * <p><b>Late</b> is what stayed for longer than the target, and than {@link #RUNS} full batches, whether it was answered or dropped. A request that was
 * dropped earlier had less time than that: it says nothing of the line.
 *
 * <pre>
 *   late       limit = min(limit, n) * clamp(target / residence, 1/2, 9/10)     n: in the house when it came, itself included
 *   in time    limit + 1 for every {@link #SAMPLES_PER_STEP} of them, while at least half of the limit is in use
 *   always     executors * 2 * rows that pay  &lt;=  limit  &lt;=  most
 * </pre>
 *
 * By Little's law a request that found <i>n</i> others and stayed for <i>R</i> would have stayed for the target behind <i>n</i> * target / <i>R</i>: hence
 * the first line, which gets a limit that was never reached to where it matters in one step. The increase is a tenth for each time that the house is emptied
 * and filled again.
 *
 * <p><b>Once is a stall, twice is a line.</b> A pause of the machine makes everybody late who is there, and says nothing of how many there may be. So the
 * first who is late is only remembered; the limit is lowered if one who came after that is late as well, with nobody in time in between. All who came before
 * it was lowered are late for the same reason, and lower it no further. Who shared the house with no more than the least number does not lower it.
 *
 * <p>The least is one batch in each executor and one behind it: below that, batches would run part empty, and the limit would cost the rows per time that
 * it is to protect. Who has one request in flight never meets it.
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
    /** When somebody was late who had not been there before: those who had come by then say no more. */
    private long lateNanos;
    /** Whether nobody has been in time since. */
    private boolean isLate;

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
        this.lateNanos = nowNanos;
    }

    @Override
    protected int _update(long startNanos, long residenceNanos, int inFlight, boolean dropped) {
        int limit = getLimit();
        long target = Math.max(targetNanos, RUNS * batches.runNanos());
        boolean isNews = startNanos - lateNanos >= 0;
        if (residenceNanos <= target) {
            isLate &= !isNews || dropped;
            return within(!dropped && inFlight * 2L >= limit ? raised(limit) : limit);
        }
        if (!isNews || inFlight <= least()) {
            return within(limit);
        }
        boolean again = isLate;
        isLate = true;
        lateNanos = startNanos + residenceNanos;
        inTime = 0;
        return within(again ? lowered(Math.min(limit, inFlight), target / (double) residenceNanos) : limit);
    }

    private static int lowered(int requests, double factor) {
        return (int) (requests * Math.max(LEAST_FACTOR, Math.min(MOST_FACTOR, factor)));
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
        return Math.min(most, Math.max(least(), limit));
    }

    private int least() {
        return executors * BATCHES_PER_EXECUTOR * batches.rowsThatPay();
    }
}
