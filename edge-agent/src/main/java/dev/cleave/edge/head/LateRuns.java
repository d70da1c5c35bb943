package dev.cleave.edge.head;

import dev.cleave.edge.policy.LocalStart;

/**
 * Whether a run is worth beginning: one that is expected to end after its deadline takes time from the next, which then is late as
 * well, until every run is begun and none is finished. Pure; time is an argument; not thread-safe, the worker's.
 *
 * <p>A run may begin if what is left of its time is what it is expected to take and twice what runs scatter by, an exponentially weighted moving
 * average of {@code |taken / expected - 1|} with weight 1/8, at most an eighth of the run together. What was never measured may always begin.
 *
 * <p>An expectation that has become too long would never be corrected by runs that do not begin. So one that seems too late begins all the same
 * now and then: once in ten times what it takes, and at once after a run that took a tenth less than expected.
 */
final class LateRuns {
    private static final double WEIGHT = 0.125;
    private static final double SCATTERS = 2;
    private static final double MOST_MARGIN = 0.125;
    private static final double CLEARLY_SHORTER = 0.9;
    private static final int TRIAL_PAUSE = 10;

    private double scatter;
    private boolean tried;
    private long nextTrialNanos;

    /**
     * Asks for a run that would begin now.
     *
     * @param expectedNanos or {@link LocalStart#UNKNOWN}
     * @param leftNanos until its deadline
     */
    boolean mayBegin(long expectedNanos, long leftNanos, long nowNanos) {
        if (expectedNanos == LocalStart.UNKNOWN || expectedNanos * (1 + margin()) <= leftNanos) {
            return true;
        }
        if (tried && nowNanos - nextTrialNanos < 0) {
            return false;
        }
        tried = true;
        nextTrialNanos = nowNanos + TRIAL_PAUSE * expectedNanos;
        return true;
    }

    private double margin() {
        return Math.min(SCATTERS * scatter, MOST_MARGIN);
    }

    /**
     * A run came to its end.
     *
     * @param expectedNanos before it began, or {@link LocalStart#UNKNOWN}
     */
    void ended(long expectedNanos, long takenNanos) {
        if (expectedNanos <= 0) {
            return;
        }
        double ratio = (double) takenNanos / expectedNanos;
        scatter += WEIGHT * (Math.abs(ratio - 1) - scatter);
        if (ratio < CLEARLY_SHORTER) {
            tried = false;
        }
    }
}
