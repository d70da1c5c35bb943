package dev.cleave.partition.graph;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.FunctionProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that a model defines for itself, and which of them a set of nodes needs. */
public final class LocalFunctions {
    private static final int MOST_NODES = 1_000_000;
    private static final int DEEPEST_CALLS = 100;

    private final Map<String, FunctionProto> byKey = new LinkedHashMap<>();
    private final Map<String, Double> expanded = new HashMap<>();

    /**
     * @throws ModelException if a function is defined twice or, directly or not, calls itself, or if the graph would
     *     become unreasonably large with all calls expanded, which is what engines do
     */
    LocalFunctions(ModelProto model, String label) throws ModelException {
        for (FunctionProto function : model.getFunctionsList()) {
            String key = key(function.getDomain(), function.getName(), function.getOverload());
            if (byKey.put(key, function) != null) {
                throw new ModelException(label + ": function \"" + function.getName() + "\" is defined twice");
            }
        }
        for (String key : byKey.keySet()) {
            expandedNodes(key, new ArrayList<>(), label);
        }
        double nodes = expandedNodes(model.getGraph().getNodeList(), new ArrayList<>(), label);
        if (nodes > MOST_NODES) {
            throw new ModelException(label + ": its functions expand to more than " + MOST_NODES + " nodes");
        }
    }

    /** The function that a node calls, or null if it is an ordinary operator. */
    FunctionProto calledBy(NodeProto node) {
        return byKey.get(key(node.getDomain(), node.getOpType(), node.getOverload()));
    }

    /** Functions that these nodes call, directly, inside their bodies or through other functions; in file order. */
    public List<FunctionProto> neededBy(Collection<NodeProto> nodes) {
        Set<String> needed = new HashSet<>();
        collect(nodes, needed);
        List<FunctionProto> functions = new ArrayList<>();
        byKey.forEach((key, function) -> {
            if (needed.contains(key)) {
                functions.add(function);
            }
        });
        return functions;
    }

    private void collect(Collection<NodeProto> nodes, Set<String> needed) {
        for (NodeProto node : nodes) {
            String key = key(node.getDomain(), node.getOpType(), node.getOverload());
            FunctionProto function = byKey.get(key);
            if (function != null && needed.add(key)) {
                collect(function.getNodeList(), needed);
            }
            for (GraphProto body : bodies(node)) {
                collect(body.getNodeList(), needed);
            }
        }
    }

    /** Nodes of a function when all calls in it are replaced by what they call; each function is counted once. */
    private double expandedNodes(String key, List<String> callers, String label) throws ModelException {
        Double counted = expanded.get(key);
        if (counted != null) {
            return counted;
        }
        FunctionProto function = byKey.get(key);
        if (callers.contains(key) || callers.size() > DEEPEST_CALLS) {
            throw new ModelException(label + ": function \"" + function.getName() + "\" "
                    + (callers.contains(key)
                            ? "calls itself"
                            : "is called through more than " + DEEPEST_CALLS + " others"));
        }
        callers.add(key);
        double nodes = expandedNodes(function.getNodeList(), callers, label);
        callers.remove(callers.size() - 1);
        expanded.put(key, nodes);
        return nodes;
    }

    private double expandedNodes(Collection<NodeProto> nodes, List<String> callers, String label)
            throws ModelException {
        double total = 0;
        for (NodeProto node : nodes) {
            String key = key(node.getDomain(), node.getOpType(), node.getOverload());
            total += byKey.containsKey(key) ? expandedNodes(key, callers, label) : 1;
            for (GraphProto body : bodies(node)) {
                total += expandedNodes(body.getNodeList(), callers, label);
            }
        }
        return total;
    }

    static List<GraphProto> bodies(NodeProto node) {
        List<GraphProto> bodies = new ArrayList<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                bodies.add(attribute.getG());
            }
            bodies.addAll(attribute.getGraphsList());
        }
        return bodies;
    }

    private static String key(String domain, String name, String overload) {
        return (domain.equals("ai.onnx") ? "" : domain) + '\n' + name + '\n' + overload;
    }
}
