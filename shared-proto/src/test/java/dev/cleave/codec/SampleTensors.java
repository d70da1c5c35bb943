package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Random;

/** Seeded tensors for tests; equal seeds give equal bytes on every platform. */
final class SampleTensors {
    private SampleTensors() {}

    /** Half zeros, half of {@code 0..amplitude}: what a ReLU leaves. */
    static Tensor relu(ElementType type, Shape shape, float amplitude, long seed) {
        Random random = new Random(seed);
        Tensor tensor = Tensor.allocate(type, shape);
        for (int i = 0; i < tensor.elements(); i++) {
            set(tensor, i, Math.max(0, (random.nextFloat() * 2 - 1) * amplitude));
        }
        return tensor;
    }

    /** Random bytes of any type; bools are 0 or 1, floats are whatever the bits say. */
    static Tensor bits(ElementType type, Shape shape, long seed) {
        Tensor tensor = Tensor.allocate(type, shape);
        byte[] bytes = new byte[tensor.bytes()];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < bytes.length && type == ElementType.BOOL; i++) {
            bytes[i] &= 1;
        }
        tensor.data().put(bytes);
        return tensor;
    }

    static void set(Tensor tensor, int element, double value) {
        ByteBuffer data = tensor.data();
        switch (tensor.type()) {
            case FLOAT32:
                data.putFloat(element * 4, (float) value);
                break;
            case FLOAT64:
                data.putDouble(element * 8, value);
                break;
            case FLOAT16:
                data.putShort(element * 2, HalfFloat.toBinary16((float) value));
                break;
            case BFLOAT16:
                data.putShort(element * 2, HalfFloat.toBfloat16((float) value));
                break;
            default:
                throw new IllegalArgumentException(tensor.toString());
        }
    }

    static double get(Tensor tensor, int element) {
        ByteBuffer data = tensor.data();
        switch (tensor.type()) {
            case FLOAT32:
                return data.getFloat(element * 4);
            case FLOAT64:
                return data.getDouble(element * 8);
            case FLOAT16:
                return HalfFloat.fromBinary16(data.getShort(element * 2));
            case BFLOAT16:
                return HalfFloat.fromBfloat16(data.getShort(element * 2));
            default:
                throw new IllegalArgumentException(tensor.toString());
        }
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static byte[] bytes(Tensor tensor) {
        return bytes(tensor.data());
    }
}
