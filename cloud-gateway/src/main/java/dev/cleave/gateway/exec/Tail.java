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
    /** Lets rows join a run at a later point than it began at; called on the run's thread. */
    interface Border {
        /**
         * @param crossing what crosses the point
         * @return the same, or tensors of the same names with more rows
         */
        Map<String, Tensor> at(int point, Map<String, Tensor> crossing);
    }

    /**
     * How many rows to run in place of so many, where rows are independent: as many, or more if a run of more is faster. What the further
     * rows hold is of no consequence.
     *
     * @param rows at least 1
     */
    default int rowsToRun(int point, int rows) {
        return rows;
    }

    /**
     * @param boundary a tensor for every name of the point's boundary; not kept
     * @param limitNanos the run is ended after this time
     * @return at least the outputs that are made after the point
     */
    Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException;

    /**
     * The same, asking at every point that the run comes by; tails that come by none never ask.
     *
     * @return outputs of as many rows as there were at the last point
     */
    default Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Border border)
            throws EngineException {
        return run(point, boundary, limitNanos);
    }
}
