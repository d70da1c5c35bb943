package dev.cleave.engine;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A loaded graph. Owns native memory until closed; {@link #run} may be called from several threads at once.
 *
 * <p>Tensors stay the caller's: a session keeps none after {@code run} returns, until one is given back by
 * {@link #recycle}.
 */
public interface Session extends AutoCloseable {
    /** Inputs in the graph's order, without those that are initializers; open dimensions are {@code DYNAMIC}. */
    List<TensorSpec> inputs();

    /** Outputs in the graph's order. */
    List<TensorSpec> outputs();

    /** The execution provider in use, {@code cpu} say. */
    String provider();

    /** One line for each preferred provider that was refused, with the reason; empty if the first choice is in use. */
    List<String> refusedProviders();

    /**
     * Runs the graph.
     *
     * @param inputs a tensor for every input, by name
     * @param pinned tensors that receive the outputs of these names, of exactly the right type and shape; written in
     *     place, without a copy. May be empty
     * @param timeoutNanos the run is ended after this time; 0 for no limit
     * @return every output by name in the graph's order, the pinned ones included; those not pinned are new
     * @throws RunTimeoutException if the time was up
     * @throws EngineException if an input is missing or does not fit (the message names it), or the run failed
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
            throws EngineException;

    /** {@link #run(Map, Map, long)} with nothing pinned and no limit. */
    default Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException {
        return run(inputs, Collections.emptyMap(), 0);
    }

    /**
     * Takes back an output that an earlier run of this session made, and that nobody reads any more: a later run may
     * write into its memory, which is cheaper than new memory. Never an obligation; what is not given back is garbage.
     *
     * @param output the name under which it was made
     */
    default void recycle(String output, Tensor tensor) {}

    /** Ends the session and frees its native memory; a second call does nothing. */
    @Override
    void close();
}
