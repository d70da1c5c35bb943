package dev.cleave.partition.shape;

import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells tensors whose size may depend on the values of the inputs (the hits of a NonZero, the rounds of a Loop) from
 * those whose size follows from the sizes of the inputs alone.
 */
final class DataDependence {
    private static final Set<String> ALWAYS = Set.of(
            "NonZero",
            "Unique",
            "NonMaxSuppression",
            "Compress",
            "Loop",
            "Scan",
            "If",
            "SequenceAt",
            "ConcatFromSequence");

    /** Operators that read sizes from their inputs, from the given one on. */
    private static final Set<String> SIZED_BY_FIRST = Set.of("ConstantOfShape", "Range");

    private static final Set<String> SIZED_BY_LATER =
            Set.of("Reshape", "Expand", "Tile", "Slice", "Resize", "Upsample", "Pad", "OneHot", "TopK", "Split");

    private final Set<String> values = new HashSet<>();
    private final Set<String> sizes = new HashSet<>();

    DataDependence(Graph graph) {
        values.addAll(graph.inputs().keySet());
        for (GraphNode node : graph.nodes()) {
            boolean sized = node.reads().stream().anyMatch(sizes::contains) || isSizedByValues(node);
            boolean valued = node.is("Shape") || node.is("Size")
                    ? node.reads().stream().anyMatch(sizes::contains)
                    : node.reads().stream().anyMatch(values::contains);
            for (String output : node.outputs()) {
                if (sized) {
                    sizes.add(output);
                }
                if (valued) {
                    values.add(output);
                }
            }
        }
    }

    private boolean isSizedByValues(GraphNode node) {
        if (ALWAYS.contains(node.op())) {
            return node.role() != GraphNode.Role.CONSTANT;
        }
        int first = SIZED_BY_FIRST.contains(node.op()) ? 0 : SIZED_BY_LATER.contains(node.op()) ? 1 : -1;
        List<String> inputs = node.inputs();
        return first >= 0
                && first < inputs.size()
                && inputs.subList(first, inputs.size()).stream().anyMatch(values::contains);
    }

    /** Whether the size of this tensor may change while the sizes of the inputs stay. */
    boolean mayResize(String name) {
        return sizes.contains(name);
    }
}
