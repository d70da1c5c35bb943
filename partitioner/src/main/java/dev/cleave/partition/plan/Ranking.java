package dev.cleave.partition.plan;

import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Orders candidates by an objective on a link. Pure.
 *
 * <p>Gateway time and bytes alone would always be least for LOCAL, however slow the device is. They count among the
 * candidates whose latency is within {@link #PATIENCE} of the best; slower ones come after those, by latency.
 */
final class Ranking {
    /** How much slower than the fastest a candidate may be that saves something else. */
    static final double PATIENCE = 1.2;

    private Ranking() {}

    /** Best first; ties go to the faster one. */
    static List<CandidateCost> of(List<CandidateCost> candidates, LinkProfile link, Objective objective) {
        double fastest = candidates.stream()
                .mapToDouble(candidate -> candidate.totalMillis(link))
                .min()
                .orElse(0);
        Predicate<CandidateCost> tooSlow =
                candidate -> bounded(objective) && candidate.totalMillis(link) > PATIENCE * fastest;
        return candidates.stream()
                .sorted(Comparator.comparing(tooSlow::test)
                        .thenComparingDouble(candidate ->
                                value(candidate, link, tooSlow.test(candidate) ? Objective.LATENCY : objective))
                        .thenComparingDouble(candidate -> candidate.totalMillis(link)))
                .toList();
    }

    /** Whether the objective is weighed only among candidates that are fast enough. */
    private static boolean bounded(Objective objective) {
        return objective == Objective.GATEWAY || objective == Objective.BYTES;
    }

    /** What the objective wants little of: milliseconds or bytes. */
    static double value(CandidateCost candidate, LinkProfile link, Objective objective) {
        return switch (objective) {
            case LATENCY -> candidate.totalMillis(link);
            case GATEWAY -> candidate.kind() == CandidateKind.LOCAL ? 0 : candidate.gatewayMillis();
            case BYTES -> candidate.wireBytes();
            case THROUGHPUT -> bottleneckMillis(candidate, link);
        };
    }

    /** The slowest stage of a full pipeline: device, either direction of the link, gateway. */
    private static double bottleneckMillis(CandidateCost candidate, LinkProfile link) {
        double device = candidate.headMillis() + candidate.encodeMillis();
        if (candidate.kind() == CandidateKind.LOCAL) {
            return device;
        }
        double up = link.uplinkMillis(candidate.wireBytes()) - link.uplinkMillis(0);
        double down = link.downlinkMillis(candidate.replyBytes()) - link.downlinkMillis(0);
        return Math.max(Math.max(device, candidate.gatewayMillis()), Math.max(up, down));
    }
}
