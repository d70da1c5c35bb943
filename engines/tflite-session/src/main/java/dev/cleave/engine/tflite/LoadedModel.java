package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;

/** A graph in native memory, of which interpreters are made. Thread-safe. */
public interface LoadedModel extends AutoCloseable {
    /**
     * A new interpreter, not yet resized.
     *
     * @throws EngineException saying why there can be none, without the graph's label
     */
    Interpreter newInterpreter() throws EngineException;

    /** Frees native memory; to be called when all interpreters are closed. */
    @Override
    void close();
}
