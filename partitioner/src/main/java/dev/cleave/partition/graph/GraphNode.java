package dev.cleave.partition.graph;

import dev.cleave.onnx.NodeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One operator of the main graph.
 *
 * @param index position in {@link Graph#nodes()}, which is a topological order
 * @param inputs names that it reads itself; {@code ""} stands for an optional input that is absent
 * @param captures outer names that its bodies read (If, Loop, Scan; at any depth), without repetition
 * @param outputs names that it makes; {@code ""} stands for an optional output that is not wanted
 */
public record GraphNode(
        int index, NodeProto proto, List<String> inputs, List<String> captures, List<String> outputs, Role role) {
    /** What a node is to a cut. */
    public enum Role {
        /** Belongs to exactly one side of a cut. */
        ANCHORED,
        /** Depends on weights alone: every side that needs it has its own copy. */
        CONSTANT,
        /**
         * Unpacks a quantised tensor, or rearranges it after that: every side that needs it has its own copy, so that
         * the tensor crosses as the integers it is.
         */
        COPIED
    }

    public GraphNode {
        inputs = Collections.unmodifiableList(inputs);
        captures = List.copyOf(captures);
        outputs = Collections.unmodifiableList(outputs);
    }

    public String op() {
        return proto.getOpType();
    }

    /** Domain of the operator; empty for ONNX's own. */
    public String domain() {
        return proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
    }

    /** True for an operator of the ONNX standard with this name. */
    public boolean is(String onnxOp) {
        return domain().isEmpty() && op().equals(onnxOp);
    }

    /** Every name that the node depends on: inputs that are present, and captures. */
    public List<String> reads() {
        List<String> reads = new ArrayList<>(inputs.size() + captures.size());
        for (String input : inputs) {
            if (!input.isEmpty()) {
                reads.add(input);
            }
        }
        reads.addAll(captures);
        return reads;
    }

    /** True if the node runs bodies: If, Loop, Scan and their like. */
    public boolean hasBody() {
        return proto.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0);
    }

    /** What messages call this node: {@code Conv "conv1"}, or by its first output where it has no name. */
    public String label() {
        return Graph.labelOf(proto);
    }
}
