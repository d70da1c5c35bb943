package dev.cleave.benchmarks.prediction;

import java.util.Arrays;
import java.util.Locale;

/**
 * Relative errors of predictions.
 *
 * @param median of their sizes
 * @param largest the one of the largest size, with its sign; 0.2 is a prediction that is 20 % too large
 */
record Errors(double median, double largest) {
    /** Of several predictions of what was then measured, pair by pair; NaN for none. */
    static Errors of(double[] predicted, double[] measured) {
        double largest = Double.NaN;
        double[] sizes = new double[predicted.length];
        for (int i = 0; i < predicted.length; i++) {
            double error = predicted[i] / measured[i] - 1;
            sizes[i] = Math.abs(error);
            largest = Math.abs(error) > Math.abs(largest) || i == 0 ? error : largest;
        }
        Arrays.sort(sizes);
        int count = sizes.length;
        double median = count == 0 ? Double.NaN : (sizes[(count - 1) / 2] + sizes[count / 2]) / 2;
        return new Errors(median, largest);
    }

    /** {@code 4 % (-11 %)}: the median, and the largest. */
    @Override
    public String toString() {
        return Double.isNaN(median)
                ? "n/a"
                : String.format(Locale.ROOT, "%.0f %% (%+.0f %%)", median * 100, largest * 100);
    }
}
