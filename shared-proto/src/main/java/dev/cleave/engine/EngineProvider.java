package dev.cleave.engine;

/** Service through which an engine module offers its {@link Engine}; listed in {@code META-INF/services}. */
public interface EngineProvider {
    /** Same as {@link Engine#name()}. */
    String name();

    /** Among available engines the highest is taken when none is asked for by name. 5 is usual, 0 is last. */
    int priority();

    /** Null if the engine can run here, else one line that says why not (natives missing, wrong CPU ...). */
    String unavailableReason();

    Engine create() throws EngineException;
}
