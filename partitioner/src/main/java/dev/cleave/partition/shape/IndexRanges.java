package dev.cleave.partition.shape;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import java.util.Set;

/**
 * Finds out how large an integer input may be by what it indexes: the rows of the table that a Gather looks it up in, or
 * the classes of a one-hot encoding.
 */
final class IndexRanges {
    private static final Set<String> PASSING =
            Set.of("Cast", "Identity", "Expand", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Transpose");
    private static final int FURTHEST = 8;

    /** Used where nothing is found: 0 and 1 are valid for ids, flags and most counts. */
    static final long DEFAULT = 2;

    private final Graph graph;

    IndexRanges(Graph graph) {
        this.graph = graph;
    }

    /** Values 0 .. result-1 are valid for this input, as far as can be told. */
    long below(String input) {
        long below = below(input, 0);
        return below == Long.MAX_VALUE ? DEFAULT : Math.max(1, below);
    }

    private long below(String name, int depth) {
        long least = Long.MAX_VALUE;
        if (depth > FURTHEST) {
            return least;
        }
        for (int consumer : graph.value(name).consumers()) {
            GraphNode node = graph.node(consumer);
            boolean first = !node.inputs().isEmpty() && node.inputs().get(0).equals(name);
            if (PASSING.contains(node.op()) && first) {
                least = Math.min(least, below(node.outputs().get(0), depth + 1));
            } else if (node.is("Gather") && node.inputs().get(1).equals(name)) {
                least = Math.min(least, tableRows(node));
            } else if (node.is("Equal")) {
                least = Math.min(
                        least, classes(node.inputs().get(node.inputs().get(0).equals(name) ? 1 : 0)));
            }
        }
        return least;
    }

    /** A one-hot encoding compares with a row of all classes. */
    private long classes(String compared) {
        TensorProto row = graph.initializers().get(compared);
        long classes = row == null || row.getDimsCount() == 0 ? 1 : row.getDims(row.getDimsCount() - 1);
        return classes > 1 ? classes : Long.MAX_VALUE;
    }

    private long tableRows(GraphNode gather) {
        String table = gather.inputs().get(0);
        int producer = graph.value(table).producer();
        if (producer >= 0 && graph.node(producer).op().equals("DequantizeLinear")) {
            table = graph.node(producer).inputs().get(0);
        }
        TensorProto weights = graph.initializers().get(table);
        int axis = (int) gather.proto().getAttributeList().stream()
                .filter(a -> a.getName().equals("axis"))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(0);
        if (weights == null || weights.getDimsCount() == 0) {
            return Long.MAX_VALUE;
        }
        return weights.getDims(Math.floorMod(axis, weights.getDimsCount()));
    }
}
