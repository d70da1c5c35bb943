package dev.cleave.edge.estimate;

/**
 * What is known of the link to one gateway, and of that gateway, at one moment. Immutable.
 *
 * @param uplinkNanosPerByte time that a byte of payload takes device to gateway; NaN if unknown
 * @param downlinkNanosPerByte the same gateway to device; NaN if unknown
 * @param rateDeviation standard deviation of the natural logarithm of {@code uplinkNanosPerByte}; infinite if unknown
 * @param rttNanos smallest round trip of late; 0 if unknown
 * @param jitterNanos mean deviation of round trips from it
 * @param queueNanos what requests have lately waited for their batch on the gateway; 0 if unknown
 * @param tailScale time that tails have lately taken over what was planned for them; NaN if unknown
 */
public record LinkConditions(
        double uplinkNanosPerByte,
        double downlinkNanosPerByte,
        double rateDeviation,
        long rttNanos,
        long jitterNanos,
        long queueNanos,
        double tailScale) {
    /** Nothing was seen yet. */
    public static final LinkConditions UNKNOWN =
            new LinkConditions(Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, 0, 0, 0, Double.NaN);

    /** 1 for a rate that is certain, 0 for one that was never seen. */
    public double confidence() {
        return 1 / (1 + rateDeviation * rateDeviation);
    }
}
