package dev.cleave.benchmarks.plan;

import dev.cleave.partition.profile.Timings;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Medians of resampled runs: what a measurement might as well have given. Draws the same rounds for all things that were run
 * equally often, since those were run in turn and a bad moment was bad for all of them. Immutable, seeded.
 */
final class Bootstrap {
    private final int replicates;
    private final long seed;

    /** @param replicates at least 1; 1,000 are enough for an interval */
    Bootstrap(int replicates, long seed) {
        if (replicates < 1) {
            throw new IllegalArgumentException(replicates + " replicates; expected at least 1");
        }
        this.replicates = replicates;
        this.seed = seed;
    }

    int replicates() {
        return replicates;
    }

    /** The median of each replicate. */
    double[] medians(Timings runs) {
        double[] millis = runs.millis();
        SplittableRandom random = new SplittableRandom(seed + millis.length);
        double[] medians = new double[replicates];
        double[] drawn = new double[millis.length];
        for (int replicate = 0; replicate < replicates; replicate++) {
            for (int run = 0; run < drawn.length; run++) {
                drawn[run] = millis[random.nextInt(millis.length)];
            }
            medians[replicate] = median(drawn);
        }
        return medians;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
