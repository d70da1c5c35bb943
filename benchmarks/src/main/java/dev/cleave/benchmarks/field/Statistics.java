package dev.cleave.benchmarks.field;

import java.util.Arrays;
import java.util.Collection;

/** Figures of samples. */
public final class Statistics {
    private Statistics() {}

    /** The sample below which a share of the others lies, the next higher one between two; NaN of none. */
    public static double quantile(Collection<Double> samples, double share) {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(0, Math.min(sorted.length - 1, rank - 1))];
    }

    public static double mean(Collection<Double> samples) {
        return samples.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** Half of the 95 % interval of the mean: Student's, with a factor of 2.2 that is right for 12 samples and nearly so for others. */
    public static double halfWidth(Collection<Double> samples) {
        double mean = mean(samples);
        double squares = 0;
        for (double sample : samples) {
            squares += (sample - mean) * (sample - mean);
        }
        int count = samples.size();
        return STUDENT_OF_TWELVE * Math.sqrt(squares / (count - 1) / count);
    }

    /**
     * The line through samples at 0, 1, 2, .. by least squares. What it is of, grows by {@code slope} from one to the next.
     *
     * @param slope per sample
     * @param halfWidth of the slope's 95 % interval
     */
    record Trend(double slope, double halfWidth) {
        boolean includesZero() {
            return Math.abs(slope) <= halfWidth;
        }
    }

    private static final double STUDENT_OF_TWELVE = 2.201;

    /** Student's t at 97.5 %, for the degrees of freedom of 8 blocks' means about a line. */
    private static final double STUDENT = 2.447;

    private static final int BLOCKS = 8;

    /**
     * The trend of samples, by the means of {@value #BLOCKS} blocks: single samples of one process are not independent of those
     * before them.
     *
     * @param samples at least 16
     */
    static Trend trend(double[] samples) {
        if (samples.length < 2 * BLOCKS) {
            throw new IllegalArgumentException(samples.length + " samples; expected " + 2 * BLOCKS + " or more");
        }
        double[] means = new double[BLOCKS];
        double[] places = new double[BLOCKS];
        for (int block = 0; block < BLOCKS; block++) {
            int from = block * samples.length / BLOCKS;
            int to = (block + 1) * samples.length / BLOCKS;
            means[block] = Arrays.stream(samples, from, to).average().orElseThrow();
            places[block] = (from + to - 1) / 2.0;
        }
        double meanPlace = Arrays.stream(places).average().orElseThrow();
        double mean = Arrays.stream(means).average().orElseThrow();
        double across = 0;
        double spread = 0;
        for (int block = 0; block < BLOCKS; block++) {
            across += (places[block] - meanPlace) * (means[block] - mean);
            spread += (places[block] - meanPlace) * (places[block] - meanPlace);
        }
        double slope = across / spread;
        double squares = 0;
        for (int block = 0; block < BLOCKS; block++) {
            double off = means[block] - mean - slope * (places[block] - meanPlace);
            squares += off * off;
        }
        return new Trend(slope, STUDENT * Math.sqrt(squares / (BLOCKS - 2) / spread));
    }
}
