package dev.cleave.benchmarks.plan;

import java.util.Arrays;
import java.util.Locale;

/**
 * A measured value and the range in which 95 % of its bootstrap replicates lie (the percentile method of Efron and
 * Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
 */
record Interval(double low, double value, double high) {
    private static final double TAIL = 0.025;

    /** @param replicates of the value, at least one, in any order */
    static Interval of(double value, double[] replicates) {
        double[] sorted = replicates.clone();
        Arrays.sort(sorted);
        int cut = (int) Math.floor(TAIL * sorted.length);
        return new Interval(sorted[cut], value, sorted[sorted.length - 1 - cut]);
    }

    /** {@code 1.02 [1.00, 1.06]}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", value, low, high);
    }
}
