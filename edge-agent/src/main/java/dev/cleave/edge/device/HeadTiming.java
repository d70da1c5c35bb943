package dev.cleave.edge.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a head took for one row in several runs.
 *
 * @param segmentNanos medians, of each segment by itself
 * @param medianNanos of the sums of segments
 * @param spreadNanos distance between the quartiles of these sums
 */
public record HeadTiming(List<Double> segmentNanos, double medianNanos, double spreadNanos, int runs) {
    public HeadTiming {
        segmentNanos = Collections.unmodifiableList(new ArrayList<>(segmentNanos));
    }

    /** @param runs nanoseconds by segment, of at least one run */
    static HeadTiming of(List<long[]> runs) {
        double[] sums = new double[runs.size()];
        int segments = runs.get(0).length;
        List<Double> medians = new ArrayList<>();
        for (int segment = 0; segment < segments; segment++) {
            double[] times = new double[runs.size()];
            for (int run = 0; run < times.length; run++) {
                times[run] = runs.get(run)[segment];
                sums[run] += times[run];
            }
            medians.add(quantile(times, 0.5));
        }
        return new HeadTiming(medians, quantile(sums, 0.5), quantile(sums, 0.75) - quantile(sums, 0.25), runs.size());
    }

    /** Between the two samples that it lies between. */
    private static double quantile(double[] samples, double share) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** Of the segments together, as the segments' own medians have it. */
    double segmentSumNanos(int from, int to) {
        double sum = 0;
        for (int segment = from; segment < to; segment++) {
            sum += segmentNanos.get(segment);
        }
        return sum;
    }

    /** Rounded. */
    long[] wholeSegmentNanos() {
        long[] nanos = new long[segmentNanos.size()];
        for (int segment = 0; segment < nanos.length; segment++) {
            nanos[segment] = Math.round(segmentNanos.get(segment));
        }
        return nanos;
    }
}
