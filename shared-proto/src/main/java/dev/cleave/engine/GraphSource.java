package dev.cleave.engine;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A graph in the engine's own format, and where its external weights lie.
 *
 * <p>{@code weights} and {@code held} map each location that the graph's external tensors may name to what stands for it:
 * the region of a file, or bytes in memory. A location that is in neither, or a tensor that reaches past its region, is
 * refused by the engine: a graph never opens a file of its own choice.
 *
 * @param label what messages call the graph, {@code model.cleave!/graphs/fp32/tail-2.onnx} say
 * @param graph the graph's bytes; shared, not to be changed
 * @param weights regions by the location that the graph uses, empty if all weights are inside
 * @param held direct buffers by location, read from 0 to their limit; shared with the engine and its sessions, not to be
 *     changed
 */
public record GraphSource(
        String label, byte[] graph, Map<String, WeightsRegion> weights, Map<String, ByteBuffer> held) {
    public GraphSource {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(graph, "graph");
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
        held = Collections.unmodifiableMap(new LinkedHashMap<>(held));
        for (Map.Entry<String, ByteBuffer> buffer : held.entrySet()) {
            if (!buffer.getValue().isDirect() || weights.containsKey(buffer.getKey())) {
                throw new IllegalArgumentException(
                        "weights \"" + buffer.getKey() + "\" of " + label + "; expected a direct buffer, or a region");
            }
        }
    }

    /** A graph whose weights are in files. */
    public GraphSource(String label, byte[] graph, Map<String, WeightsRegion> weights) {
        this(label, graph, weights, Collections.emptyMap());
    }

    public GraphSource(String label, byte[] graph) {
        this(label, graph, Collections.emptyMap());
    }
}
