package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/**
 * How long one choice would take over a link, and what it would cost.
 *
 * <pre>
 * remote = head + encode + wait + round trip + bytes up * rate + queue + (decode + tail) * scale + bytes down * rate
 * wait   = bytes in flight * rate, less head and encode, for meanwhile they arrive
 * LOCAL  = head
 * </pre>
 *
 * <p>What is not known counts as nothing. So a choice that could be the best is tried, and known from then on; one that
 * could not be is never tried.
 *
 * @param nanos from now to the answer
 * @param badNanos the same with the link one standard deviation slower than it is taken for
 * @param wireBytes up
 * @param gatewayNanos the request's part of the gateway's time
 * @param known whether nothing of it was counted as nothing for want of knowledge
 */
record Prediction(
        int point, int level, double nanos, double badNanos, double wireBytes, double gatewayNanos, boolean known) {
    static Prediction local(int point, RequestCost cost) {
        return new Prediction(point, 0, cost.headNanos(), cost.headNanos(), 0, 0, cost.isKnown());
    }

    static Prediction remote(int point, int level, RequestCost cost, LinkConditions link) {
        double scale = Double.isNaN(link.tailScale()) ? 1 : link.tailScale();
        double decode = orNothing(cost.decodeNanos()) * scale;
        double tail = orNothing(cost.tailNanos()) * scale;
        double downlink =
                Double.isNaN(link.downlinkNanosPerByte()) ? link.uplinkNanosPerByte() : link.downlinkNanosPerByte();
        double device = cost.headNanos() + orNothing(cost.encodeNanos());
        double wait = Math.max(0, link.inFlightBytes() * link.uplinkNanosPerByte() - device);
        double crossing =
                orNothing(cost.wireBytes() * link.uplinkNanosPerByte()) + orNothing(cost.replyBytes() * downlink);
        double nanos = device + wait + link.rttNanos() + crossing + link.queueNanos() + decode + tail;
        double late = (wait + crossing) * Math.expm1(link.rateDeviation()) + link.jitterNanos();
        return new Prediction(
                point, level, nanos, nanos + late, cost.wireBytes(), decode + tail * cost.batchShare(), cost.isKnown());
    }

    private static double orNothing(double value) {
        return Double.isNaN(value) ? 0 : value;
    }
}
