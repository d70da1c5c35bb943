package dev.cleave.partition.profile;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Node costs of a profile that knows segments alone, as an agent's does: what lies between two of its spot checks is divided among the
 * nodes there by the amount of work.
 */
final class SegmentCosts {
    private SegmentCosts() {}

    /** A cut of the model and how long its head took. */
    private record TimedHead(BitSet nodes, double millis) {}

    /** Milliseconds by node index; together the whole's. Spot checks that are no cuts of the model count for nothing. */
    static double[] nodeMillis(DeviceProfile profile, ModelSummary summary) {
        double[] millis = new double[summary.nodes()];
        BitSet before = new BitSet();
        double spent = 0;
        for (TimedHead head : heads(profile, summary)) {
            BitSet segment = (BitSet) head.nodes().clone();
            segment.andNot(before);
            if (!containsAll(head.nodes(), before) || segment.isEmpty()) {
                continue; // no ladder: of another model, or made up
            }
            double until =
                    Math.max(spent, Math.min(head.millis(), profile.whole().medianMillis()));
            spread(until - spent, segment, summary, millis);
            spent = until;
            before = head.nodes();
        }
        BitSet rest = summary.model().flow().anchored();
        rest.andNot(before);
        spread(profile.whole().medianMillis() - spent, rest, summary, millis);
        return millis;
    }

    /** Smallest first. */
    private static List<TimedHead> heads(DeviceProfile profile, ModelSummary summary) {
        Map<List<String>, Cut> offered = new HashMap<>();
        summary.cuts().all().forEach(cut -> offered.put(cut.boundary(), cut));
        List<TimedHead> heads = new ArrayList<>();
        for (SpotCheck check : profile.spotChecks()) {
            Cut cut = offered.get(check.boundary());
            if (cut == null) {
                cut = byName(check.boundary(), summary);
            }
            if (cut != null) {
                heads.add(new TimedHead(cut.head(), check.headMillis()));
            }
        }
        heads.sort(Comparator.comparingInt(head -> head.nodes().cardinality()));
        return heads;
    }

    /** A point that somebody asked for by its tensors; null if there is none. */
    private static Cut byName(List<String> boundary, ModelSummary summary) {
        try {
            Cut cut = summary.cuts().at(boundary);
            return cut.boundary().equals(boundary) ? cut : null;
        } catch (ModelException noCut) {
            return null;
        }
    }

    private static boolean containsAll(BitSet nodes, BitSet others) {
        BitSet missing = (BitSet) others.clone();
        missing.andNot(nodes);
        return missing.isEmpty();
    }

    private static void spread(double amount, BitSet nodes, ModelSummary summary, double[] to) {
        double total = nodes.stream().mapToDouble(summary.work()::of).sum();
        nodes.stream()
                .forEach(node -> to[node] += amount
                        * (total == 0
                                ? 1.0 / nodes.cardinality()
                                : summary.work().of(node) / total));
    }
}
