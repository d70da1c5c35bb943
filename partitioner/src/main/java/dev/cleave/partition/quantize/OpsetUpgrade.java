package dev.cleave.partition.quantize;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Rewrites nodes of an older operator set as version {@value #TARGET} has them: the first in which QuantizeLinear works
 * by channel. Between version {@value #LOWEST} and that one, operators of feed-forward networks changed little: attributes
 * became inputs, and Softmax another default axis.
 */
final class OpsetUpgrade {
    static final int TARGET = 13;
    static final int LOWEST = 7;

    /** Mean the same in all those versions, for what a node of the older one can say. */
    private static final Set<String> SAME = Set.of(
            ("Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Concat Constant ConstantOfShape Conv"
                            + " ConvTranspose Cos DepthToSpace Div Dropout Elu Equal Erf Exp Expand Flatten Floor GRU Gather"
                            + " Gemm GlobalAveragePool GlobalMaxPool Greater HardSigmoid Identity InstanceNormalization LRN"
                            + " LSTM LeakyRelu Less Log MatMul Max MaxPool Mean Min Mul Neg Not Or PRelu Pow RNN Reciprocal"
                            + " Relu Reshape Selu Shape Sigmoid Sin SpaceToDepth Softplus Softsign Sqrt Sub Sum Tanh Tile"
                            + " Transpose Where")
                    .split(" "));

    private final Rewriting graph;
    private final TensorFacts facts;
    private final long version;

    OpsetUpgrade(Rewriting graph, TensorFacts facts, long version) {
        this.graph = graph;
        this.facts = facts;
        this.version = version;
    }

    /**
     * Rewrites every node, or none.
     *
     * @return null, or the label of an operator that has no counterpart
     */
    String run() {
        if (version < LOWEST) {
            return "operators of version " + version;
        }
        List<NodeProto> changed = new ArrayList<>();
        for (int index = 0; index < graph.size(); index++) {
            NodeProto node = graph.node(index);
            changed.add(node == null ? null : upgraded(node));
            if (node != null && changed.get(index) == null) {
                return node.getOpType() + " of version " + version;
            }
        }
        for (int index = 0; index < graph.size(); index++) {
            if (changed.get(index) != null && !changed.get(index).equals(graph.node(index))) {
                graph.replace(index, changed.get(index));
            }
        }
        return null;
    }

    private NodeProto upgraded(NodeProto node) {
        if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
            return node;
        }
        if (node.getAttributeList().stream().anyMatch(each -> each.hasG() || each.getGraphsCount() > 0)) {
            return null;
        }
        return switch (node.getOpType()) {
            case "Clip" -> version < 11 ? limits(node) : node;
            case "Pad" -> version < 11 ? padding(node) : node;
            case "Slice" -> version < 10 ? slice(node) : node;
            case "Resize" -> version < 11 ? null : node;
            case "Squeeze", "Unsqueeze", "ReduceSum" -> withInput(node, "axes");
            case "Split" -> withInput(node, "split");
            case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
            case "BatchNormalization" -> Stored.integer(node, "spatial", 1) == 1 ? node : null;
            case "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceProd" -> node;
            default -> SAME.contains(node.getOpType()) ? node : null;
        };
    }

    private NodeProto limits(NodeProto node) {
        NodeProto.Builder changed = node.toBuilder().clearAttribute();
        for (String limit : List.of("min", "max")) {
            AttributeProto value = Stored.attribute(node, limit);
            if (value == null) {
                changed.addInput("");
            } else {
                changed.addInput(stored(node, limit, value.getF()));
            }
        }
        return changed.build();
    }

    private NodeProto padding(NodeProto node) {
        AttributeProto pads = Stored.attribute(node, "pads");
        if (pads == null) {
            return null;
        }
        NodeProto.Builder changed = node.toBuilder().clearAttribute();
        AttributeProto mode = Stored.attribute(node, "mode");
        if (mode != null) {
            changed.addAttribute(mode);
        }
        return changed.addInput(stored(node, "pads", pads.getIntsList()))
                .addInput(stored(node, "value", Stored.number(node, "value", 0)))
                .build();
    }

    private NodeProto slice(NodeProto node) {
        AttributeProto starts = Stored.attribute(node, "starts");
        AttributeProto ends = Stored.attribute(node, "ends");
        AttributeProto axes = Stored.attribute(node, "axes");
        if (starts == null || ends == null) {
            return null;
        }
        NodeProto.Builder changed = node.toBuilder()
                .clearAttribute()
                .addInput(stored(node, "starts", starts.getIntsList()))
                .addInput(stored(node, "ends", ends.getIntsList()));
        return axes == null
                ? changed.build()
                : changed.addInput(stored(node, "axes", axes.getIntsList())).build();
    }

    private NodeProto withInput(NodeProto node, String name) {
        AttributeProto values = Stored.attribute(node, name);
        if (values == null) {
            return node;
        }
        NodeProto.Builder changed = node.toBuilder().clearAttribute();
        node.getAttributeList().stream()
                .filter(each -> !each.getName().equals(name))
                .forEach(changed::addAttribute);
        return changed.addInput(stored(node, name, values.getIntsList())).build();
    }

    /** Up to version 12 it flattened all axes from the given one on; the same where only one of them is wider than 1. */
    private NodeProto softmax(NodeProto node) {
        Shape shape = facts.seen().get(node.getInput(0));
        if (shape == null) {
            return null;
        }
        long given = Stored.integer(node, "axis", 1);
        int from = (int) (given < 0 ? given + shape.rank() : given);
        int wide = -1;
        for (int axis = from; axis < shape.rank(); axis++) {
            if (shape.dim(axis) > 1 && wide >= 0) {
                return null;
            }
            wide = shape.dim(axis) > 1 ? axis : wide;
        }
        return node.toBuilder()
                .clearAttribute()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("axis")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(wide < 0 ? Math.min(from, shape.rank() - 1) : wide))
                .build();
    }

    private String stored(NodeProto node, String what, List<Long> values) {
        String name = node.getOutput(0) + "/" + what;
        graph.storeLongs(name, values, false);
        return name;
    }

    private String stored(NodeProto node, String what, float value) {
        String name = node.getOutput(0) + "/" + what;
        graph.store(name, List.of(), new float[] {value});
        return name;
    }
}
