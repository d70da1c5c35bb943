package dev.cleave.partition.shape;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * How far two tensors of one type and shape are apart: {@code max|a-b| / max(max|b|, 1e-6)} for floating types, for
 * others the same over their integer values, so that 0 means equal. NaN equals NaN, infinities equal themselves.
 */
public final class Agreement {
    private static final double SMALLEST_SCALE = 1e-6;

    private Agreement() {}

    /** The relative error of {@code actual}; infinite if types or shapes differ, or only one has a NaN somewhere. */
    public static double relativeError(Tensor actual, Tensor expected) {
        if (actual.type() != expected.type() || !actual.shape().equals(expected.shape())) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        double scale = SMALLEST_SCALE;
        ByteBuffer a = actual.data();
        ByteBuffer b = expected.data();
        for (int i = 0; i < expected.elements(); i++) {
            double x = value(a, expected.type(), i);
            double y = value(b, expected.type(), i);
            if (Double.compare(x, y) != 0) {
                double apart = Math.abs(x - y);
                worst = Double.isNaN(apart) ? Double.POSITIVE_INFINITY : Math.max(worst, apart);
            }
            if (Double.isFinite(y)) {
                scale = Math.max(scale, Math.abs(y));
            }
        }
        return worst / scale;
    }

    private static double value(ByteBuffer data, ElementType type, int i) {
        int at = i * type.bytes();
        return switch (type) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            case FLOAT16 -> half(data.getShort(at));
            case BFLOAT16 -> Float.intBitsToFloat(data.getShort(at) << 16);
            case INT8 -> data.get(at);
            case UINT8, BOOL -> data.get(at) & 0xFF;
            case INT16 -> data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xFFFF;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xFFFFFFFFL;
            case INT64, UINT64 -> data.getLong(at);
        };
    }

    private static double half(short bits) {
        int exponent = bits >>> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double magnitude = exponent == 0
                ? fraction * 0x1p-24
                : exponent == 31
                        ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                        : (1 + fraction * 0x1p-10) * Math.pow(2, exponent - 15);
        return bits < 0 ? -magnitude : magnitude;
    }
}
