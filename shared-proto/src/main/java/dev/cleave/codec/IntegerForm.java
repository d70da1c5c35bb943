package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;

/** The integers that an INT8 head makes of a boundary tensor, and the floats they stand for. Immutable, thread-safe. */
final class IntegerForm {
    private final ElementType floats;
    private final TensorSpec spec;
    private final ElementType type;
    private final int axis;
    private final float[] scale;
    private final int[] zeroPoint;

    /** @throws IllegalArgumentException if the tensor is no float, or its axis has another size than there are scales */
    IntegerForm(TensorSpec floats, Quantization quantization) {
        this.floats = floats.type();
        this.spec = new TensorSpec(floats.name(), quantization.type(), floats.shape());
        this.type = quantization.type();
        this.axis = quantization.axis();
        int scales = quantization.scale().size();
        boolean fits = axis == Quantization.PER_TENSOR
                ? scales == 1
                : axis >= 0 && axis < floats.shape().rank() && floats.shape().dim(axis) == scales;
        if (!floats.type().isFloating() || !fits || quantization.zeroPoint().size() != scales) {
            throw new IllegalArgumentException(EncodedTensor.named(floats) + " of " + floats.type() + floats.shape()
                    + " with " + scales + " scales of integers on axis " + axis);
        }
        this.scale = new float[scales];
        this.zeroPoint = new int[scales];
        for (int i = 0; i < scales; i++) {
            scale[i] = quantization.scale().get(i);
            zeroPoint[i] = quantization.zeroPoint().get(i);
        }
    }

    /** Of the integer tensor. */
    TensorSpec spec() {
        return spec;
    }

    ElementType type() {
        return type;
    }

    /** Of the scales; -1: there is one. */
    int axis() {
        return axis;
    }

    int scales() {
        return scale.length;
    }

    /** What a dequantizing operator gives: the difference is exact, the product is rounded once. */
    float value(int integer, int index) {
        return (integer - zeroPoint[index]) * scale[index];
    }

    /** What the integers stand for, in the declared type. */
    Tensor toFloats(Tensor integers) {
        Shape shape = integers.shape();
        Tensor real = Tensor.allocate(floats, shape);
        AxisRuns runs = new AxisRuns(shape, axis, scale.length);
        FloatBlocks blocks = new FloatBlocks(real);
        float[] block = new float[FloatBlocks.SIZE];
        ByteBuffer data = integers.data();
        for (int from = 0; from < integers.elements(); from += block.length) {
            int count = Math.min(block.length, integers.elements() - from);
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                for (int j = i; j < i + run; j++) {
                    block[j] = value(next(data), runs.index());
                }
            }
            blocks.write(block, count);
        }
        return real;
    }

    private int next(ByteBuffer data) {
        switch (type) {
            case UINT8:
                return data.get() & 0xff;
            case INT8:
                return data.get();
            case UINT16:
                return data.getShort() & 0xffff;
            default:
                return data.getShort();
        }
    }
}
