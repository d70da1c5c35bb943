package dev.cleave.partition.profile;

import java.util.Arrays;
import java.util.Locale;

/** How long repeated runs of one thing took, in milliseconds, in the order in which they were made. Immutable. */
public final class Timings {
    private final double[] millis;

    private Timings(double[] millis) {
        this.millis = millis;
    }

    /** @throws IllegalArgumentException if there is none, or one is negative or not finite */
    public static Timings of(double... millis) {
        for (double each : millis) {
            if (!(each >= 0 && Double.isFinite(each))) {
                throw new IllegalArgumentException("a run of " + each + " ms; expected 0 or more");
            }
        }
        if (millis.length == 0) {
            throw new IllegalArgumentException("no runs; expected at least 1");
        }
        return new Timings(millis.clone());
    }

    /** Number of runs. */
    public int runs() {
        return millis.length;
    }

    /** A copy. */
    public double[] millis() {
        return millis.clone();
    }

    public double median() {
        return quantile(0.5);
    }

    /** Distance between the quartiles, as a share of the median; 0 where that is 0. */
    public double spread() {
        double median = median();
        return median == 0 ? 0 : (quantile(0.75) - quantile(0.25)) / median;
    }

    /** Mean of the runs between the quartiles: as deaf to outliers as the median, and finer than the clock's steps. */
    public double midmean() {
        double[] sorted = sorted();
        int cut = sorted.length / 4;
        return Arrays.stream(sorted, cut, sorted.length - cut).average().orElseThrow();
    }

    /** Run by run the sum of both, for things that were run in turn. */
    public Timings plus(Timings other) {
        if (other.millis.length != millis.length) {
            throw new IllegalArgumentException(
                    millis.length + " runs and " + other.millis.length + "; expected equals");
        }
        double[] sums = new double[millis.length];
        Arrays.setAll(sums, run -> millis[run] + other.millis[run]);
        return new Timings(sums);
    }

    public Timings scaledBy(double factor) {
        return of(Arrays.stream(millis).map(each -> each * factor).toArray());
    }

    /** With linear interpolation. */
    private double quantile(double share) {
        double[] sorted = sorted();
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private double[] sorted() {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%.3f ms (median of %d, spread %.0f %%)", median(), millis.length, spread() * 100);
    }
}
