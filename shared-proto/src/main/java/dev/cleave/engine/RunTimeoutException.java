package dev.cleave.engine;

/** A run was ended because its time was up. */
public final class RunTimeoutException extends EngineException {
    private static final long serialVersionUID = 1L;

    public RunTimeoutException(String message) {
        super(message);
    }
}
