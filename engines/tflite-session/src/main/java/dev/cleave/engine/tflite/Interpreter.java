package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A native interpreter of one graph, with memory planned for one set of input shapes. Inputs and outputs go by their place
 * in the graph's lists. Used by one thread at a time, except {@link #stop}; what it throws says what went wrong, without
 * the graph's label.
 */
public interface Interpreter extends AutoCloseable {
    /** Plans memory for inputs of these shapes. To be called before the first run, and whenever a shape changes. */
    void resize(List<Shape> inputs) throws EngineException;

    /**
     * Copies whole inputs in, runs the graph.
     *
     * @param inputs direct buffers, from their position to their limit, of exactly the size that the shapes ask
     */
    void run(List<ByteBuffer> inputs) throws EngineException;

    /** Shape of an output of the last run. */
    Shape outputShape(int output) throws EngineException;

    /** Copies an output of the last run to a direct buffer of exactly its size. */
    void read(int output, ByteBuffer target) throws EngineException;

    /** Ends the run in progress after the operator that has started; from any thread, also when nothing runs. */
    void stop();

    /** Forgets {@link #stop}. */
    void unstop();

    /** Frees native memory. */
    @Override
    void close();
}
