package dev.cleave.partition.graph;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's main graph with its wiring checked: every name is made once, every read finds its maker, nodes are in
 * topological order. Immutable.
 *
 * <p>Initializers are weights, and weights only: up to IR version 3 every initializer had to be listed among the inputs
 * as well, later ones may be listed to make them overridable; either way the model runs with the stored value, and the
 * name is no input here. What bodies of If, Loop and Scan capture counts as read by that node.
 */
public final class Graph {
    private final OnnxModel model;
    private final LocalFunctions functions;
    private final List<GraphNode> nodes;
    private final Map<String, Value> values;
    private final Map<String, ValueInfoProto> inputs;
    private final Map<String, ValueInfoProto> outputs;
    private final Map<String, TensorProto> initializers;
    private final Map<String, SparseTensorProto> sparseInitializers;

    Graph(
            OnnxModel model,
            LocalFunctions functions,
            List<GraphNode> nodes,
            Map<String, Value> values,
            Map<String, ValueInfoProto> inputs,
            Map<String, ValueInfoProto> outputs,
            Map<String, TensorProto> initializers,
            Map<String, SparseTensorProto> sparseInitializers) {
        this.model = model;
        this.functions = functions;
        this.nodes = Collections.unmodifiableList(nodes);
        this.values = Collections.unmodifiableMap(values);
        this.inputs = Collections.unmodifiableMap(inputs);
        this.outputs = Collections.unmodifiableMap(outputs);
        this.initializers = Collections.unmodifiableMap(initializers);
        this.sparseInitializers = Collections.unmodifiableMap(sparseInitializers);
    }

    /**
     * Checks the wiring of a model.
     *
     * @throws ModelException naming the node or tensor that is made twice, by nobody, or in a cycle
     */
    public static Graph of(OnnxModel model) throws ModelException {
        return new GraphBuilder(model).build();
    }

    public OnnxModel model() {
        return model;
    }

    public GraphProto proto() {
        return model.proto().getGraph();
    }

    /** All nodes in topological order, the file's own order where that is one; also those that no output needs. */
    public List<GraphNode> nodes() {
        return nodes;
    }

    public GraphNode node(int index) {
        return nodes.get(index);
    }

    /** A value by name, or null. */
    public Value value(String name) {
        return values.get(name);
    }

    public Collection<Value> values() {
        return values.values();
    }

    /** Declarations of the inputs, without weights, in the model's order. */
    public Map<String, ValueInfoProto> inputs() {
        return inputs;
    }

    /** Declarations of the outputs, in the model's order. */
    public Map<String, ValueInfoProto> outputs() {
        return outputs;
    }

    public Map<String, TensorProto> initializers() {
        return initializers;
    }

    /** What an initializer or a Constant node holds; null for a name that is neither, or sparse. */
    public TensorProto stored(String name) {
        Value value = values.get(name);
        if (value == null || value.producer() < 0) {
            return initializers.get(name);
        }
        NodeProto maker = nodes.get(value.producer()).proto();
        boolean isConstant = maker.getOpType().equals("Constant") && maker.getAttributeCount() == 1;
        return isConstant && maker.getAttribute(0).hasT()
                ? maker.getAttribute(0).getT()
                : null;
    }

    /** By the name of their values. */
    public Map<String, SparseTensorProto> sparseInitializers() {
        return sparseInitializers;
    }

    public LocalFunctions functions() {
        return functions;
    }

    /** Version of ONNX's own operator set that the model imports, or 0 if it imports none. */
    public long opset() {
        return model.proto().getOpsetImportList().stream()
                .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
                .mapToLong(set -> set.getVersion())
                .max()
                .orElse(0);
    }

    /** Number of nodes for each operator, most frequent first. */
    public Map<String, Integer> operators() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (GraphNode node : nodes) {
            counts.merge(node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op(), 1, Integer::sum);
        }
        List<Map.Entry<String, Integer>> sorted = new ArrayList<>(counts.entrySet());
        sorted.sort(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()));
        Map<String, Integer> ordered = new LinkedHashMap<>();
        sorted.forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
        return ordered;
    }

    static String labelOf(NodeProto node) {
        String name = node.getName().isEmpty() && node.getOutputCount() > 0 ? node.getOutput(0) : node.getName();
        return node.getOpType() + " \"" + name + "\"";
    }
}
