package dev.cleave.codec;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Objects;

/**
 * One tensor of a boundary, in the terms of the model as it was given.
 *
 * @param spec its shape has {@code BATCH} on axis 0 where rows of several requests may be joined
 * @param quantized the integer form where the INT8 graphs use one, or null
 */
public record BoundaryTensor(TensorSpec spec, Quantization quantized) {
    public BoundaryTensor {
        Objects.requireNonNull(spec, "spec");
    }

    /** The tensor as declared: as it is, or what its integers stand for if it has the integer form. */
    public Tensor real(Tensor given) {
        boolean isInteger = quantized != null && given.type() == quantized.type();
        return isInteger ? new IntegerForm(spec, quantized).toFloats(given) : given;
    }
}
