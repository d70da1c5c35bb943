package dev.cleave.gateway.trial;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Inputs that many models accept, of which only types and shapes are known: floats are normal with mean 0 and deviation 1,
 * 8-bit types take any value, wider integers are 0 or 1, which are valid as indices of nearly any table, and an input whose
 * name speaks of a mask is all ones. The same seed gives the same tensors. One thread.
 */
final class MadeUpInputs {
    private final RandomGenerator random;

    MadeUpInputs(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /**
     * One row.
     *
     * @param size of open dimensions but the first, which is 1
     */
    Map<String, Tensor> row(List<TensorSpec> inputs, long size) {
        Map<String, Tensor> row = new LinkedHashMap<>();
        for (TensorSpec input : inputs) {
            Shape shape = input.shape();
            for (int axis = 0; axis < shape.rank(); axis++) {
                shape = shape.dim(axis) >= 0 ? shape : shape.withDim(axis, axis == 0 ? 1 : size);
            }
            boolean mask = input.name().toLowerCase(Locale.ROOT).contains("mask");
            row.put(input.name(), tensor(input.type(), shape, mask));
        }
        return row;
    }

    private Tensor tensor(ElementType type, Shape shape, boolean ones) {
        Tensor tensor = Tensor.allocate(type, shape);
        ByteBuffer data = tensor.data();
        for (int i = 0; i < tensor.elements(); i++) {
            put(data, i * type.bytes(), type, ones ? 1 : value(type));
        }
        return tensor;
    }

    private double value(ElementType type) {
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> random.nextGaussian();
            case UINT8, INT8 -> random.nextInt(256);
            default -> random.nextInt(2);
        };
    }

    private static void put(ByteBuffer data, int at, ElementType type, double value) {
        switch (type) {
            case FLOAT32 -> data.putFloat(at, (float) value);
            case FLOAT64 -> data.putDouble(at, value);
            case FLOAT16 -> data.putShort(at, HalfFloat.toBinary16((float) value));
            case BFLOAT16 -> data.putShort(at, HalfFloat.toBfloat16((float) value));
            case INT8, UINT8, BOOL -> data.put(at, (byte) (long) value);
            case INT16, UINT16 -> data.putShort(at, (short) value);
            case INT32, UINT32 -> data.putInt(at, (int) value);
            case INT64, UINT64 -> data.putLong(at, (long) value);
        }
    }
}
