package dev.cleave.engine;

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

    /**
     * Prepares a graph for execution.
     *
     * @throws EngineException if the graph is invalid or uses what this engine lacks; the message names the graph
     */
    Session load(GraphSource graph, SessionOptions options) throws EngineException;

    @Override
    void close();
}
