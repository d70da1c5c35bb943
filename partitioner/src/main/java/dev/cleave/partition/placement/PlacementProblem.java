package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A directed acyclic graph whose nodes run on one of two sides, and the price of everything. Immutable.
 *
 * <p>Nodes 0..n-1 are in topological order. The <em>head</em> is the set of nodes that run on the device, the tail is
 * the rest, on the gateway. A head is <em>legal</em> if it is closed (whatever its nodes read is made in it), divides no
 * group, and has a finite cost:
 *
 * <pre>
 * cost(H) = sum of headCost(i), i in H  +  sum of tailCost(i), i not in H
 *         + sum of shipCost(t), t made in H or an input, and read by some node that is not in H
 * </pre>
 *
 * <p>All costs are at least 0 and in one unit of the caller's choice. An infinite cost forbids: a node with an infinite
 * tail cost is pinned to the head, a tensor with an infinite ship cost never crosses.
 */
public final class PlacementProblem {
    /** The producer of a tensor that is fed on the device. */
    public static final int INPUT = -1;

    private final double[] headCosts;
    private final double[] tailCosts;
    private final double[] returnCosts;
    private final List<Tensor> tensors;
    private final List<int[]> groups;
    private final int[] groupOf;
    private final List<List<Tensor>> made = new ArrayList<>();
    private final List<List<Tensor>> read = new ArrayList<>();

    PlacementProblem(
            double[] headCosts, double[] tailCosts, double[] returnCosts, List<Tensor> tensors, List<int[]> groups) {
        this(headCosts, tailCosts, returnCosts, tensors, groups, groupOf(headCosts.length, groups));
    }

    private PlacementProblem(
            double[] headCosts,
            double[] tailCosts,
            double[] returnCosts,
            List<Tensor> tensors,
            List<int[]> groups,
            int[] groupOf) {
        this.headCosts = headCosts;
        this.tailCosts = tailCosts;
        this.returnCosts = returnCosts;
        this.tensors = List.copyOf(tensors);
        this.groups = List.copyOf(groups);
        this.groupOf = groupOf;
        index();
    }

    public static PlacementBuilder builder() {
        return new PlacementBuilder();
    }

    /**
     * The same network on another link: all ship and return costs are so many times as high.
     *
     * @param factor above 0, finite
     */
    public PlacementProblem onLink(double factor) {
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("link slower by a factor of " + factor + ", expected one above 0");
        }
        return new PlacementProblem(
                headCosts,
                tailCosts,
                Arrays.stream(returnCosts).map(cost -> cost * factor).toArray(),
                tensors.stream().map(tensor -> tensor.scaled(factor)).toList(),
                groups,
                groupOf);
    }

    public int nodes() {
        return headCosts.length;
    }

    /**
     * What a head costs; infinite if it is not legal.
     *
     * @throws IllegalArgumentException if it names a node that is not there
     */
    public double cost(BitSet head) {
        if (head.length() > nodes()) {
            throw new IllegalArgumentException(
                    "head: node " + (head.length() - 1) + ", expected nodes 0.." + (nodes() - 1));
        }
        double cost = 0;
        for (int node = 0; node < nodes(); node++) {
            cost += head.get(node) ? headCosts[node] : tailCost(node);
        }
        for (Tensor tensor : tensors) {
            cost += priceOf(tensor, head);
        }
        return groups.stream().allMatch(group -> isWhole(group, head)) ? cost : Double.POSITIVE_INFINITY;
    }

    private static double priceOf(Tensor tensor, BitSet head) {
        boolean made = tensor.producer() == INPUT || head.get(tensor.producer());
        double price = 0;
        for (int consumer : tensor.consumers()) {
            if (head.get(consumer) != made) {
                price = made ? tensor.shipCost() : Double.POSITIVE_INFINITY;
            }
        }
        return price;
    }

    private static boolean isWhole(int[] group, BitSet head) {
        boolean first = head.get(group[0]);
        for (int node : group) {
            if (head.get(node) != first) {
                return false;
            }
        }
        return true;
    }

    double headCost(int node) {
        return headCosts[node];
    }

    /** What it costs to have the node in the tail, the way back of its outputs included. */
    double tailCost(int node) {
        return tailCosts[node] + returnCosts[node];
    }

    List<Tensor> tensors() {
        return tensors;
    }

    List<Tensor> madeBy(int node) {
        return made.get(node);
    }

    List<Tensor> readBy(int node) {
        return read.get(node);
    }

    /** Disjoint, each of two nodes or more, ascending; shared, not changed. */
    List<int[]> groups() {
        return groups;
    }

    /** All nodes that share the node's side, itself included, ascending; shared, not changed. */
    int[] groupOf(int node) {
        return groupOf[node] < 0 ? new int[] {node} : groups.get(groupOf[node]);
    }

    private static int[] groupOf(int nodes, List<int[]> groups) {
        int[] groupOf = new int[nodes];
        Arrays.fill(groupOf, -1);
        for (int group = 0; group < groups.size(); group++) {
            for (int node : groups.get(group)) {
                groupOf[node] = group;
            }
        }
        return groupOf;
    }

    private void index() {
        for (int node = 0; node < nodes(); node++) {
            made.add(new ArrayList<>(1));
            read.add(new ArrayList<>(2));
        }
        for (Tensor tensor : tensors) {
            if (tensor.producer() != INPUT) {
                made.get(tensor.producer()).add(tensor);
            }
            for (int consumer : tensor.consumers()) {
                read.get(consumer).add(tensor);
            }
        }
    }
}
