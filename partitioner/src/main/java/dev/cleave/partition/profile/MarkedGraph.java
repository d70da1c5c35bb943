package dev.cleave.partition.profile;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A graph in which every node, and every tensor that a node makes, is called by the node's index: {@code @17@},
 * {@code @17:0@}.
 *
 * <p>An engine that joins nodes makes up a name for what it made, nearly always out of the names of nodes or tensors that
 * it joined. So the index survives, where a name chosen by an exporter may be any text.
 */
final class MarkedGraph {
    private static final Pattern MARK = Pattern.compile("@(\\d{1,9})(?::\\d{1,9})?@");

    private final Graph graph;

    /** @param graph whose indices are the marks */
    MarkedGraph(Graph graph) {
        this.graph = graph;
    }

    /**
     * Marks a model. What bodies read keeps its name, so that bodies stay as they are.
     *
     * @param part of the graph, its names unchanged
     */
    ModelProto mark(ModelProto part) {
        GraphProto.Builder marked =
                part.getGraph().toBuilder().clearNode().clearOutput().clearQuantizationAnnotation();
        for (NodeProto node : part.getGraph().getNodeList()) {
            marked.addNode(mark(node));
        }
        for (ValueInfoProto output : part.getGraph().getOutputList()) {
            marked.addOutput(output.toBuilder().setName(mark(output.getName())));
        }
        return part.toBuilder().setGraph(marked).build();
    }

    /** Nodes whose marks a name holds; marks that are none of this graph's are ignored. */
    BitSet nodesIn(String name) {
        BitSet nodes = new BitSet();
        Matcher mark = MARK.matcher(name);
        while (mark.find()) {
            int index = Integer.parseInt(mark.group(1));
            if (index < graph.nodes().size()) {
                nodes.set(index);
            }
        }
        return nodes;
    }

    private NodeProto mark(NodeProto node) {
        NodeProto.Builder marked = node.toBuilder().clearInput().clearOutput();
        node.getInputList().forEach(input -> marked.addInput(mark(input)));
        node.getOutputList().forEach(output -> marked.addOutput(mark(output)));
        return marked.setName("@" + producer(node) + "@").build();
    }

    private String mark(String tensor) {
        Value value = graph.value(tensor);
        if (value == null || value.producer() < 0) {
            return tensor;
        }
        GraphNode producer = graph.node(value.producer());
        boolean captured = value.consumers().stream()
                .anyMatch(reader -> graph.node(reader).captures().contains(tensor));
        return captured
                ? tensor
                : "@" + producer.index() + ":" + producer.outputs().indexOf(tensor) + "@";
    }

    private int producer(NodeProto node) {
        List<String> outputs = new ArrayList<>(node.getOutputList());
        outputs.removeIf(String::isEmpty);
        return graph.value(outputs.get(0)).producer();
    }
}
