package dev.cleave.edge.policy;

/**
 * What one request costs at one point and level, whatever the link. NaN is what is not known; all but the head is 0 at
 * LOCAL.
 *
 * @param headNanos on the device, preparing the inputs included, as far as it is known; all of the model at LOCAL
 * @param headKnown whether it is known of every segment
 * @param encodeNanos on the device
 * @param wireBytes up
 * @param replyBytes down
 * @param decodeNanos on the gateway as planned
 * @param tailNanos on the gateway as planned: of the batch in which the request is
 * @param batchShare the request's part of that batch, by rows
 */
record RequestCost(
        double headNanos,
        boolean headKnown,
        double encodeNanos,
        double wireBytes,
        double replyBytes,
        double decodeNanos,
        double tailNanos,
        double batchShare) {
    static RequestCost local(double headNanos, boolean headKnown) {
        return new RequestCost(headNanos, headKnown, 0, 0, 0, 0, 0, 0);
    }

    boolean isKnown() {
        return headKnown && !Double.isNaN(encodeNanos + wireBytes + replyBytes + decodeNanos + tailNanos);
    }
}
