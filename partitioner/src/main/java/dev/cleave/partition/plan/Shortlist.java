package dev.cleave.partition.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The few candidates that are worth running, out of many that were only predicted. Predictions are off a little in time and
 * more in bytes, so the best of them is not taken alone: the runners-up are, and the best for links that are
 * slower and faster than the one asked for, where the same candidates would win had the bytes been guessed otherwise.
 */
final class Shortlist {
    /** Links around the one asked for, by the factor on the uplink; the first counts twice. */
    private static final double[] FACTORS = {1, 1, 0.25, 4, 1 / 16.0, 16};

    private Shortlist() {}

    /** At most {@code most} of the candidates, in the order in which they would be chosen. */
    static List<CandidateCost> of(List<CandidateCost> predicted, LinkProfile link, Objective objective, int most) {
        List<List<CandidateCost>> rankings = new ArrayList<>();
        for (double factor : FACTORS) {
            rankings.add(Ranking.of(predicted, link.withUplink(link.uplinkBitsPerSecond() * factor), objective));
        }
        Set<CandidateCost> listed = new LinkedHashSet<>();
        int before = -1;
        while (listed.size() > before && listed.size() < most) {
            before = listed.size();
            for (List<CandidateCost> ranking : rankings) {
                if (listed.size() < most) {
                    ranking.stream()
                            .filter(candidate -> !listed.contains(candidate))
                            .findFirst()
                            .ifPresent(listed::add);
                }
            }
        }
        return List.copyOf(listed);
    }
}
