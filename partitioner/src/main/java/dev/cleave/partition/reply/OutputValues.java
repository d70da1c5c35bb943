package dev.cleave.partition.reply;

import dev.cleave.answer.Values;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/** What the samples tell of one floating-point output: its range, and whether halves hold it. One thread. */
final class OutputValues {
    /** Of the largest magnitude of the tensor. Halves are off by 2^-11 of each value, while they are in range. */
    private static final double TOLERANCE = 1e-3;

    private boolean halvesHold = true;
    private float low = Float.POSITIVE_INFINITY;
    private float high = Float.NEGATIVE_INFINITY;

    void observe(Tensor tensor) {
        ByteBuffer data = tensor.data();
        double magnitude = 0;
        double error = 0;
        for (int i = 0; i < tensor.elements(); i++) {
            float value = (float) Values.get(tensor, data, i);
            float half = HalfFloat.fromBinary16(HalfFloat.toBinary16(value));
            if (Float.isNaN(value) || Float.isInfinite(half)) {
                halvesHold = false;
            }
            if (Float.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
                magnitude = Math.max(magnitude, Math.abs(value));
                error = Math.max(error, Math.abs(value - half));
                halvesHold &= half == value || value != Math.rint(value);
            }
        }
        halvesHold &= error <= TOLERANCE * magnitude;
    }

    /**
     * Whether every value seen survives as a half: finite, within 0.1 % of the largest magnitude beside it, and unchanged
     * if it is a whole number, which may be an index or a count.
     */
    boolean halvesHold() {
        return halvesHold;
    }

    /** Whether there was a finite value. */
    boolean hasRange() {
        return low <= high;
    }

    float low() {
        return low;
    }

    float high() {
        return high;
    }
}
