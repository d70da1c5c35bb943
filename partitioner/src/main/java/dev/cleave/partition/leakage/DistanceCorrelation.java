package dev.cleave.partition.leakage;

import java.util.Arrays;

/**
 * Distance correlation of two sets of paired samples, from the distances within each set: 0 where the sets are
 * independent, 1 where one is the other moved, turned or scaled as a whole.
 *
 * <p>The estimator is the bias-corrected one of Székely and Rizzo ("The distance correlation t-test of independence in
 * high dimension", 2013; in the form of "Partial distance correlation with methods for dissimilarities", 2014). With
 * U-centred distances
 *
 * <pre>
 * A(i,j) = a(i,j) - a(i,.)/(n-2) - a(.,j)/(n-2) + a(.,.)/((n-1)(n-2))   for i != j, else 0
 * (A,B)  = sum over i != j of A(i,j) B(i,j) / (n(n-3))
 * R*     = (A,B) / sqrt((A,A)(B,B))
 * </pre>
 *
 * {@code R*} estimates the square of distance correlation, and the value is its root, as in the definition of Székely,
 * Rizzo and Bakirov ("Measuring and testing dependence by correlation of distances", 2007). Their own estimator is a mean
 * that counts each sample's distance to itself; with tensors of thousands of elements and fewer than some thousands of
 * samples it tends to 1 whether the sets depend on each other or not. {@code R*} does not, and is negative about as often
 * as not where they are independent; there is no root of that, and the value is 0.
 */
public final class DistanceCorrelation {
    /** Fewer samples leave no degree of freedom. */
    public static final int FEWEST_SAMPLES = 4;

    /** Distances that differ by less than this share of their mean differ by rounding. */
    private static final double ROUNDING = 1e-7;

    private DistanceCorrelation() {}

    /**
     * Of the first {@code samples} rows and columns of two matrices of distances.
     *
     * @param first symmetric, zero on its diagonal
     * @param second of the same samples in the same order
     * @return 0..1; NaN for fewer than {@link #FEWEST_SAMPLES} samples, and where the distances of a set are all the same
     *     (a constant, say) and so tell nothing
     */
    public static double of(double[][] first, double[][] second, int samples) {
        if (samples < FEWEST_SAMPLES) {
            return Double.NaN;
        }
        double[][] a = centred(first, samples);
        double[][] b = centred(second, samples);
        if (isFlat(a, first) || isFlat(b, second)) {
            return Double.NaN;
        }
        double squared = product(a, b) / Math.sqrt(product(a, a) * product(b, b));
        return Math.sqrt(Math.min(1, Math.max(0, squared)));
    }

    /** U-centred distances. */
    static double[][] centred(double[][] distances, int samples) {
        double[] sums = new double[samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < samples; j++) {
                sums[i] += distances[i][j];
            }
        }
        double all = Arrays.stream(sums).sum() / ((samples - 1.0) * (samples - 2.0));
        double[][] centred = new double[samples][samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < samples; j++) {
                centred[i][j] = i == j ? 0 : distances[i][j] - (sums[i] + sums[j]) / (samples - 2) + all;
            }
        }
        return centred;
    }

    private static double product(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                sum += a[i][j] * b[i][j];
            }
        }
        return sum / (a.length * (a.length - 3.0));
    }

    private static boolean isFlat(double[][] centred, double[][] distances) {
        int samples = centred.length;
        double squares = 0;
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < samples; j++) {
                squares += distances[i][j] * distances[i][j];
            }
        }
        return product(centred, centred) <= ROUNDING * ROUNDING * squares / (samples * samples);
    }
}
