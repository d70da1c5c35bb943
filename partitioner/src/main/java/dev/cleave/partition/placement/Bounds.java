package dev.cleave.partition.placement;

import java.util.Arrays;
import java.util.List;

/** What every prefix of the topological order costs, and the least that any head of a block can cost. */
final class Bounds {
    private final PlacementProblem problem;
    private final List<Block> blocks;
    private final double[] headBefore;
    private final double[] tailFrom;
    private final IntervalSums crossing;
    private final IntervalSums passing;

    /** @param blocks in order */
    Bounds(PlacementProblem problem, List<Block> blocks) {
        this.problem = problem;
        this.blocks = blocks;
        int nodes = problem.nodes();
        this.headBefore = new double[nodes + 1];
        this.tailFrom = new double[nodes + 1];
        for (int node = 0; node < nodes; node++) {
            headBefore[node + 1] = headBefore[node] + problem.headCost(node);
        }
        for (int node = nodes - 1; node >= 0; node--) {
            tailFrom[node] = tailFrom[node + 1] + problem.tailCost(node);
        }
        this.crossing = new IntervalSums(nodes + 1);
        this.passing = new IntervalSums(blocks.size());
        addSpans();
    }

    /** A tensor is paid for, and a group forbids, wherever its first node is before the cut and its last after it. */
    private void addSpans() {
        int[] firsts = blocks.stream().mapToInt(Block::first).toArray();
        int[] ends = blocks.stream().mapToInt(Block::end).toArray();
        for (Tensor tensor : problem.tensors()) {
            addSpan(tensor.producer(), tensor.lastConsumer(), tensor.shipCost(), firsts, ends);
        }
        for (int[] group : problem.groups()) {
            addSpan(group[0], group[group.length - 1], Double.POSITIVE_INFINITY, firsts, ends);
        }
    }

    private void addSpan(int from, int to, double price, int[] firsts, int[] ends) {
        crossing.add(from + 1, to, price);
        passing.add(firstNotBelow(from + 1, firsts), firstNotBelow(to + 1, ends) - 1, price);
    }

    private static int firstNotBelow(int value, int[] ascending) {
        int found = Arrays.binarySearch(ascending, value);
        return found < 0 ? -1 - found : found;
    }

    /** How many nodes the cheapest prefix holds. */
    int cheapestPrefix() {
        int cheapest = 0;
        for (int end = 1; end <= problem.nodes(); end++) {
            if (costOfPrefix(end) < costOfPrefix(cheapest)) {
                cheapest = end;
            }
        }
        return cheapest;
    }

    /** Infinite if nodes 0..end-1 are no legal head. */
    double costOfPrefix(int end) {
        return headBefore[end] + tailFrom[end] + crossing.at(end);
    }

    /** What every head of a block pays for the nodes outside it and the tensors that pass it; infinite if none is legal. */
    double costAround(int block) {
        return headBefore[blocks.get(block).first()]
                + tailFrom[blocks.get(block).end()]
                + passing.at(block);
    }

    /** No head of the block costs less. */
    double leastCost(int block) {
        double cost = costAround(block) + cheapestCrossing(blocks.get(block));
        for (int node = blocks.get(block).first(); node < blocks.get(block).end(); node++) {
            cost += Math.min(problem.headCost(node), problem.tailCost(node));
        }
        return cost;
    }

    /**
     * Between two cut vertices v and w there is a path, v is in the head and w in the tail, so at least one tensor along
     * such paths is shipped; 0 if that may be one that {@link #costAround} counts.
     */
    private double cheapestCrossing(Block block) {
        if (block.first() == 0 || block.end() == problem.nodes()) {
            return 0;
        }
        double cheapest = Double.POSITIVE_INFINITY;
        for (int producer = block.first() - 1; producer < block.end(); producer++) {
            for (Tensor tensor : problem.madeBy(producer)) {
                if (producer < block.first() && tensor.lastConsumer() >= block.end()) {
                    return 0;
                }
                if (tensor.firstConsumer() <= block.end()) {
                    cheapest = Math.min(cheapest, tensor.shipCost());
                }
            }
        }
        return cheapest;
    }
}
