package dev.cleave.partition.cut;

import dev.cleave.partition.graph.GraphNode;
import java.util.Set;

/** Tells nodes that only move, cast or compare data from those that compute. */
final class Plumbing {
    private static final Set<String> PLUMBING = Set.of(
            "Identity",
            "Cast",
            "CastLike",
            "Reshape",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Transpose",
            "Shape",
            "Size",
            "Dropout",
            "Equal",
            "Less",
            "LessOrEqual",
            "Greater",
            "GreaterOrEqual",
            "Not",
            "And",
            "Or",
            "QuantizeLinear");

    private Plumbing() {}

    static boolean isPlumbing(GraphNode node) {
        return PLUMBING.contains(node.op()) && !node.hasBody();
    }
}
