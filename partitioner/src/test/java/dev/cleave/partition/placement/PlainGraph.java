package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/** A placement problem as bare lists, with its own idea of what a head costs, so that tests do not believe the code. */
final class PlainGraph {
    /** What is read: by whom it is made (-1: an input), its price, by whom it is read. */
    record Read(int producer, double shipCost, int[] consumers) {}

    final List<Double> headCosts = new ArrayList<>();
    final List<Double> tailCosts = new ArrayList<>();
    final List<Double> returnCosts = new ArrayList<>();
    final List<Read> reads = new ArrayList<>();
    final List<int[]> groups = new ArrayList<>();

    void addNode(double headCost, double tailCost) {
        headCosts.add(headCost);
        tailCosts.add(tailCost);
        returnCosts.add(0.0);
    }

    void addTensor(int producer, double shipCost, int... consumers) {
        reads.add(new Read(producer, shipCost, consumers));
    }

    int nodes() {
        return headCosts.size();
    }

    PlacementProblem problem() {
        PlacementBuilder builder = PlacementProblem.builder();
        for (int node = 0; node < nodes(); node++) {
            builder.node(headCosts.get(node), tailCosts.get(node));
        }
        reads.forEach(read -> builder.tensor(read.producer(), read.shipCost(), read.consumers()));
        groups.forEach(builder::together);
        for (int node = 0; node < nodes(); node++) {
            builder.returnCost(node, returnCosts.get(node));
        }
        return builder.build();
    }

    double cost(BitSet head) {
        return cost(head::get);
    }

    /** Infinite if it is not legal. */
    double cost(IntPredicate head) {
        double cost = 0;
        for (int node = 0; node < nodes(); node++) {
            cost += head.test(node) ? headCosts.get(node) : tailCosts.get(node) + returnCosts.get(node);
        }
        for (Read read : reads) {
            boolean onDevice = read.producer() < 0 || head.test(read.producer());
            if (!onDevice && Arrays.stream(read.consumers()).anyMatch(head)) {
                return Double.POSITIVE_INFINITY;
            }
            if (onDevice && !Arrays.stream(read.consumers()).allMatch(head)) {
                cost += read.shipCost();
            }
        }
        for (int[] group : groups) {
            if (Arrays.stream(group).anyMatch(head) && !Arrays.stream(group).allMatch(head)) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return cost;
    }

    /** The least cost of any set of nodes whatever; infinite if none is legal. */
    double leastCost() {
        double least = Double.POSITIVE_INFINITY;
        for (int mask = 0; mask < 1 << nodes(); mask++) {
            int set = mask;
            least = Math.min(least, cost(node -> (set >> node & 1) == 1));
        }
        return least;
    }

    /** The least cost of the sets of nodes 0..k. */
    double leastCostOfPrefixes() {
        double least = Double.POSITIVE_INFINITY;
        for (int end = 0; end <= nodes(); end++) {
            int size = end;
            least = Math.min(least, cost(node -> node < size));
        }
        return least;
    }
}
