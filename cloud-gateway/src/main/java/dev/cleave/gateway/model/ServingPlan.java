package dev.cleave.gateway.model;

import dev.cleave.bundle.BundleException;
import dev.cleave.gateway.config.GatewayConfig;

/**
 * What of a model is loaded, and for which batches: decided once, before anything is. Immutable.
 *
 * @param first the first point that is served
 */
record ServingPlan(ModelSource source, int first, BatchSizes sizes) {
    /** @throws BundleException if this view of a bundle cannot be served */
    static ServingPlan of(GatewayConfig config, ModelSource source) throws BundleException {
        return new ServingPlan(source, FirstPoint.of(source), BatchSizes.of(config, source));
    }
}
