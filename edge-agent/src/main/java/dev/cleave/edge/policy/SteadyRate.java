package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/**
 * The rates that a policy goes by, so that it does not follow every wobble of their estimate: means of the estimate over
 * about a second, and the estimate itself as soon as it is too far off to be a wobble. Pure; time is an argument; not
 * thread-safe.
 *
 * <p>An estimate that wanders by a tenth around a rate at which two points cost the same would otherwise change the point
 * now and then, whatever the margin: of many frames some are far out. A link that has really changed is far out at once and
 * stays so.
 */
final class SteadyRate {
    /** Too far off, in standard deviations of the difference between the estimate and the mean. */
    static final double STEP = 5;

    /** Bounds of what an estimate is taken to be off by, in the natural logarithm, whatever it says of itself. */
    static final double LEAST_DEVIATION = 0.05;

    static final double MOST_DEVIATION = 0.1;
    private static final double WINDOW_NANOS = 1e9;

    private final Mean up = new Mean();
    private final Mean down = new Mean();
    private long heardNanos;

    /** The conditions with steady rates. Rates that are not known stay so. */
    LinkConditions follow(LinkConditions link, long nowNanos) {
        double deviation = Math.max(LEAST_DEVIATION, Math.min(link.rateDeviation(), MOST_DEVIATION));
        double weight = -Math.expm1(-(nowNanos - heardNanos) / WINDOW_NANOS);
        heardNanos = nowNanos;
        return new LinkConditions(
                Math.exp(up.follow(Math.log(link.uplinkNanosPerByte()), deviation, weight)),
                Math.exp(down.follow(Math.log(link.downlinkNanosPerByte()), deviation, weight)),
                link.rateDeviation(),
                link.rttNanos(),
                link.jitterNanos(),
                link.queueNanos(),
                link.tailScale(),
                link.inFlightBytes());
    }

    /** At first of all estimates since the last step, then of those of about a second. */
    private static final class Mean {
        private double mean = Double.NaN;
        /** How many estimates it is worth. */
        private double worth;

        double follow(double estimate, double deviation, double leastWeight) {
            double off = estimate - mean;
            if (!(Math.abs(off) <= STEP * deviation * Math.sqrt(1 + 1 / worth))) {
                mean = estimate;
                worth = 1;
            } else {
                worth = Math.min(worth + 1, 1 / leastWeight);
                mean += off / worth;
            }
            return mean;
        }
    }
}
