package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import java.io.IOException;

/** Loads graphs of a bundle onto a device. */
interface GraphLoader {
    /**
     * @param graph {@code segment-2}, say
     * @return the caller's to close
     * @throws IOException if the bundle does not hold it
     */
    Session load(String precision, String graph) throws EngineException, IOException;
}
