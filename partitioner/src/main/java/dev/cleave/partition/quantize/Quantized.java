package dev.cleave.partition.quantize;

import dev.cleave.partition.graph.OnnxModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A model in 8-bit integers, or the model as it was where that is not for it. Immutable.
 *
 * @param model with the same inputs and outputs as the float model
 * @param tensors its activations that are integers, by their name in the float model
 * @param rescaled activations that stayed floats, and whose channels are not of the size that they have in the float model
 */
public record Quantized(
        OnnxModel model, Map<String, QuantizedTensor> tensors, Set<String> rescaled, QuantizeReport report) {
    public Quantized {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        rescaled = Set.copyOf(rescaled);
    }
}
