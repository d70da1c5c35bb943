package dev.cleave.gateway.exec;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import java.util.Map;

/**
 * Runs what comes after a split point: a chain of segments with one copy of the weights for all points, or one session
 * per point for devices where each border costs a copy. Thread-safe.
 */
@FunctionalInterface
public interface Tail {
    /**
     * @param boundary a tensor for every name of the point's boundary; not kept
     * @param limitNanos the run is ended after this time
     * @return at least the outputs that are made after the point
     */
    Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException;
}
