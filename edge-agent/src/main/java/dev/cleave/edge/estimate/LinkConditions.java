package dev.cleave.edge.estimate;

/**
 * What is known of the link to one gateway, and of that gateway, at one moment. Immutable.
 *
 * @param uplinkNanosPerByte time that a byte of payload takes device to gateway; NaN if unknown
 * @param downlinkNanosPerByte the same gateway to device; NaN if unknown, as it is while replies are small
 * @param rateDeviation standard deviation of the natural logarithm of what a byte of the next frame will take on the
 *     uplink; infinite if unknown
 * @param rttNanos smallest round trip of late; 0 if unknown
 * @param jitterNanos median distance of round trips from it
 * @param queueNanos what requests have lately waited for their batch on the gateway; 0 if unknown
 * @param tailScale time that tails have lately taken over what was planned for them; NaN if unknown
 * @param inFlightBytes not known to have arrived: what the next frame waits behind
 */
public record LinkConditions(
        double uplinkNanosPerByte,
        double downlinkNanosPerByte,
        double rateDeviation,
        long rttNanos,
        long jitterNanos,
        long queueNanos,
        double tailScale,
        long inFlightBytes) {
    /** Beyond this standard deviation (of its natural logarithm) a rate that was known is not known any more. */
    private static final double MOST_DEVIATION = 1;

    /** Nothing was seen yet. */
    public static final LinkConditions UNKNOWN =
            new LinkConditions(Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, 0, 0, 0, Double.NaN);

    /** Of a link with nothing in flight. */
    public LinkConditions(
            double uplinkNanosPerByte,
            double downlinkNanosPerByte,
            double rateDeviation,
            long rttNanos,
            long jitterNanos,
            long queueNanos,
            double tailScale) {
        this(uplinkNanosPerByte, downlinkNanosPerByte, rateDeviation, rttNanos, jitterNanos, queueNanos, tailScale, 0);
    }

    /** 1 for a rate that is certain, 0 for one that was never seen. */
    public double confidence() {
        return 1 / (1 + rateDeviation * rateDeviation);
    }

    /** Whether the rate up was seen, and not so long ago that its standard deviation is above a factor e. */
    public boolean isRateKnown() {
        return rateDeviation <= MOST_DEVIATION && !Double.isNaN(uplinkNanosPerByte);
    }

    public LinkConditions withInFlight(long bytes) {
        return new LinkConditions(
                uplinkNanosPerByte,
                downlinkNanosPerByte,
                rateDeviation,
                rttNanos,
                jitterNanos,
                queueNanos,
                tailScale,
                bytes);
    }
}
