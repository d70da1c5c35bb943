package dev.cleave.partition.graph;

import java.util.List;

/**
 * A named tensor of the main graph.
 *
 * @param producer index of the node that makes it, or -1 for an input or a weight
 * @param consumers indices of the nodes that read it, captures included, ascending and without repetition
 * @param output whether it is an output of the graph
 * @param constant whether it depends on weights alone
 */
public record Value(
        String name, Origin origin, int producer, List<Integer> consumers, boolean output, boolean constant) {
    /** Where a value comes from. */
    public enum Origin {
        INPUT,
        WEIGHT,
        NODE
    }

    public Value {
        consumers = List.copyOf(consumers);
    }
}
