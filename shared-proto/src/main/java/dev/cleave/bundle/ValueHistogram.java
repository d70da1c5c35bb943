package dev.cleave.bundle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How the numbers of one tensor were distributed over many inputs: counts between edges that stand in the histogram, so
 * that others can be counted between the same edges and compared with it. Immutable.
 *
 * <p>Numbers count as 32-bit floats. {@code counts[i]} is how many lay from {@code edges[i-1]} up to, but not including,
 * {@code edges[i]}; the first and the last count are open to their side.
 *
 * @param edges strictly rising; empty where no number was finite
 * @param counts one more than edges
 * @param zeros how many of the counted numbers were exactly 0
 * @param nonFinite infinities and NaNs, which are in no count
 * @param mean of the counted numbers, 0 if there were none
 * @param deviation standard deviation of the counted numbers, 0 or more
 */
public record ValueHistogram(
        List<Float> edges, List<Long> counts, long zeros, long nonFinite, double mean, double deviation) {
    public ValueHistogram {
        edges = Collections.unmodifiableList(new ArrayList<>(edges));
        counts = Collections.unmodifiableList(new ArrayList<>(counts));
    }

    /** How many numbers were counted. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }
}
