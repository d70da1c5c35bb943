package dev.cleave.partition.tflite;

import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out what the integers of each tensor stand for: QuantizeLinear and DequantizeLinear beside it say so, or beside a
 * tensor that has the same integers in other places.
 */
final class Quantizations {
    /** Operators whose outputs have the integers of their first input. */
    private static final Set<String> MOVING = Set.of(
            "MaxPool",
            "Reshape",
            "Flatten",
            "Transpose",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Split",
            "Pad",
            "Resize",
            "Upsample",
            "Clip",
            "Relu",
            "Identity",
            "Dropout",
            "Gather",
            "Concat",
            "DepthToSpace",
            "SpaceToDepth",
            "Expand",
            "Tile",
            "GlobalMaxPool");

    private final Graph graph;
    private final SourceGraph source;
    private final Map<String, Quantization> found = new HashMap<>();

    Quantizations(Graph graph, SourceGraph source) {
        this.graph = graph;
        this.source = source;
    }

    Map<String, Quantization> find() throws UnconvertibleException {
        for (GraphNode node : graph.nodes()) {
            if (node.op().equals("QuantizeLinear") || node.op().equals("DequantizeLinear")) {
                Quantization said = said(new SourceNode(node), source);
                if (said != null) {
                    boolean quantizes = node.op().startsWith("Q");
                    found.putIfAbsent(
                            quantizes ? node.outputs().get(0) : node.inputs().get(0), said);
                }
            }
        }
        List<SourceNode> nodes = source.nodes();
        for (SourceNode node : nodes) {
            share(node);
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            share(nodes.get(i));
        }
        return found;
    }

    /**
     * What a QuantizeLinear or DequantizeLinear says of its integers; null where the scale is not a constant, or not one for
     * each slice along a single axis.
     */
    static Quantization said(SourceNode node, SourceGraph source) throws UnconvertibleException {
        Constant scale = source.constant(node.input(1));
        Constant zeroPoint = node.input(2).isEmpty() ? null : source.constant(node.input(2));
        boolean isSaid = scale != null
                && scale.type() == ElementType.FLOAT32
                && scale.elements() > 0
                && scale.dims().length <= 1
                && (node.input(2).isEmpty() || zeroPoint != null && zeroPoint.isInteger())
                && !node.has("block_size");
        if (!isSaid) {
            return null;
        }
        float[] scales = scale.floats();
        int[] zeros = zeroPoint == null ? new int[scales.length] : zeroPoint.ints();
        if (zeros.length != scales.length) {
            return null;
        }
        int axis = node.integer("axis", 1);
        if (axis < 0) {
            axis += source.extent(node.input(0)).rank();
        }
        boolean isOne = isUniform(scales, zeros);
        return isOne ? Quantization.of(scales[0], zeros[0]) : new Quantization(scales, zeros, axis);
    }

    private static boolean isUniform(float[] scales, int[] zeros) {
        for (int i = 1; i < scales.length; i++) {
            if (scales[i] != scales[0] || zeros[i] != zeros[0]) {
                return false;
            }
        }
        return true;
    }

    private void share(SourceNode node) {
        if (!node.node().domain().isEmpty() || !MOVING.contains(node.operator())) {
            return;
        }
        Quantization one = found.get(node.input(0));
        for (String output : node.outputs()) {
            one = one == null ? found.get(output) : one;
        }
        if (one != null && one.isSingle()) {
            found.putIfAbsent(node.input(0), one);
            for (String output : node.outputs()) {
                found.putIfAbsent(output, one);
            }
        }
    }
}
