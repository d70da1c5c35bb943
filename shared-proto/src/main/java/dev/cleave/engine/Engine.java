package dev.cleave.engine;

import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A library that executes graphs. Thread-safe; one per process is enough. Found through {@link EngineProvider}.
 *
 * <p>Closing an engine while sessions of it are open is an error of the caller.
 */
public interface Engine extends AutoCloseable {
    /** {@code onnxruntime}, {@code tflite}, {@code fake}: the name that {@code --engine} takes. */
    String name();

    /** Version of the library, for profiles and reports. */
    String version();

    /** The only format of graphs that {@link #load} takes. */
    default GraphFormat format() {
        return GraphFormat.ONNX;
    }

    /**
     * Whether any graph at all could have an execution provider on this machine. A graph may still be refused.
     *
     * @param provider as in {@link SessionOptions#providers()}
     * @return null, or one line that says why not
     */
    default String unavailableReason(String provider) {
        return provider.equals("cpu") ? null : "engine " + name() + " has only cpu";
    }

    /**
     * Prepares a graph for execution.
     *
     * @throws EngineException if the graph is invalid or uses what this engine lacks; the message names the graph
     */
    Session load(GraphSource graph, SessionOptions options) throws EngineException;

    /**
     * Runs a graph a few times, after runs that are not counted, and tells how long each operator took. Optimised as in
     * use, so that operators are those that the engine made of the graph's. Being watched costs time: shares are good,
     * sums too large.
     *
     * @param runs at least 1
     * @return for each run the operators in the order in which they ran, without those inside bodies
     * @throws EngineException if this engine does not tell, or the graph cannot be loaded or run
     */
    default List<List<OperatorTime>> profile(
            GraphSource graph, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        throw new EngineException(graph.label() + ": engine " + name() + " does not tell the times of operators");
    }

    @Override
    void close();
}
