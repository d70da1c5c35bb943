package dev.cleave.partition.placement;

/**
 * For each of a row of positions, the sum of the values that were added to a range around it: a segment tree, O(log n)
 * for either operation.
 *
 * <p>A running sum that adds a value where its range begins and subtracts it where it ends would be quicker, but after
 * one enormous value what is left of the small ones is rounding noise, and after an infinite one NaN. Here values are only
 * ever added up.
 */
final class IntervalSums {
    private final int positions;
    private final double[] sums;

    IntervalSums(int positions) {
        this.positions = positions;
        this.sums = new double[2 * positions];
    }

    /** Adds to positions first..last, both included; nothing if last is before first. */
    void add(int first, int last, double value) {
        int from = first + positions;
        int to = last + positions + 1;
        while (from < to) {
            if ((from & 1) == 1) {
                sums[from++] += value;
            }
            if ((to & 1) == 1) {
                sums[--to] += value;
            }
            from >>= 1;
            to >>= 1;
        }
    }

    double at(int position) {
        double sum = 0;
        for (int i = position + positions; i > 0; i >>= 1) {
            sum += sums[i];
        }
        return sum;
    }
}
