package dev.cleave.partition.reply;

import dev.cleave.answer.Values;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/** What the samples tell of one floating-point output: its range, and whether halves hold it and the answers. One thread. */
final class OutputValues {
    /** Of the largest magnitude of the tensor. Halves are off by 2^-11 of each value, while they are in range. */
    private static final double TOLERANCE = 1e-3;
    /** Of so many answers halves may change one. */
    private static final int ANSWERS_PER_CHANGE = 50;

    private boolean valuesHold = true;
    private int answers;
    private int changed;
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
                valuesHold = false;
            }
            if (Float.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
                magnitude = Math.max(magnitude, Math.abs(value));
                error = Math.max(error, Math.abs(value - half));
                valuesHold &= half == value || value != Math.rint(value);
            }
        }
        valuesHold &= error <= TOLERANCE * magnitude;
    }

    /** @param alike whether the model's answer to an input is the same with this output in halves */
    void answered(boolean alike) {
        answers++;
        changed += alike ? 0 : 1;
    }

    /**
     * Whether every value seen survives as a half: finite, within 0.1 % of the largest magnitude beside it, and unchanged
     * if it is a whole number, which may be an index or a count.
     */
    boolean valuesHold() {
        return valuesHold;
    }

    /**
     * Whether the answers survive, too: values that differ little beside their size become equal. One answer in fifty may
     * change, so of fewer none.
     */
    boolean halvesHold() {
        return valuesHold && (long) changed * ANSWERS_PER_CHANGE <= answers;
    }

    /** A tensor of 32 or 64 bits as it comes back in halves. */
    static Tensor halved(Tensor tensor) {
        Tensor halved = Tensor.allocate(tensor.type(), tensor.shape());
        ByteBuffer from = tensor.data();
        ByteBuffer to = halved.data();
        for (int i = 0; i < tensor.elements(); i++) {
            float half = HalfFloat.fromBinary16(HalfFloat.toBinary16((float) Values.get(tensor, from, i)));
            if (tensor.type() == ElementType.FLOAT64) {
                to.putDouble(i * Double.BYTES, half);
            } else {
                to.putFloat(i * Float.BYTES, half);
            }
        }
        return halved;
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
