package dev.cleave.partition.plan;

import dev.cleave.partition.calibrate.Calibrated;
import java.util.List;
import java.util.Map;

/**
 * All that is needed to decide, for any link, objective and constraints: what each candidate costs, on which machines.
 * Immutable.
 *
 * @param model file
 * @param nodes of its graph
 * @param edge the device, in words
 * @param edgeSlowdown factor that is in the device's times
 * @param cloud the gateway, in words
 * @param metric what agreement means
 * @param rows one per candidate: LOCAL, CLOUD, cuts that were run, and cuts that were only predicted
 * @param layers the network as a strip
 * @param calibrated by boundary, for bundles with these cuts; empty without samples
 * @param privacyFloor the first point of a bundle's ladder that may be used; 0 for none, and for a model, which has no points yet
 * @param searchMillis time that the search for cuts took, measurements apart
 */
public record CostTable(
        String model,
        int nodes,
        String edge,
        double edgeSlowdown,
        String cloud,
        String metric,
        List<CandidateCost> rows,
        List<SplitPlan.Layer> layers,
        Map<List<String>, Calibrated> calibrated,
        int privacyFloor,
        double searchMillis) {
    public CostTable {
        rows = List.copyOf(rows);
        layers = List.copyOf(layers);
        calibrated = Map.copyOf(calibrated);
    }

    /** Points 1..k, if these are the rows of a bundle, whose ladder is what it is; else empty. */
    List<CandidateCost> fixedLadder() {
        return rows.stream()
                .filter(row -> row.kind() == CandidateKind.SPLIT && row.cut() == null)
                .toList();
    }
}
