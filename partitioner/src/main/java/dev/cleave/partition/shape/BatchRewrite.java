package dev.cleave.partition.shape;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Opens a batch dimension that a model was exported without: axis 0 of its inputs becomes symbolic, and on request the
 * leading 1 of constant Reshape targets becomes "whatever is left" ({@code -1}) or "as before" ({@code 0}). Whether the
 * result still computes the same is for {@link BatchProof} to say.
 */
final class BatchRewrite {
    private static final String SYMBOL = "N";

    private BatchRewrite() {}

    /** The graph with axis 0 of these inputs open and all intermediate shapes dropped. */
    static Graph openInputs(Graph graph, Set<String> inputs) throws ModelException {
        GraphProto.Builder proto = graph.proto().toBuilder().clearValueInfo();
        for (int i = 0; i < proto.getInputCount(); i++) {
            if (inputs.contains(proto.getInput(i).getName())) {
                proto.setInput(i, open(proto.getInput(i)));
            }
        }
        for (int i = 0; i < proto.getOutputCount(); i++) {
            ValueInfoProto output = proto.getOutput(i);
            TypeProto.Tensor shapeless =
                    output.getType().getTensorType().toBuilder().clearShape().build();
            if (output.getType().hasTensorType()) {
                proto.setOutput(
                        i,
                        output.toBuilder()
                                .setType(output.getType().toBuilder().setTensorType(shapeless))
                                .build());
            }
        }
        return of(graph, proto);
    }

    private static ValueInfoProto open(ValueInfoProto input) {
        TypeProto.Tensor tensor = input.getType().getTensorType();
        TensorShapeProto shape = tensor.getShape().toBuilder()
                .setDim(0, TensorShapeProto.Dimension.newBuilder().setDimParam(SYMBOL))
                .build();
        return input.toBuilder()
                .setType(input.getType().toBuilder()
                        .setTensorType(tensor.toBuilder().setShape(shape)))
                .build();
    }

    /** The graph with the leading 1 of every constant Reshape target opened; null if there is none. */
    static Graph openReshapes(Graph graph) throws ModelException {
        Map<String, long[]> constants = constants(graph);
        GraphProto.Builder proto = graph.proto().toBuilder();
        boolean changed = false;
        for (int i = 0; i < proto.getNodeCount(); i++) {
            NodeProto node = proto.getNode(i);
            NodeProto opened = node.getOpType().equals("Reshape") ? openReshape(node, constants, proto) : node;
            changed |= opened != node;
            proto.setNode(i, opened);
        }
        return changed ? of(graph, proto) : null;
    }

    private static NodeProto openReshape(NodeProto node, Map<String, long[]> constants, GraphProto.Builder proto) {
        if (node.getInputCount() < 2) {
            return openAttribute(node);
        }
        long[] target = open(constants.get(node.getInput(1)));
        boolean zeroIsSize =
                node.getAttributeList().stream().anyMatch(a -> a.getName().equals("allowzero") && a.getI() != 0);
        if (target == null || zeroIsSize) {
            return node;
        }
        String name = "cleave/target/" + node.getOutput(0);
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(target.length);
        for (long size : target) {
            tensor.addInt64Data(size);
        }
        proto.addInitializer(tensor);
        return node.toBuilder().setInput(1, name).build();
    }

    /** Up to opset 4 the target shape is an attribute. */
    private static NodeProto openAttribute(NodeProto node) {
        for (int i = 0; i < node.getAttributeCount(); i++) {
            AttributeProto attribute = node.getAttribute(i);
            if (attribute.getName().equals("shape")) {
                long[] target = open(attribute.getIntsList().stream()
                        .mapToLong(Long::longValue)
                        .toArray());
                if (target != null) {
                    AttributeProto.Builder opened = attribute.toBuilder().clearInts();
                    for (long size : target) {
                        opened.addInts(size);
                    }
                    return node.toBuilder().setAttribute(i, opened).build();
                }
            }
        }
        return node;
    }

    /** A target with its leading 1 opened; null if it has none. */
    private static long[] open(long[] target) {
        if (target == null || target.length < 2 || target[0] != 1) {
            return null;
        }
        boolean hasRest = false;
        for (long size : target) {
            hasRest |= size == -1;
        }
        long[] opened = target.clone();
        opened[0] = hasRest ? 0 : -1;
        return opened;
    }

    private static Map<String, long[]> constants(Graph graph) {
        Map<String, long[]> found = new HashMap<>();
        graph.initializers().forEach((name, tensor) -> add(found, name, tensor, graph.model()));
        for (NodeProto node : graph.proto().getNodeList()) {
            if (node.getOpType().equals("Constant")
                    && node.getAttributeCount() == 1
                    && node.getAttribute(0).hasT()) {
                add(found, node.getOutput(0), node.getAttribute(0).getT(), graph.model());
            }
        }
        return found;
    }

    private static void add(Map<String, long[]> found, String name, TensorProto tensor, OnnxModel model) {
        if (tensor.getDataType() == TensorProto.DataType.INT64_VALUE
                && tensor.getDimsCount() == 1
                && tensor.getDims(0) <= Shape.MAX_RANK) {
            long[] values = new long[(int) tensor.getDims(0)];
            ByteBuffer raw = model.data(tensor).bytes().asReadOnlyByteBuffer();
            raw.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
            found.put(name, values);
        }
    }

    private static Graph of(Graph graph, GraphProto.Builder proto) throws ModelException {
        OnnxModel model = graph.model();
        return Graph.of(model.with(model.proto().toBuilder().setGraph(proto).build()));
    }
}
