package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.EngineException;
import java.io.IOException;

/** The agent, as its updates see it. */
public interface BundleHost {
    /**
     * Loads a bundle, and has requests that begin from some moment on answered by it; those that began before end as they
     * began. That moment comes when the new version has a way to the gateway, or after some seconds; at once where the version
     * before has none either. Takes as long as loading takes.
     *
     * @param inUse run once at that moment, on any thread; never if the agent is closed meanwhile
     * @throws IOException if it cannot be read, or is not trusted
     * @throws EngineException if a segment does not load
     * @throws IllegalArgumentException if it does not go with the agent's settings; one line
     */
    void use(Bundle bundle, Runnable inUse) throws IOException, EngineException;

    /** The same, but as soon as it is loaded: there is nothing to lose. */
    void useAtOnce(Bundle bundle, Runnable inUse) throws IOException, EngineException;

    /** Whether a gateway serves the version in use just now. */
    boolean isLinked();

    /** Whether the version in use can answer nothing just now: no gateway serves it, and the device cannot do without. */
    boolean isStranded();
}
