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
        List<Layer> layers = new ArrayList<>();
        BitSet before = new BitSet();
        for (int node : flow.anchored().stream().toArray()) {
            List<Integer> group = groups.getOrDefault(node, List.of(node));
            if (group.get(group.size() - 1) == node) {
                group.forEach(before::set);
                layers.add(layer(group, before, cuts));
            }
        }
        return layers;
    }

    private Layer layer(List<Integer> group, BitSet before, List<Cut> cuts) {
        double edge = 0;
        double cloud = 0;
        int main = group.get(0);
        for (int node : group) {
            edge += times.edgeMillis(node);
            cloud += times.cloudMillis(node);
            main = summary.work().of(node) > summary.work().of(main) ? node : main;
        }
        Cut here = Cut.after(before, flow);
        long bytes = here.lateOutputs().isEmpty()
                ? 0
                : here.boundary().stream()
                        .mapToLong(summary.model().facts()::bytes)
                        .sum();
        return new Layer(flow.graph().node(main).label(), edge, cloud, bytes, row(here, cuts));
    }

    /** The row of the cut that ends here: with the same nodes, or the same boundary. */
    private static int row(Cut here, List<Cut> cuts) {
        for (int i = 0; i < cuts.size(); i++) {
            if (!here.lateOutputs().isEmpty() && cuts.get(i).boundary().equals(here.boundary())) {
                return CandidateRows.rowsBeforeCuts() + i;
            }
        }
        return -1;
    }
}
