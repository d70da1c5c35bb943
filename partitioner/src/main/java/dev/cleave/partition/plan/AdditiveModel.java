package dev.cleave.partition.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.placement.PlacementBuilder;
import dev.cleave.partition.placement.PlacementProblem;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Times of a network's parts as sums over its nodes, and bytes of its boundaries as sums over their tensors: wrong by
 * what engines fuse, but known for every cut without running any. Finds which cuts are worth running. Immutable.
 */
final class AdditiveModel {
    private final ModelSummary summary;
    private final Dataflow flow;
    private final MachineTimes edge;
    private final double edgeSlowdown;
    private final MachineTimes cloud;
    private final double batchFactor;
    private final Map<String, Double> wireBytes;

    /**
     * @param batchFactor time of a batch of the expected size over that of a single row
     * @param wireBytes of every tensor that may cross, by name
     */
    AdditiveModel(
            ModelSummary summary,
            MachineTimes edge,
            double edgeSlowdown,
            MachineTimes cloud,
            double batchFactor,
            Map<String, Double> wireBytes) {
        this.summary = summary;
        this.flow = summary.model().flow();
        this.edge = edge;
        this.edgeSlowdown = edgeSlowdown;
        this.cloud = cloud;
        this.batchFactor = batchFactor;
        this.wireBytes = wireBytes;
    }

    double headMillis(Cut cut) {
        return edge.headMillis(cut) * edgeSlowdown;
    }

    double tailMillis(Cut cut) {
        return cloud.tailMillis(cut) * batchFactor;
    }

    double localMillis() {
        return edge.wholeMillis() * edgeSlowdown;
    }

    double cloudMillis() {
        return cloud.wholeMillis() * batchFactor;
    }

    double edgeMillis(int node) {
        return edge.nodeMillis(node) * edgeSlowdown;
    }

    double cloudMillis(int node) {
        return cloud.nodeMillis(node) * batchFactor;
    }

    /** Whether head and tail were both run, not summed up. */
    boolean ran(Cut cut) {
        return edge.ran(cut) && cloud.ran(cut);
    }

    double wireBytes(Cut cut) {
        return cut.boundary().stream()
                .mapToDouble(name -> wireBytes.getOrDefault(name, 0.0))
                .sum();
    }

    /** Bytes of outputs that the gateway makes. */
    double replyBytes(Cut cut) {
        return cut.lateOutputs().stream()
                .mapToDouble(name -> summary.model().facts().bytes(name))
                .sum();
    }

    double replyBytesOfAll() {
        return summary.model().outputs().stream()
                .mapToDouble(output -> summary.model().facts().bytes(output.name()))
                .sum();
    }

    /**
     * The placement problem for a link, in milliseconds. Fusion groups stay together; what is before the floor stays on the
     * device.
     *
     * @param floor or null
     * @param interior whether something has to run on either side: what reads inputs on the device, what makes outputs on
     *     the gateway
     * @return null if nothing can be on both sides
     */
    PlacementProblem problem(LinkProfile link, Cut floor, boolean interior) {
        int[] nodes = flow.anchored().stream().toArray();
        int[] position = new int[flow.graph().nodes().size()];
        for (int i = 0; i < nodes.length; i++) {
            position[nodes[i]] = i;
        }
        BitSet pinnedHead = floor == null ? new BitSet() : floor.head();
        BitSet pinnedTail = new BitSet();
        if (interior) {
            pinEnds(pinnedHead, pinnedTail);
            if (pinnedHead.intersects(pinnedTail)) {
                return null;
            }
        }
        PlacementBuilder problem = PlacementProblem.builder();
        for (int node : nodes) {
            problem.node(
                    pinnedTail.get(node) ? Double.POSITIVE_INFINITY : edgeMillis(node),
                    pinnedHead.get(node) ? Double.POSITIVE_INFINITY : cloudMillis(node));
        }
        addTensors(problem, link, nodes, position);
        for (List<Integer> group : summary.cuts().groups()) {
            problem.together(group.stream().mapToInt(node -> position[node]).toArray());
        }
        return problem.build();
    }

    private void addTensors(PlacementBuilder problem, LinkProfile link, int[] nodes, int[] position) {
        List<List<Integer>> readers = new ArrayList<>();
        flow.carriers().forEach(carrier -> readers.add(new ArrayList<>()));
        for (int node : nodes) {
            for (int carrier : flow.reads(node)) {
                readers.get(carrier).add(position[node]);
            }
        }
        for (int carrier = 0; carrier < readers.size(); carrier++) {
            if (!readers.get(carrier).isEmpty()) {
                String name = flow.carriers().get(carrier);
                boolean mayCross = summary.model().facts().spec(name) != null;
                int producer = flow.producer(carrier);
                problem.tensor(
                        producer < 0 ? PlacementProblem.INPUT : position[producer],
                        mayCross
                                ? rateMillis(wireBytes.getOrDefault(name, 0.0), link.uplinkBitsPerSecond())
                                : Double.POSITIVE_INFINITY,
                        readers.get(carrier).stream()
                                .mapToInt(Integer::intValue)
                                .toArray());
            }
        }
        for (String output : flow.graph().outputs().keySet()) {
            int carrier = flow.carrier(output);
            if (carrier >= 0 && flow.producer(carrier) >= 0) {
                double bytes = summary.model().facts().bytes(output);
                problem.returnCost(position[flow.producer(carrier)], rateMillis(bytes, link.downlinkBitsPerSecond()));
            }
        }
    }

    private void pinEnds(BitSet head, BitSet tail) {
        for (int node : flow.anchored().stream().toArray()) {
            for (int carrier : flow.reads(node)) {
                if (flow.producer(carrier) < 0) {
                    head.set(node);
                }
            }
        }
        for (String output : flow.graph().outputs().keySet()) {
            for (int carrier : flow.behind(output)) {
                if (flow.producer(carrier) >= 0) {
                    tail.set(flow.producer(carrier));
                }
            }
        }
        for (List<Integer> group : summary.cuts().groups()) {
            spread(group, head);
            spread(group, tail);
        }
    }

    private static void spread(List<Integer> group, BitSet pinned) {
        if (group.stream().anyMatch(pinned::get)) {
            group.forEach(pinned::set);
        }
    }

    private static double rateMillis(double bytes, double bitsPerSecond) {
        return bytes * 8000 / bitsPerSecond;
    }
}
