package dev.cleave.partition.quantize;

import dev.cleave.partition.graph.OnnxModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model in 8-bit integers, or the model as it was where that is not for it. Immutable.
 *
 * @param model with the same inputs and outputs as the float model
 * @param tensors its activations that are integers, by their name in the float model
 */
public record Quantized(OnnxModel model, Map<String, QuantizedTensor> tensors, QuantizeReport report) {
    public Quantized {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }
}
