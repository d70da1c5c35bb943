package dev.cleave.answer;

import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/** Reads any tensor as doubles, and compares two of them. */
public final class Values {
    private Values() {}

    /** The element as a double; 64-bit integers above 2^53 are rounded. */
    public static double get(Tensor tensor, ByteBuffer data, int index) {
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(index * 4);
            case FLOAT64 -> data.getDouble(index * 8);
            case FLOAT16 -> HalfFloat.fromBinary16(data.getShort(index * 2));
            case BFLOAT16 -> HalfFloat.fromBfloat16(data.getShort(index * 2));
            case INT8 -> data.get(index);
            case UINT8, BOOL -> data.get(index) & 0xff;
            case INT16 -> data.getShort(index * 2);
            case UINT16 -> data.getShort(index * 2) & 0xffff;
            case INT32 -> data.getInt(index * 4);
            case UINT32 -> data.getInt(index * 4) & 0xffffffffL;
            case INT64 -> data.getLong(index * 8);
            case UINT64 -> {
                long bits = data.getLong(index * 8);
                yield bits >= 0 ? bits : (bits >>> 1) * 2.0;
            }
        };
    }

    /** Index of the largest element, the first of equals; -1 if the tensor is empty or all NaN. */
    public static int argmax(Tensor tensor) {
        ByteBuffer data = tensor.data();
        int best = -1;
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < tensor.elements(); i++) {
            double value = get(tensor, data, i);
            if (value > largest || best < 0 && value == largest) {
                largest = value;
                best = i;
            }
        }
        return best;
    }

    /** Index of the first NaN; -1 if there is none. */
    public static int firstNaN(Tensor tensor) {
        ByteBuffer data = tensor.data();
        for (int i = 0; tensor.type().isFloating() && i < tensor.elements(); i++) {
            if (Double.isNaN(get(tensor, data, i))) {
                return i;
            }
        }
        return -1;
    }

    public static boolean bitEqual(Tensor a, Tensor b) {
        return a.type() == b.type() && a.shape().equals(b.shape()) && a.data().equals(b.data());
    }

    /** Euclidean norm of the difference over that of the expectation; infinite if shapes differ. */
    public static double relativeL2(Tensor actual, Tensor expected) {
        if (!actual.shape().equals(expected.shape())) {
            return Double.POSITIVE_INFINITY;
        }
        ByteBuffer a = actual.data();
        ByteBuffer b = expected.data();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.elements(); i++) {
            double x = get(actual, a, i);
            double y = get(expected, b, i);
            difference += (x - y) * (x - y);
            norm += y * y;
        }
        return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-6);
    }

    /**
     * The largest absolute difference, and the largest absolute value of the expectation. NaN against NaN and an
     * infinity against the same infinity are equal; NaN against anything else, or another shape, is infinitely wrong.
     */
    public static Difference difference(Tensor actual, Tensor expected) {
        if (actual.type() != expected.type() || !actual.shape().equals(expected.shape())) {
            return new Difference(Double.POSITIVE_INFINITY, 0);
        }
        ByteBuffer a = actual.data();
        ByteBuffer b = expected.data();
        double worst = 0;
        double scale = 0;
        for (int i = 0; i < expected.elements(); i++) {
            double x = get(actual, a, i);
            double y = get(expected, b, i);
            if (Double.compare(x, y) != 0) {
                double apart = Math.abs(x - y);
                worst = Math.max(worst, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
            }
            if (Double.isFinite(y)) {
                scale = Math.max(scale, Math.abs(y));
            }
        }
        return new Difference(worst, scale);
    }

    /** A tensor's error: {@code maxAbs} and, beside it, the largest magnitude expected. */
    public record Difference(double maxAbs, double magnitude) {
        /** {@code max|a-b| / max(max|b|, 1e-6)}. */
        public double relative() {
            return maxAbs / Math.max(magnitude, 1e-6);
        }
    }
}
