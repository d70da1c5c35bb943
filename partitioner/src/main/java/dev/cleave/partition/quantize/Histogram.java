package dev.cleave.partition.quantize;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * How often which values were seen in one tensor. Takes tensors one after another and keeps none: when a value lies
 * beyond the bins, these are joined two by two until it does not. Zeros are counted apart, as every quantisation here
 * gives them back exactly. One thread.
 */
final class Histogram {
    /** Bins on each side of zero. */
    static final int SIDE = 2048;

    private final long[] counts = new long[2 * SIDE];
    private double reach;
    private float low = Float.POSITIVE_INFINITY;
    private float high = Float.NEGATIVE_INFINITY;
    private long zeros;
    private long total;

    /** Takes in a float tensor; values that are not finite are left out. */
    void add(Tensor tensor) {
        if (tensor.type() != ElementType.FLOAT32) {
            throw new IllegalArgumentException("a histogram of " + tensor.type() + "; expected FLOAT32");
        }
        FloatBuffer values = tensor.data().asFloatBuffer();
        for (int i = 0; i < values.limit(); i++) {
            float value = values.get(i);
            if (Float.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        widen(Math.max(Math.abs(low), Math.abs(high)));
        for (int i = 0; i < values.limit(); i++) {
            count(values.get(i));
        }
    }

    private void count(float value) {
        if (!Float.isFinite(value)) {
            return;
        }
        total++;
        if (value == 0) {
            zeros++;
        } else {
            int bin = (int) Math.floor(value / reach * SIDE) + SIDE;
            counts[Math.max(0, Math.min(counts.length - 1, bin))]++;
        }
    }

    private void widen(double largest) {
        if (!(largest > 0) || Double.isInfinite(largest)) {
            return;
        }
        if (reach == 0) {
            reach = Math.scalb(1.0, Math.getExponent(largest) + 1);
        }
        while (largest > reach) {
            for (int i = 0; i < SIDE / 2; i++) {
                counts[SIDE + i] = counts[SIDE + 2 * i] + counts[SIDE + 2 * i + 1];
                counts[SIDE - 1 - i] = counts[SIDE - 1 - 2 * i] + counts[SIDE - 2 - 2 * i];
            }
            for (int i = SIDE / 2; i < SIDE; i++) {
                counts[SIDE + i] = 0;
                counts[SIDE - 1 - i] = 0;
            }
            reach *= 2;
        }
    }

    /** Whether there was any finite value. */
    boolean isEmpty() {
        return total == 0;
    }

    /** Everything that was seen, and zero. */
    Range all() {
        return isEmpty() ? new Range(0, 0) : new Range(Math.min(0, low), Math.max(0, high));
    }

    /** The narrowest range that leaves out at most this share of the values at each end. */
    Range within(double share) {
        long most = (long) Math.floor(total * share);
        Range all = all();
        double width = reach / SIDE;
        int first = 0;
        for (long out = 0; first < SIDE && out + counts[first] <= most; first++) {
            out += counts[first];
        }
        int last = counts.length - 1;
        for (long out = 0; last >= SIDE && out + counts[last] <= most; last--) {
            out += counts[last];
        }
        return new Range(Math.max(all.low(), (float) ((first - SIDE) * width)), Math.min(all.high(), (float)
                ((last + 1 - SIDE) * width)));
    }

    /**
     * Mean squared error of quantising to a range with so many steps: values within it are half a step off at most, evenly,
     * those beyond it by their distance.
     */
    double error(Range range, int steps) {
        double step = (range.high() - range.low()) / (double) steps;
        double width = reach / SIDE;
        double inside = step * step / 12;
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                double middle = (i - SIDE + 0.5) * width;
                double beyond = Math.max(range.low() - middle, middle - range.high());
                sum += counts[i] * (beyond > 0 ? beyond * beyond : inside);
            }
        }
        return total == 0 ? 0 : sum / total;
    }

    /** Values that were counted. */
    long total() {
        return total;
    }

    /** Those of them that are exactly zero. */
    long zeros() {
        return zeros;
    }
}
