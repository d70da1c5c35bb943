package dev.cleave.edge.policy;

/**
 * When a request that waits for the gateway must be taken up locally to meet its deadline.
 *
 * <p>The latest moment is {@code deadline - estimate - wait - margin}. The wait is for what the worker may be at: a segment
 * cannot be interrupted. The margin is a quarter of the estimate, for the scatter of run times, and at least {@link
 * #MIN_MARGIN_NANOS}, for the timer and the hand-over between threads. While the device has not yet measured itself there is no
 * estimate, and half of the time left is kept for the local run.
 *
 * <p>An estimate made when a request is sent may be wrong by the time it counts: a device that is suddenly busy with something else
 * is slow when the local run begins, too. So whoever waits looks again on the way, each time after half of what is left, and moves the start to an
 * earlier moment, never to a later one. A request that is answered as usual is not looked at once.
 */
public final class LocalStart {
    /** Estimate of a run that was never measured. */
    public static final long UNKNOWN = -1;

    static final long MIN_MARGIN_NANOS = 2_000_000;

    private LocalStart() {}

    /**
     * @param estimateNanos expected duration of the local run, or {@link #UNKNOWN}
     * @param waitNanos until a worker that is busy can begin with it
     * @return the moment to start, never before {@code nowNanos}
     */
    public static long atNanos(long nowNanos, long deadlineNanos, long estimateNanos, long waitNanos) {
        long left = deadlineNanos - nowNanos;
        long reserve = estimateNanos == UNKNOWN ? left / 2 : reserveNanos(estimateNanos, waitNanos);
        return nowNanos + Math.max(0, left - reserve);
    }

    /** When to work out the start again: half-way to it, or, if that is all but now, then. */
    public static long nextLookNanos(long nowNanos, long startNanos) {
        long left = startNanos - nowNanos;
        return left < 2 * MIN_MARGIN_NANOS ? startNanos : nowNanos + left / 2;
    }

    /** Of two moments of a clock. */
    public static long earlier(long oneNanos, long otherNanos) {
        return oneNanos - otherNanos < 0 ? oneNanos : otherNanos;
    }

    /** Time to keep for a local run that is expected to take that long, once it can begin. */
    static long reserveNanos(long estimateNanos, long waitNanos) {
        return estimateNanos + waitNanos + Math.max(estimateNanos / 4, MIN_MARGIN_NANOS);
    }
}
