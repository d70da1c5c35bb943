package dev.cleave.partition.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.plan.SplitPlan.Layer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A network as a strip: nodes that run as one, in the order in which they end, and what would cross after each. */
final class LayerStrip {
    private final ModelSummary summary;
    private final Dataflow flow;
    private final AdditiveModel times;

    LayerStrip(ModelSummary summary, AdditiveModel times) {
        this.summary = summary;
        this.flow = summary.model().flow();
        this.times = times;
    }

    /** @param cuts in the table's order */
    List<Layer> layers(List<Cut> cuts) {
        Map<Integer, List<Integer>> groups = new HashMap<>();
        for (List<Integer> group : summary.cuts().groups()) {
            group.forEach(node -> groups.put(node, group));
        }
        Map<List<String>, Integer> rows = new HashMap<>();
        for (int i = 0; i < cuts.size(); i++) {
            rows.putIfAbsent(cuts.get(i).boundary(), CandidateRows.rowsBeforeCuts() + i);
        }
        List<Layer> layers = new ArrayList<>();
        BitSet before = new BitSet();
        for (int node : flow.anchored().stream().toArray()) {
            List<Integer> group = groups.getOrDefault(node, List.of(node));
            if (group.get(group.size() - 1) == node) {
                group.forEach(before::set);
                layers.add(layer(group, before, rows));
            }
        }
        return layers;
    }

    /** @param rows of the table, by boundary */
    private Layer layer(List<Integer> group, BitSet before, Map<List<String>, Integer> rows) {
        double edge = 0;
        double cloud = 0;
        int main = group.get(0);
        for (int node : group) {
            edge += times.edgeMillis(node);
            cloud += times.cloudMillis(node);
            main = summary.work().of(node) > summary.work().of(main) ? node : main;
        }
        String label = flow.graph().node(main).label();
        Cut here = Cut.after(before, flow);
        if (here.lateOutputs().isEmpty()) {
            return new Layer(label, edge, cloud, 0, -1);
        }
        long bytes = here.boundary().stream()
                .mapToLong(summary.model().facts()::bytes)
                .sum();
        return new Layer(label, edge, cloud, bytes, rows.getOrDefault(here.boundary(), -1));
    }
}
