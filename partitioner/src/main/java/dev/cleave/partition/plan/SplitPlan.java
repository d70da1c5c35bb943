package dev.cleave.partition.plan;

import java.util.List;

/**
 * Candidates for one model on one pair of machines and one link, ranked and explained. Immutable.
 *
 * @param model file
 * @param nodes of its graph
 * @param edge the device, in words
 * @param edgeSlowdown factor on the device's times, 1 for none; anything else means that the device was simulated
 * @param cloud the gateway, in words
 * @param metric what agreement means for this model, {@code top-1} say
 * @param candidates best first for the objective; then the best few of those whose bytes were only predicted, which
 *     are not chosen; then those that a constraint refuses
 * @param chosen index of the chosen candidate, or -1 if every one is refused
 * @param ranges which candidate is best for which uplink, by rising rate, for the objective and constraints
 * @param ladder candidates that make up the ladder, by index, point 1 first
 * @param ladderRegret the largest share by which the best of ladder, LOCAL and CLOUD is slower than the best candidate,
 *     over uplinks of 64 kbit/s to 100 Mbit/s; 0.02 is 2 %. NaN where no ladder was asked for
 * @param layers the network as a strip, in the order in which it runs
 * @param reason the choice in words
 * @param planMillis the decision alone, profiles given
 */
public record SplitPlan(
        String model,
        int nodes,
        String edge,
        double edgeSlowdown,
        String cloud,
        String metric,
        LinkProfile link,
        Objective objective,
        List<Candidate> candidates,
        int chosen,
        List<Range> ranges,
        List<Integer> ladder,
        double ladderRegret,
        List<Layer> layers,
        String reason,
        double planMillis) {
    public SplitPlan {
        candidates = List.copyOf(candidates);
        ranges = List.copyOf(ranges);
        ladder = List.copyOf(ladder);
        layers = List.copyOf(layers);
    }

    /**
     * A candidate on the plan's link.
     *
     * @param refused why a constraint excludes it, or null
     */
    public record Candidate(
            CandidateCost cost, double uplinkMillis, double downlinkMillis, double totalMillis, String refused) {}

    /** The candidate with this index is best from one uplink rate to another; the last range is open to infinity. */
    public record Range(double fromBitsPerSecond, double toBitsPerSecond, int candidate) {}

    /**
     * Operators that run as one.
     *
     * @param label its main operator and name
     * @param edgeMillis on the device
     * @param cloudMillis on the gateway
     * @param boundaryBytes uncompressed bytes that would cross right after it
     * @param candidate index of the candidate that cuts right after it, or -1
     */
    public record Layer(String label, double edgeMillis, double cloudMillis, long boundaryBytes, int candidate) {}

    /** The chosen candidate, or null. */
    public Candidate best() {
        return chosen < 0 ? null : candidates.get(chosen);
    }
}
