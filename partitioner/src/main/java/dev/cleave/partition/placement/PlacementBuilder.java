package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jgrapht.alg.util.UnionFind;

/**
 * Collects a {@link PlacementProblem}: nodes first, in topological order, then what concerns them. Every method throws
 * {@link IllegalArgumentException} for a cost that is negative, NaN, or above 1e300 and not infinite, and for a node that
 * has not been added.
 */
public final class PlacementBuilder {
    /** So that the sum of all that is finite is finite. */
    private static final double LARGEST_COST = 1e300;

    /** By node: in the head, in the tail, and of the way back from there. */
    private final List<double[]> costs = new ArrayList<>();

    private final List<Tensor> tensors = new ArrayList<>();
    private final List<int[]> groups = new ArrayList<>();

    PlacementBuilder() {}

    /**
     * Adds the next node.
     *
     * @param headCost of running on the device; infinite: it cannot
     * @param tailCost of running on the gateway; infinite: it cannot
     */
    public PlacementBuilder node(double headCost, double tailCost) {
        requireCost("head cost of node " + costs.size(), headCost);
        requireCost("tail cost of node " + costs.size(), tailCost);
        costs.add(new double[] {headCost, tailCost, 0});
        return this;
    }

    /**
     * Adds a tensor that is made by a node. A node may make several.
     *
     * @param producer a node, or {@link PlacementProblem#INPUT}
     * @param shipCost of sending it, once, to the gateway; infinite: it may not be sent
     * @param consumers who reads it: at least one, all after the producer; one named twice counts once
     */
    public PlacementBuilder tensor(int producer, double shipCost, int... consumers) {
        String name = "tensor " + tensors.size();
        requireCost("ship cost of " + name, shipCost);
        if (producer != PlacementProblem.INPUT) {
            requireNode("producer of " + name, producer);
        }
        if (consumers.length == 0) {
            throw new IllegalArgumentException("consumers of " + name + ": none, expected at least one");
        }
        for (int consumer : consumers) {
            requireNode("consumer of " + name, consumer);
            if (consumer <= producer) {
                throw new IllegalArgumentException("consumer of " + name + ": " + consumer
                        + ", expected a node after its producer " + producer + " (topological order)");
            }
        }
        tensors.add(new Tensor(
                producer, Arrays.stream(consumers).sorted().distinct().toArray(), shipCost));
        return this;
    }

    /** Adds a tensor that is fed on the device. */
    public PlacementBuilder input(double shipCost, int... consumers) {
        return tensor(PlacementProblem.INPUT, shipCost, consumers);
    }

    /**
     * Says that something the node makes is wanted on the device: an output of the graph.
     *
     * @param cost of sending it back, paid if the node is in the tail; infinite: it may not be made there
     */
    public PlacementBuilder returnCost(int node, double cost) {
        requireNode("return cost: node", node);
        requireCost("return cost of node " + node, cost);
        costs.get(node)[2] += cost;
        return this;
    }

    /** Says that these nodes share a side. Groups with a node in common become one. */
    public PlacementBuilder together(int... nodes) {
        for (int node : nodes) {
            requireNode("member of group " + groups.size(), node);
        }
        groups.add(nodes.clone());
        return this;
    }

    /** @throws IllegalArgumentException if some node can run on neither side */
    public PlacementProblem build() {
        for (int node = 0; node < costs.size(); node++) {
            double[] cost = costs.get(node);
            if (Double.isInfinite(cost[0]) && Double.isInfinite(cost[1] + cost[2])) {
                throw new IllegalArgumentException(
                        "node " + node + ": head and tail cost are both infinite, expected one side that it may be on");
            }
        }
        return new PlacementProblem(column(0), column(1), column(2), tensors, disjointGroups());
    }

    private double[] column(int index) {
        return costs.stream().mapToDouble(cost -> cost[index]).toArray();
    }

    private List<int[]> disjointGroups() {
        Set<Integer> members = new TreeSet<>();
        groups.forEach(group -> Arrays.stream(group).forEach(members::add));
        UnionFind<Integer> sides = new UnionFind<>(members);
        for (int[] group : groups) {
            Arrays.stream(group).forEach(node -> sides.union(group[0], node));
        }
        Map<Integer, List<Integer>> bySide = new TreeMap<>();
        for (int node : members) {
            bySide.computeIfAbsent(sides.find(node), side -> new ArrayList<>()).add(node);
        }
        return bySide.values().stream()
                .filter(group -> group.size() > 1)
                .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private void requireNode(String what, int node) {
        if (node < 0 || node >= costs.size()) {
            throw new IllegalArgumentException(what + ": " + node + ", expected one of the " + costs.size()
                    + " nodes that have been added, counted from 0");
        }
    }

    private static void requireCost(String what, double cost) {
        if (!(cost >= 0) || cost > LARGEST_COST && cost < Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    what + ": " + cost + ", expected 0.." + LARGEST_COST + ", or Infinity for what may not be");
        }
    }
}
