package dev.cleave.partition.extract;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.List;

/**
 * Completes, on each side of a cut at a signed 8-bit activation, the pair of QuantizeLinear (Q) and DequantizeLinear
 * (DQ) that the cut takes apart:
 *
 * <pre>
 *   whole   Conv -> Q ---> DQ -> Conv
 *   head    Conv -> Q -> DQ -> Q' -> DQ' -> Q -> tensor
 *   tail                                         tensor -> DQ -> Q' -> DQ' -> Q -> DQ -> Conv
 * </pre>
 *
 * <p>ONNX Runtime's integer kernels take unsigned activations on x86. It therefore shifts signed ones by 128, but only
 * where a Q and the one DQ that reads it are in sight together; the operators beside any other signed activation run in
 * floating point there, and round differently. With its pair complete a cut changes nothing: the steps that are added
 * give back the very integers they take. Q' and DQ' are the same steps with unsigned integers; without them the engine
 * would see that the others cancel out. A tensor with several readers is not shifted in the whole model either, so it
 * is left alone.
 */
final class SignedPairs {
    private static final int SHIFT = 128;

    private final Dataflow flow;
    private final Graph graph;

    SignedPairs(Dataflow flow) {
        this.flow = flow;
        this.graph = flow.graph();
    }

    /** The part of the graph with the pairs at its inputs and outputs completed. */
    GraphProto complete(GraphProto part) {
        GraphProto.Builder completed = part.toBuilder().clearNode();
        for (NodeProto node : part.getNodeList()) {
            if (isReader(node, part)) {
                String tensor = node.getInput(0);
                addSteps(node, tensor, inner(tensor), completed);
                completed.addNode(node.toBuilder().setInput(0, inner(tensor)));
            } else if (isMaker(node, part)) {
                String tensor = node.getOutput(0);
                completed.addNode(node.toBuilder().setOutput(0, inner(tensor)));
                addSteps(node, inner(tensor), tensor, completed);
            } else {
                completed.addNode(node);
            }
        }
        return completed.build();
    }

    private boolean isReader(NodeProto node, GraphProto part) {
        return node.getOpType().equals("DequantizeLinear")
                && isDeclared(node.getInput(0), part.getInputList())
                && isShifted(node.getInput(0));
    }

    private boolean isMaker(NodeProto node, GraphProto part) {
        return node.getOpType().equals("QuantizeLinear")
                && isDeclared(node.getOutput(0), part.getOutputList())
                && isShifted(node.getOutput(0));
    }

    private static boolean isDeclared(String name, List<ValueInfoProto> values) {
        return values.stream().anyMatch(value -> value.getName().equals(name));
    }

    private static String inner(String tensor) {
        return "cleave/pair/" + tensor;
    }

    /** @param model whose scale, zero point and domain the steps have */
    private void addSteps(NodeProto model, String from, String to, GraphProto.Builder part) {
        String signed = model.getInput(2);
        String unsigned = "cleave/unsigned/" + from;
        part.addInitializer(TensorProto.newBuilder()
                .setName(unsigned)
                .setDataType(TensorProto.DataType.UINT8_VALUE)
                .addAllDims(graph.stored(signed).getDimsList())
                .addInt32Data(graph.model().data(graph.stored(signed)).bytes().byteAt(0) + SHIFT));
        part.addNode(step("DequantizeLinear", model, from, signed, "cleave/1/" + from));
        part.addNode(step("QuantizeLinear", model, "cleave/1/" + from, unsigned, "cleave/2/" + from));
        part.addNode(step("DequantizeLinear", model, "cleave/2/" + from, unsigned, "cleave/3/" + from));
        part.addNode(step("QuantizeLinear", model, "cleave/3/" + from, signed, to));
    }

    private static NodeProto step(String op, NodeProto model, String from, String zeroPoint, String to) {
        return NodeProto.newBuilder()
                .setOpType(op)
                .setDomain(model.getDomain())
                .addInput(from)
                .addInput(model.getInput(1))
                .addInput(zeroPoint)
                .addOutput(to)
                .build();
    }

    /** Whether the engine sees this tensor between a Q and the one DQ that reads it, and shifts it. */
    private boolean isShifted(String tensor) {
        Value value = graph.value(tensor);
        GraphNode maker = value.producer() < 0 ? null : graph.node(value.producer());
        GraphNode reader = onlyReader(value);
        return maker != null
                && reader != null
                && maker.op().equals("QuantizeLinear")
                && reader.op().equals("DequantizeLinear")
                && maker.domain().equals(reader.domain())
                && onlyReader(graph.value(reader.outputs().get(0))) != null
                && isSignedPair(maker.inputs(), reader.inputs());
    }

    /** The one node that reads a value, once; null if several do, or if it is an output of the model. */
    private GraphNode onlyReader(Value value) {
        List<GraphNode> readers =
                value.consumers().stream().filter(flow::isLive).map(graph::node).toList();
        boolean readOnce = !value.output()
                && readers.size() == 1
                && readers.get(0).reads().stream().filter(value.name()::equals).count() == 1
                && !readers.get(0).captures().contains(value.name());
        return readOnce ? readers.get(0) : null;
    }

    private boolean isSignedPair(List<String> made, List<String> read) {
        if (made.size() < 3 || read.size() < 3) {
            return false;
        }
        TensorProto zeroPoint = graph.stored(made.get(2));
        return zeroPoint != null
                && zeroPoint.getDataType() == TensorProto.DataType.INT8_VALUE
                && graph.model().data(zeroPoint).length() == 1
                && isSame(made.get(1), read.get(1))
                && isSame(made.get(2), read.get(2));
    }

    private boolean isSame(String one, String other) {
        TensorProto first = graph.stored(one);
        TensorProto second = graph.stored(other);
        return first != null
                && second != null
                && first.getDataType() == second.getDataType()
                && graph.model()
                        .data(first)
                        .bytes()
                        .equals(graph.model().data(second).bytes());
    }
}
