package dev.cleave.benchmarks.leakage;

import dev.cleave.partition.leakage.DistanceCorrelation;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Leakage between pairs of tensors that have nothing to do with each other: normal noise. What an estimator finds there is
 * chance.
 *
 * @param unbiased what {@link DistanceCorrelation} says, rising
 * @param biased what the estimator of Székely, Rizzo and Bakirov (2007) says, rising
 */
record IndependentPairs(double[] unbiased, double[] biased) {
    /** @param elements of each tensor */
    static IndependentPairs draw(int samples, int elements, int replicates, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] unbiased = new double[replicates];
        double[] biased = new double[replicates];
        for (int i = 0; i < replicates; i++) {
            double[][] one = distances(samples, elements, random);
            double[][] other = distances(samples, elements, random);
            unbiased[i] = DistanceCorrelation.of(one, other, samples);
            biased[i] = biased(one, other);
        }
        Arrays.sort(unbiased);
        Arrays.sort(biased);
        return new IndependentPairs(unbiased, biased);
    }

    /** The value that a share of rising values does not exceed. */
    static double quantile(double[] rising, double share) {
        return rising[(int) Math.ceil(share * rising.length) - 1];
    }

    private static double[][] distances(int samples, int elements, SplittableRandom random) {
        double[][] noise = new double[samples][elements];
        for (double[] sample : noise) {
            Arrays.setAll(sample, i -> random.nextGaussian());
        }
        double[][] distances = new double[samples][samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < i; j++) {
                double square = 0;
                for (int e = 0; e < elements; e++) {
                    double difference = noise[i][e] - noise[j][e];
                    square += difference * difference;
                }
                distances[i][j] = Math.sqrt(square);
                distances[j][i] = distances[i][j];
            }
        }
        return distances;
    }

    /** The V-statistic: distances of samples to themselves count. */
    private static double biased(double[][] one, double[][] other) {
        double[][] a = centred(one);
        double[][] b = centred(other);
        return Math.sqrt(product(a, b) / Math.sqrt(product(a, a) * product(b, b)));
    }

    private static double[][] centred(double[][] distances) {
        int samples = distances.length;
        double[] means = new double[samples];
        Arrays.setAll(means, i -> Arrays.stream(distances[i]).average().orElseThrow());
        double mean = Arrays.stream(means).average().orElseThrow();
        double[][] centred = new double[samples][samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < samples; j++) {
                centred[i][j] = distances[i][j] - means[i] - means[j] + mean;
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
        return sum;
    }
}
