package dev.cleave.partition.cut;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.List;

/**
 * Recognises {@code QuantizeLinear -> DequantizeLinear -> QuantizeLinear} of one integer type with no other readers.
 * ONNX Runtime quantises once there, to the narrower of the two ranges; with a cut at either tensor it would do both.
 */
final class Requantization {
    private final Dataflow flow;
    private final Graph graph;

    Requantization(Dataflow flow) {
        this.flow = flow;
        this.graph = flow.graph();
    }

    /** Whether a tensor is one of the two that are quantised in a row. */
    boolean involves(String tensor) {
        GraphNode maker = maker(tensor);
        if (maker == null || !maker.op().equals("QuantizeLinear")) {
            return false;
        }
        GraphNode between = maker(maker.inputs().get(0));
        GraphNode before = between == null ? null : maker(between.inputs().get(0));
        return isRequantized(maker) || before != null && isRequantized(before);
    }

    /** Whether this node's one reader is a DequantizeLinear, whose one reader quantises to the same type again. */
    private boolean isRequantized(GraphNode quantize) {
        GraphNode dequantize = onlyReader(quantize, "DequantizeLinear");
        GraphNode again = dequantize == null ? null : onlyReader(dequantize, "QuantizeLinear");
        return quantize.op().equals("QuantizeLinear") && again != null && zeroType(quantize) == zeroType(again);
    }

    private GraphNode maker(String tensor) {
        Value value = graph.value(tensor);
        return value == null || value.producer() < 0 ? null : graph.node(value.producer());
    }

    private GraphNode onlyReader(GraphNode node, String op) {
        Value made = graph.value(node.outputs().get(0));
        List<Integer> readers = made == null
                ? List.of()
                : made.consumers().stream().filter(flow::isLive).toList();
        GraphNode reader = readers.size() == 1 && !made.output() ? graph.node(readers.get(0)) : null;
        return reader != null
                        && reader.op().equals(op)
                        && reader.inputs().get(0).equals(made.name())
                ? reader
                : null;
    }

    /** Element type of a node's zero point; where there is none, uint8. */
    private int zeroType(GraphNode quantize) {
        TensorProto zero = quantize.inputs().size() < 3
                ? null
                : graph.stored(quantize.inputs().get(2));
        return zero == null ? TensorProto.DataType.UINT8_VALUE : zero.getDataType();
    }
}
