package dev.cleave.engine;

/** A graph could not be loaded or run. The message is one line that names the graph and what is wrong with it. */
public class EngineException extends Exception {
    private static final long serialVersionUID = 1L;

    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
