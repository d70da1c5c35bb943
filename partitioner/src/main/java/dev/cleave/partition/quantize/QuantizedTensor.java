package dev.cleave.partition.quantize;

import java.util.ArrayList;
import java.util.List;

/**
 * How a float tensor is kept as unsigned 8-bit integers: {@code value = scale * (integer - zeroPoint)}.
 *
 * @param name of the tensor in the float model
 * @param integers name of the integers in the quantised model; the same wherever the name was free
 * @param scale larger than 0; in the quantised model's own terms
 * @param zeroPoint 0 .. 255
 * @param channelScales for each index of axis 1 the scale that gives the float model's values; empty where {@code scale}
 *     does, that is, where channels were not multiplied with factors of their own
 */
public record QuantizedTensor(String name, String integers, float scale, int zeroPoint, List<Float> channelScales) {
    public QuantizedTensor {
        channelScales = List.copyOf(channelScales);
    }

    QuantizedTensor(String name, String integers, float scale, int zeroPoint) {
        this(name, integers, scale, zeroPoint, List.of());
    }

    /** The same where the float model's channels were multiplied with these factors. */
    QuantizedTensor dividedBy(float[] factors) {
        List<Float> scales = new ArrayList<>(factors.length);
        for (float factor : factors) {
            scales.add(scale / factor);
        }
        return new QuantizedTensor(name, integers, scale, zeroPoint, scales);
    }
}
