package dev.cleave.partition.graph;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.FunctionProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that a model defines for itself, and which of them a set of nodes needs. */
public final class LocalFunctions {
    private final Map<String, FunctionProto> byKey = new LinkedHashMap<>();

    /** @throws ModelException if a function is defined twice or, directly or not, calls itself */
    LocalFunctions(ModelProto model, String label) throws ModelException {
        for (FunctionProto function : model.getFunctionsList()) {
            String key = key(function.getDomain(), function.getName(), function.getOverload());
            if (byKey.put(key, function) != null) {
                throw new ModelException(label + ": function \"" + function.getName() + "\" is defined twice");
            }
        }
        Set<String> done = new HashSet<>();
        for (String key : byKey.keySet()) {
            refuseRecursion(key, new HashSet<>(), done, label);
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

    private void refuseRecursion(String key, Set<String> path, Set<String> done, String label) throws ModelException {
        if (done.contains(key)) {
            return;
        }
        FunctionProto function = byKey.get(key);
        if (!path.add(key)) {
            throw new ModelException(label + ": function \"" + function.getName() + "\" calls itself");
        }
        Set<String> called = new HashSet<>();
        calls(function.getNodeList(), called);
        for (String next : called) {
            refuseRecursion(next, path, done, label);
        }
        path.remove(key);
        done.add(key);
    }

    private void calls(Collection<NodeProto> nodes, Set<String> called) {
        for (NodeProto node : nodes) {
            String key = key(node.getDomain(), node.getOpType(), node.getOverload());
            if (byKey.containsKey(key)) {
                called.add(key);
            }
            for (GraphProto body : bodies(node)) {
                calls(body.getNodeList(), called);
            }
        }
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
