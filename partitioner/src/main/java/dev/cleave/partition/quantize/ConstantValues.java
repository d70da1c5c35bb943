package dev.cleave.partition.quantize;

import com.google.protobuf.ByteString;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Puts stored tensors in the place of nodes that depend on weights alone; what they make is asked of the engine. */
final class ConstantValues {
    private ConstantValues() {}

    /** Does that in a graph; values that the engine cannot give stay computed. */
    static void store(Graph graph, Engine engine, Rewriting changed) throws IOException {
        List<String> computed = new ArrayList<>();
        for (Value value : graph.values()) {
            if (!value.constant() || value.producer() < 0 || !isNeeded(graph, value) || value.output()) {
                continue;
            }
            TensorProto known = graph.stored(value.name());
            if (known == null) {
                computed.add(value.name());
            } else if (graph.model().external(known) == null) {
                put(known.toBuilder().setName(value.name()).build(), changed);
            }
        }
        for (TensorProto tensor : compute(graph, engine, computed)) {
            put(tensor, changed);
        }
        removeUnread(graph, changed);
    }

    private static boolean isNeeded(Graph graph, Value value) {
        return value.consumers().stream()
                        .map(graph::node)
                        .anyMatch(reader -> reader.role() != GraphNode.Role.CONSTANT
                                && !reader.captures().contains(value.name()))
                && value.consumers().stream()
                        .map(graph::node)
                        .noneMatch(reader -> reader.captures().contains(value.name()));
    }

    private static void put(TensorProto tensor, Rewriting changed) {
        changed.remove(changed.maker(tensor.getName()));
        changed.store(tensor);
    }

    private static List<TensorProto> compute(Graph graph, Engine engine, List<String> names) throws IOException {
        List<TensorProto> tensors = new ArrayList<>();
        if (names.isEmpty()) {
            return tensors;
        }
        GraphProto.Builder part =
                graph.proto().toBuilder().clearNode().clearInput().clearOutput();
        for (GraphNode node : graph.nodes()) {
            if (node.role() == GraphNode.Role.CONSTANT) {
                part.addNode(node.proto());
            }
        }
        names.forEach(name -> part.addOutput(ValueInfoProto.newBuilder().setName(name)));
        var model = graph.model()
                .with(graph.model().proto().toBuilder().setGraph(part).build());
        try (Session session = engine.load(ModelSource.of(model), SessionOptions.defaults())) {
            for (Map.Entry<String, Tensor> made : session.run(Map.of()).entrySet()) {
                tensors.add(proto(made.getKey(), made.getValue()));
            }
        } catch (EngineException refused) {
            tensors.clear();
        }
        return tensors;
    }

    private static TensorProto proto(String name, Tensor tensor) {
        TensorProto.Builder proto = TensorProto.newBuilder()
                .setName(name)
                .setDataType(tensor.type().onnxCode())
                .setRawData(ByteString.copyFrom(tensor.data()));
        for (long dim : tensor.shape().dims()) {
            proto.addDims(dim);
        }
        return proto.build();
    }

    /** From the end, so that what made only such values goes as well. */
    private static void removeUnread(Graph graph, Rewriting changed) {
        for (int index = graph.nodes().size() - 1; index >= 0; index--) {
            boolean unread = changed.node(index) != null
                    && graph.node(index).role() == GraphNode.Role.CONSTANT
                    && graph.node(index).outputs().stream().allMatch(name -> name.isEmpty() || changed.isUnread(name));
            if (unread) {
                changed.remove(index);
            }
        }
    }
}
