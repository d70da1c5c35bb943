package dev.cleave.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A graph in the engine's own format, and where its external weights lie.
 *
 * <p>{@code weights} maps each location that the graph's external tensors may name to the region that stands for it. A
 * location that is not in the map, or a tensor that reaches past its region, is refused by the engine: a graph never
 * opens a file of its own choice.
 *
 * @param label what messages call the graph, {@code model.cleave!/graphs/fp32/tail-2.onnx} say
 * @param graph the graph's bytes; shared, not to be changed
 * @param weights regions by the location that the graph uses, empty if all weights are inside
 */
public record GraphSource(String label, byte[] graph, Map<String, WeightsRegion> weights) {
    public GraphSource {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(graph, "graph");
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    public GraphSource(String label, byte[] graph) {
        this(label, graph, Collections.emptyMap());
    }
}
