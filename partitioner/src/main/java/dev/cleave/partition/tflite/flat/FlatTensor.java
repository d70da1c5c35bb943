package dev.cleave.partition.tflite.flat;

import dev.cleave.tensor.ElementType;

/**
 * A tensor of the flatbuffer under construction. Immutable.
 *
 * @param extent as it lies in memory
 * @param quantization what its integers stand for; null for a tensor that is no quantised one
 * @param constant its values; null where a node or the caller makes them
 */
public record FlatTensor(String name, ElementType type, Extent extent, Quantization quantization, Constant constant) {
    public FlatTensor named(String other) {
        return new FlatTensor(other, type, extent, quantization, constant);
    }
}
