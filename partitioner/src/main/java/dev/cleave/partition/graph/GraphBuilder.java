package dev.cleave.partition.graph;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Builds one {@link Graph}; used once. */
final class GraphBuilder {
    private static final Set<String> REARRANGING =
            Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity");

    private final OnnxModel model;
    private final GraphProto proto;
    private final String label;
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Map<String, SparseTensorProto> sparse = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
    private final Map<String, Integer> producers = new HashMap<>();
    private final List<Set<String>> captures = new ArrayList<>();
    private final List<Set<String>> reads = new ArrayList<>();

    GraphBuilder(OnnxModel model) {
        this.model = model;
        this.proto = model.proto().getGraph();
        this.label = "model " + model.file();
    }

    Graph build() throws ModelException {
        LocalFunctions functions = new LocalFunctions(model.proto(), label);
        collectWeights();
        collectInputs();
        collectProducers();
        collectReads();
        collectOutputs();
        List<Integer> order = NodeOrder.sort(proto.getNodeList(), reads, producers, label);
        Map<String, Boolean> constant = new HashMap<>();
        List<GraphNode> nodes = nodes(order, new Randomness(functions), constant);
        return new Graph(model, functions, nodes, values(nodes, constant), inputs, outputs, initializers, sparse);
    }

    private void collectWeights() throws ModelException {
        for (TensorProto tensor : proto.getInitializerList()) {
            if (tensor.getName().isEmpty() || initializers.put(tensor.getName(), tensor) != null) {
                throw new ModelException(
                        label + ": initializer \"" + tensor.getName() + "\" is there twice or unnamed");
            }
        }
        for (SparseTensorProto tensor : proto.getSparseInitializerList()) {
            String name = tensor.getValues().getName();
            if (name.isEmpty() || initializers.containsKey(name) || sparse.put(name, tensor) != null) {
                throw new ModelException(label + ": sparse initializer \"" + name + "\" is there twice or unnamed");
            }
        }
    }

    private void collectInputs() throws ModelException {
        for (ValueInfoProto input : proto.getInputList()) {
            String name = input.getName();
            if (isWeight(name)) {
                continue;
            }
            if (name.isEmpty() || inputs.put(name, input) != null) {
                throw new ModelException(label + ": input \"" + name + "\" is there twice or unnamed");
            }
        }
    }

    private void collectProducers() throws ModelException {
        List<NodeProto> nodes = proto.getNodeList();
        for (int index = 0; index < nodes.size(); index++) {
            NodeProto node = nodes.get(index);
            if (node.getOutputList().stream().allMatch(String::isEmpty)) {
                throw new ModelException(label + ": node " + Graph.labelOf(node) + " has no output");
            }
            for (String output : node.getOutputList()) {
                if (output.isEmpty()) {
                    continue;
                }
                Integer other = producers.put(output, index);
                if (other != null || inputs.containsKey(output) || isWeight(output)) {
                    throw new ModelException(label + ": tensor \"" + output + "\" is made twice, by node "
                            + Graph.labelOf(node) + " and by "
                            + (other == null ? "an input or initializer" : "node " + Graph.labelOf(nodes.get(other))));
                }
            }
        }
    }

    private void collectReads() throws ModelException {
        for (NodeProto node : proto.getNodeList()) {
            Set<String> captured = Captures.of(node);
            Set<String> all = new LinkedHashSet<>(node.getInputList());
            all.remove("");
            all.addAll(captured);
            for (String name : all) {
                if (!isKnown(name)) {
                    throw new ModelException(label + ": node " + Graph.labelOf(node) + " reads tensor \"" + name
                            + "\", which no node, input or initializer makes");
                }
            }
            captures.add(captured);
            reads.add(all);
        }
    }

    private void collectOutputs() throws ModelException {
        for (ValueInfoProto output : proto.getOutputList()) {
            String name = output.getName();
            if (!isKnown(name)) {
                throw new ModelException(label + ": output \"" + name + "\" is made by no node, input or initializer");
            }
            if (outputs.put(name, output) != null) {
                throw new ModelException(label + ": output \"" + name + "\" is there twice");
            }
        }
        if (outputs.isEmpty()) {
            throw new ModelException(label + ": the graph has no output");
        }
    }

    private List<GraphNode> nodes(List<Integer> order, Randomness randomness, Map<String, Boolean> constant) {
        initializers.keySet().forEach(name -> constant.put(name, true));
        sparse.keySet().forEach(name -> constant.put(name, true));
        inputs.keySet().forEach(name -> constant.put(name, false));
        Set<String> unpacked = new HashSet<>();
        List<GraphNode> nodes = new ArrayList<>(order.size());
        for (int source : order) {
            NodeProto node = proto.getNode(source);
            boolean isConstant = reads.get(source).stream().allMatch(constant::get) && !randomness.mayBeRandom(node);
            node.getOutputList().forEach(output -> constant.put(output, isConstant));
            boolean isUnpacking = !isConstant && isUnpacking(node, constant, unpacked);
            if (isUnpacking) {
                unpacked.addAll(node.getOutputList());
            }
            nodes.add(new GraphNode(
                    nodes.size(),
                    node,
                    node.getInputList(),
                    List.copyOf(captures.get(source)),
                    node.getOutputList(),
                    isConstant
                            ? GraphNode.Role.CONSTANT
                            : isUnpacking ? GraphNode.Role.COPIED : GraphNode.Role.ANCHORED));
        }
        return nodes;
    }

    /**
     * A DequantizeLinear whose scale and zero point are constants, or a node that only rearranges what one gave: cheap,
     * and the tensor is four times wider after it than before.
     */
    private static boolean isUnpacking(NodeProto node, Map<String, Boolean> constant, Set<String> unpacked) {
        boolean rearranges = REARRANGING.contains(node.getOpType()) && unpacked.contains(node.getInput(0));
        return (node.getOpType().equals("DequantizeLinear") || rearranges)
                && node.getOutputCount() == 1
                && node.getInputList().stream().skip(1).allMatch(name -> name.isEmpty() || constant.get(name));
    }

    private Map<String, Value> values(List<GraphNode> nodes, Map<String, Boolean> constant) {
        Map<String, List<Integer>> consumers = new HashMap<>();
        for (GraphNode node : nodes) {
            for (String name : new LinkedHashSet<>(node.reads())) {
                consumers.computeIfAbsent(name, key -> new ArrayList<>()).add(node.index());
            }
        }
        Map<String, Value> values = new LinkedHashMap<>();
        inputs.keySet().forEach(name -> add(values, name, Value.Origin.INPUT, -1, consumers, constant));
        initializers.keySet().forEach(name -> add(values, name, Value.Origin.WEIGHT, -1, consumers, constant));
        sparse.keySet().forEach(name -> add(values, name, Value.Origin.WEIGHT, -1, consumers, constant));
        for (GraphNode node : nodes) {
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    add(values, output, Value.Origin.NODE, node.index(), consumers, constant);
                }
            }
        }
        return values;
    }

    private void add(
            Map<String, Value> values,
            String name,
            Value.Origin origin,
            int producer,
            Map<String, List<Integer>> consumers,
            Map<String, Boolean> constant) {
        values.put(
                name,
                new Value(
                        name,
                        origin,
                        producer,
                        consumers.getOrDefault(name, List.of()),
                        outputs.containsKey(name),
                        constant.get(name)));
    }

    private boolean isWeight(String name) {
        return initializers.containsKey(name) || sparse.containsKey(name);
    }

    private boolean isKnown(String name) {
        return producers.containsKey(name) || inputs.containsKey(name) || isWeight(name);
    }
}
