package dev.cleave.edge.events;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What runs the segments of a version of the model on this device, and why.
 *
 * @param engine name of the engine of the first segment, {@code onnxruntime} say; empty if the view holds no segment
 * @param segments which engine, of which version and on which execution provider, runs which segments; for people
 * @param why it is that engine, in one line
 * @param refused one line for each engine or execution provider that was to run a segment and does not
 */
public record EngineUse(String engine, String segments, String why, List<String> refused) {
    public EngineUse {
        refused = Collections.unmodifiableList(new ArrayList<>(refused));
    }

    /** In one line, for people. */
    @Override
    public String toString() {
        return segments + ": " + why + (refused.isEmpty() ? "" : "; refused: " + String.join("; ", refused));
    }
}
