package dev.cleave.partition.graph;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites signed 8-bit activations between QuantizeLinear and DequantizeLinear as unsigned ones, zero point and values
 * shifted by 128: the same numbers.
 *
 * <p>ONNX Runtime does this itself on x86, where its integer kernels take unsigned activations, but only to a
 * QuantizeLinear and DequantizeLinear that it sees together. A cut between them would leave a signed tensor at each end,
 * and the operators beside it would run in floating point, with other roundings than in the whole model.
 */
public final class UnsignedActivations {
    private static final int SHIFT = 128;

    private final Graph graph;
    private final Map<String, String> unsigned = new HashMap<>();
    private final GraphProto.Builder proto;

    private UnsignedActivations(Graph graph) {
        this.graph = graph;
        this.proto = graph.proto().toBuilder();
    }

    /** The rewritten graph; the same one where nothing is to be rewritten. */
    public static Graph of(Graph graph) throws ModelException {
        Set<String> activations = new HashSet<>();
        for (GraphNode node : graph.nodes()) {
            if (node.is("QuantizeLinear") && isSignedPair(graph, node)) {
                activations.add(node.outputs().get(0));
            }
        }
        return activations.isEmpty() ? graph : new UnsignedActivations(graph).rewrite(activations);
    }

    /** Whether only DequantizeLinear nodes with the same signed zero point read what this node makes. */
    private static boolean isSignedPair(Graph graph, GraphNode quantize) {
        Integer zeroPoint = signedZeroPoint(graph, quantize);
        Value made = graph.value(quantize.outputs().get(0));
        return zeroPoint != null
                && !made.output()
                && made.consumers().stream()
                        .map(graph::node)
                        .allMatch(reader -> reader.is("DequantizeLinear")
                                && !reader.captures().contains(made.name())
                                && zeroPoint.equals(signedZeroPoint(graph, reader)));
    }

    /** The zero point of a node if it is one stored int8 number; else null. */
    private static Integer signedZeroPoint(Graph graph, GraphNode node) {
        TensorProto zero = node.inputs().size() < 3
                ? null
                : graph.initializers().get(node.inputs().get(2));
        if (zero == null || zero.getDataType() != TensorProto.DataType.INT8_VALUE) {
            return null;
        }
        TensorData data = graph.model().data(zero);
        return data.length() == 1 ? (int) data.bytes().byteAt(0) : null;
    }

    private Graph rewrite(Set<String> activations) throws ModelException {
        for (int i = 0; i < proto.getNodeCount(); i++) {
            NodeProto node = proto.getNode(i);
            boolean makes = node.getOpType().equals("QuantizeLinear") && activations.contains(node.getOutput(0));
            boolean reads = node.getOpType().equals("DequantizeLinear") && activations.contains(node.getInput(0));
            if (makes || reads) {
                proto.setNode(
                        i,
                        node.toBuilder().setInput(2, unsigned(node.getInput(2))).build());
            }
        }
        // Types of intermediate tensors may be declared; those of the rewritten ones are wrong now.
        proto.clearValueInfo();
        OnnxModel model = graph.model();
        return Graph.of(model.with(model.proto().toBuilder().setGraph(proto).build()));
    }

    private String unsigned(String zeroPoint) {
        return unsigned.computeIfAbsent(zeroPoint, name -> {
            TensorProto signed = graph.initializers().get(name);
            String shifted = "cleave/unsigned/" + name;
            proto.addInitializer(TensorProto.newBuilder()
                    .setName(shifted)
                    .setDataType(TensorProto.DataType.UINT8_VALUE)
                    .addAllDims(signed.getDimsList())
                    .addInt32Data(graph.model().data(signed).bytes().byteAt(0) + SHIFT));
            return shifted;
        });
    }
}
