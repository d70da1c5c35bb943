package dev.cleave.partition.half;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a float graph with some of its nodes in 16-bit floats, and Casts wherever the two kinds meet:
 *
 * <pre>
 *   x --Cast--> x' --Conv--> h' --Relu--> r' --Cast--> r --Softmax--> y        names with ' are 16-bit tensors
 * </pre>
 *
 * <p>A tensor that may cross a boundary is made in 32 bits and cast again by who reads it, so that the graph can be cut
 * there like the one it was made of: under the same name, of the same type. One thread.
 */
final class HalfWriter {
    private final Graph graph;
    private final HalfPlan plan;
    private final Set<String> boundaries;
    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> weights = new ArrayList<>();
    /** Names of the 16-bit tensors that are there already. */
    private final Set<String> present = new HashSet<>();

    /** @param boundaries names of tensors that have to be there in 32 bits, between Casts */
    HalfWriter(Graph graph, HalfPlan plan, Collection<String> boundaries) {
        this.graph = graph;
        this.plan = plan;
        this.boundaries = Set.copyOf(boundaries);
    }

    OnnxModel write() {
        for (GraphNode node : graph.nodes()) {
            if (plan.isHalf(node.index())) {
                addHalf(node);
            } else {
                nodes.add(node.proto());
            }
        }
        GraphProto.Builder changed = graph.proto().toBuilder().clearNode().clearValueInfo();
        OnnxModel model = graph.model();
        return model.with(model.proto().toBuilder()
                .setGraph(changed.addAllNode(nodes).addAllInitializer(weights))
                .build());
    }

    private void addHalf(GraphNode node) {
        NodeProto.Builder changed = node.proto().toBuilder();
        for (int input = 0; input < node.inputs().size(); input++) {
            if (!node.inputs().get(input).isEmpty() && plan.isConverted(node, input)) {
                changed.setInput(input, read(node, input));
            }
        }
        List<NodeProto> casts = new ArrayList<>();
        for (int output = 0; output < node.outputs().size(); output++) {
            String name = node.outputs().get(output);
            if (plan.isFloat(name)) {
                boolean crosses = boundaries.contains(name);
                String half = plan.prefix() + (crosses ? "made/" : "") + name;
                changed.setOutput(output, half);
                present.add(half);
                if (crosses || isReadInFloat(name)) {
                    casts.add(cast(half, name, TensorProto.DataType.FLOAT_VALUE));
                }
            }
        }
        nodes.add(changed.build());
        nodes.addAll(casts);
    }

    /** The name of a node's input in 16 bits, which is there from now on. */
    private String read(GraphNode node, int input) {
        TensorProto weight = plan.weight(node, input);
        String name = node.inputs().get(input);
        String half = weight == null ? plan.prefix() + name : weight.getName();
        if (present.add(half)) {
            if (weight == null) {
                nodes.add(cast(name, half, TensorProto.DataType.FLOAT16_VALUE));
            } else {
                weights.add(weight);
            }
        }
        return half;
    }

    private boolean isReadInFloat(String name) {
        Value value = graph.value(name);
        return value.output()
                || value.consumers().stream()
                        .anyMatch(reader -> !plan.isHalf(reader) || isReadUnconverted(reader, name));
    }

    private boolean isReadUnconverted(int reader, String name) {
        GraphNode node = graph.node(reader);
        for (int input = 0; input < node.inputs().size(); input++) {
            if (node.inputs().get(input).equals(name) && !plan.isConverted(node, input)) {
                return true;
            }
        }
        return false;
    }

    private static NodeProto cast(String from, String to, int type) {
        return NodeProto.newBuilder()
                .setOpType("Cast")
                .addInput(from)
                .addOutput(to)
                .addAttribute(AttributeProto.newBuilder()
                        .setName("to")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(type))
                .build();
    }
}
