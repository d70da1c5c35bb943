package dev.cleave.edge.report;

import java.util.Arrays;

/**
 * Durations in a fixed number of buckets, from which quantiles are read with an error of at most 1 / 32. Not
 * thread-safe.
 *
 * <pre>
 *   0 .. 15 us   a bucket each
 *   then every power of two in 16 buckets of equal width, up to 2^31 us (36 minutes); longer ones count as the last
 * </pre>
 *
 * <p>This is the layout of HdrHistogram (Gil Tene) at a little more than one decimal digit: 464 counters, whatever is
 * recorded.
 */
final class Quantiles {
    private static final int SUB_BITS = 4;
    private static final int SUBS = 1 << SUB_BITS;
    private static final int LAST_EXPONENT = 30;
    private static final int BUCKETS = (LAST_EXPONENT - SUB_BITS + 2) * SUBS;

    private final int[] counts = new int[BUCKETS];
    private long total;

    void record(long micros) {
        int bucket = bucket(Math.max(0, micros));
        if (counts[bucket] < Integer.MAX_VALUE) {
            counts[bucket]++;
            total++;
        }
    }

    long total() {
        return total;
    }

    /**
     * The middle of the bucket that holds the sample of this rank.
     *
     * @param quantile above 0, at most 1
     * @return microseconds; 0 if nothing was recorded
     */
    long micros(double quantile) {
        long rank = Math.max(1, (long) Math.ceil(quantile * total));
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return middle(bucket);
            }
        }
        return 0;
    }

    void clear() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    private static int bucket(long micros) {
        if (micros < SUBS) {
            return (int) micros;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(micros);
        if (exponent > LAST_EXPONENT) {
            return BUCKETS - 1;
        }
        int sub = (int) (micros >>> (exponent - SUB_BITS)) - SUBS;
        return (exponent - SUB_BITS + 1) * SUBS + sub;
    }

    private static long middle(int bucket) {
        if (bucket < SUBS) {
            return bucket;
        }
        int shift = bucket / SUBS - 1;
        long low = (long) (SUBS + bucket % SUBS) << shift;
        return low + (1L << shift) / 2;
    }
}
