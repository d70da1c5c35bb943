package dev.cleave.partition.leakage;

import dev.cleave.answer.Values;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/** A tensor's elements as finite floats, row-major. Immutable. */
final class FlatTensor {
    private final long[] dims;
    private final float[] values;
    /** Elements of one index of an axis, by axis. */
    private final int[] strides;

    private FlatTensor(long[] dims, float[] values) {
        this.dims = dims;
        this.values = values;
        strides = new int[dims.length];
        int stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= (int) dims[axis];
        }
    }

    static FlatTensor of(Tensor tensor) {
        float[] values = new float[tensor.elements()];
        if (tensor.type() == ElementType.FLOAT32) {
            tensor.data().asFloatBuffer().get(values);
        } else {
            ByteBuffer data = tensor.data();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Values.get(tensor, data, i);
            }
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = finite(values[i]);
        }
        return new FlatTensor(tensor.shape().dims(), values);
    }

    private static float finite(float value) {
        return Float.isNaN(value) ? 0 : Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
    }

    /**
     * Squared Euclidean distance; where only one tensor has an element, the other's is zero.
     *
     * @param other of the same rank
     */
    double squaredDistance(FlatTensor other) {
        if (dims.length != other.dims.length) {
            throw new IllegalArgumentException("distance between tensors of rank " + dims.length + " and "
                    + other.dims.length + "; expected the same");
        }
        return between(other, 0, 0, 0);
    }

    private double between(FlatTensor other, int axis, int at, int otherAt) {
        if (sameFrom(other, axis)) {
            int count = axis == dims.length ? 1 : (int) dims[axis] * strides[axis];
            return squares(values, at, other.values, otherAt, count);
        }
        double sum = 0;
        for (int i = 0; i < Math.max(dims[axis], other.dims[axis]); i++) {
            int here = at + i * strides[axis];
            int there = otherAt + i * other.strides[axis];
            if (i >= dims[axis]) {
                sum += other.squares(there, other.strides[axis]);
            } else if (i >= other.dims[axis]) {
                sum += squares(here, strides[axis]);
            } else {
                sum += between(other, axis + 1, here, there);
            }
        }
        return sum;
    }

    private boolean sameFrom(FlatTensor other, int axis) {
        for (int i = axis; i < dims.length; i++) {
            if (dims[i] != other.dims[i]) {
                return false;
            }
        }
        return true;
    }

    private double squares(int at, int count) {
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            sum += (double) values[i] * values[i];
        }
        return sum;
    }

    /** Four sums side by side, as one would wait for each addition before the next. */
    private static double squares(float[] a, int at, float[] b, int otherAt, int count) {
        int i = 0;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (; i + 3 < count; i += 4) {
            double d0 = (double) a[at + i] - b[otherAt + i];
            double d1 = (double) a[at + i + 1] - b[otherAt + i + 1];
            double d2 = (double) a[at + i + 2] - b[otherAt + i + 2];
            double d3 = (double) a[at + i + 3] - b[otherAt + i + 3];
            s0 += d0 * d0;
            s1 += d1 * d1;
            s2 += d2 * d2;
            s3 += d3 * d3;
        }
        for (; i < count; i++) {
            double d0 = (double) a[at + i] - b[otherAt + i];
            s0 += d0 * d0;
        }
        return s0 + s1 + s2 + s3;
    }
}
