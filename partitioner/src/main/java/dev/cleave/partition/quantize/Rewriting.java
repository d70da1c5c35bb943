package dev.cleave.partition.quantize;

import com.google.protobuf.ByteString;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.OnnxModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** A graph that is being changed: its nodes in topological order, and its stored tensors by name. One thread. */
final class Rewriting {
    private final OnnxModel model;
    private final GraphProto proto;
    private final Set<String> inputs;
    private final Map<String, TensorProto> stored = new LinkedHashMap<>();
    private final Map<String, Integer> makers = new HashMap<>();
    private final Map<String, Set<Integer>> readers = new HashMap<>();
    /** What bodies read and outputs of the graph: names that have to stay what they are. */
    private final Set<String> fixed = new HashSet<>();

    private final List<NodeProto> nodes = new ArrayList<>();

    Rewriting(Graph graph) {
        this(graph, Set.of());
    }

    /** @param kept further names that have to stay what they are */
    Rewriting(Graph graph, Collection<String> kept) {
        this.fixed.addAll(kept);
        this.model = graph.model();
        this.proto = graph.proto();
        this.inputs = graph.inputs().keySet();
        this.stored.putAll(graph.initializers());
        this.fixed.addAll(graph.outputs().keySet());
        for (GraphNode node : graph.nodes()) {
            fixed.addAll(node.captures());
            add(node.proto());
        }
    }

    int size() {
        return nodes.size();
    }

    /** The node at a position; null where it was removed. */
    NodeProto node(int index) {
        return nodes.get(index);
    }

    /** The position of the node that makes a value; -1 for an input, a stored tensor, or a name that nobody makes. */
    int maker(String name) {
        return makers.getOrDefault(name, -1);
    }

    /** The position of the one node that reads a value as an input, if nothing else needs it; else -1. */
    int onlyReader(String name) {
        Set<Integer> all = readers.getOrDefault(name, Set.of());
        if (all.size() != 1 || isFixed(name)) {
            return -1;
        }
        int reader = all.iterator().next();
        return Collections.frequency(nodes.get(reader).getInputList(), name) == 1 ? reader : -1;
    }

    /** Whether a value is read by a body or is an output of the graph. */
    boolean isFixed(String name) {
        return fixed.contains(name);
    }

    boolean isUnread(String name) {
        return readers.getOrDefault(name, Set.of()).isEmpty() && !isFixed(name);
    }

    TensorProto stored(String name) {
        return stored.get(name);
    }

    /** Values of a stored float tensor; null for anything else. */
    float[] floats(String name) {
        TensorProto tensor = stored.get(name);
        return tensor == null ? null : Stored.floats(model.data(tensor), tensor);
    }

    /** Stores a float tensor under a name that is free. */
    void store(String name, List<Long> dims, float[] values) {
        store(Stored.floats(name, dims, values));
    }

    void store(TensorProto tensor) {
        stored.put(tensor.getName(), tensor);
    }

    /** Stores 64-bit integers, as many operators take them for shapes and axes. */
    void storeLongs(String name, List<Long> values, boolean scalar) {
        ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.size()).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(raw::putLong);
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(raw.array()));
        store((scalar ? tensor : tensor.addDims(values.size())).build());
    }

    /** Puts another node in a node's place. */
    void replace(int index, NodeProto other) {
        remove(index);
        nodes.set(index, other);
        link(index, other);
    }

    void remove(int index) {
        NodeProto old = nodes.get(index);
        old.getInputList()
                .forEach(name -> readers.getOrDefault(name, new HashSet<>()).remove(index));
        old.getOutputList().forEach(makers::remove);
        nodes.set(index, null);
    }

    /** Makes every node that reads one value read another. */
    void redirect(String from, String to) {
        for (int reader : List.copyOf(readers.getOrDefault(from, Set.of()))) {
            NodeProto.Builder changed = nodes.get(reader).toBuilder();
            IntStream.range(0, changed.getInputCount())
                    .filter(i -> changed.getInput(i).equals(from))
                    .forEach(i -> changed.setInput(i, to));
            replace(reader, changed.build());
        }
    }

    /** The changed model, without the stored tensors that nothing reads any more. */
    OnnxModel done() {
        GraphProto.Builder changed =
                proto.toBuilder().clearNode().clearInitializer().clearInput().clearValueInfo();
        proto.getInputList().stream()
                .filter(input -> inputs.contains(input.getName()))
                .forEach(changed::addInput);
        nodes.stream().filter(node -> node != null).forEach(changed::addNode);
        stored.forEach((name, tensor) -> {
            if (!readers.getOrDefault(name, Set.of()).isEmpty() || isFixed(name)) {
                changed.addInitializer(tensor);
            }
        });
        ModelProto source = model.proto();
        return model.with(source.toBuilder()
                .setIrVersion(Math.max(source.getIrVersion(), Stored.IR_VERSION))
                .setGraph(changed)
                .build());
    }

    private void add(NodeProto node) {
        nodes.add(node);
        link(nodes.size() - 1, node);
    }

    private void link(int index, NodeProto node) {
        node.getInputList()
                .forEach(name ->
                        readers.computeIfAbsent(name, key -> new HashSet<>()).add(index));
        node.getOutputList().stream().filter(name -> !name.isEmpty()).forEach(name -> makers.put(name, index));
    }
}
