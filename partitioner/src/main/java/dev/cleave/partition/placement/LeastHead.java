package dev.cleave.partition.placement;

import java.util.BitSet;
import java.util.Optional;

/**
 * The smallest legal head: the nodes that are pinned to it, and what follows from them. Every legal head contains it, so
 * there is none at all if it holds a node that may not be in a head.
 */
final class LeastHead {
    private final PlacementProblem problem;
    private final BitSet head = new BitSet();
    private final int[] open;
    private int openCount;

    private LeastHead(PlacementProblem problem) {
        this.problem = problem;
        this.open = new int[problem.nodes()];
    }

    static Optional<BitSet> of(PlacementProblem problem) {
        LeastHead least = new LeastHead(problem);
        least.addPinned();
        least.addWhatFollows();
        boolean legal = least.head.stream().allMatch(node -> problem.headCost(node) < Double.POSITIVE_INFINITY);
        return legal ? Optional.of(least.head) : Optional.empty();
    }

    private void addPinned() {
        for (int node = 0; node < problem.nodes(); node++) {
            if (problem.tailCost(node) == Double.POSITIVE_INFINITY) {
                add(node);
            }
        }
        for (Tensor tensor : problem.tensors()) {
            if (tensor.producer() == PlacementProblem.INPUT && !tensor.mayCross()) {
                addAll(tensor.consumers());
            }
        }
    }

    private void addWhatFollows() {
        while (openCount > 0) {
            int node = open[--openCount];
            for (Tensor tensor : problem.readBy(node)) {
                if (tensor.producer() != PlacementProblem.INPUT) {
                    add(tensor.producer());
                }
            }
            for (Tensor tensor : problem.madeBy(node)) {
                if (!tensor.mayCross()) {
                    addAll(tensor.consumers());
                }
            }
            addAll(problem.groupOf(node));
        }
    }

    private void addAll(int[] nodes) {
        for (int node : nodes) {
            add(node);
        }
    }

    private void add(int node) {
        if (!head.get(node)) {
            head.set(node);
            open[openCount++] = node;
        }
    }
}
