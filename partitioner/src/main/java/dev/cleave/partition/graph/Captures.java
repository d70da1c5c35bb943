package dev.cleave.partition.graph;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Finds the outer names that a node's bodies read. A body's own inputs, initializers and node outputs hide outer
 * values of the same name; what an inner body captures and the body around it does not define is captured by both. A
 * body may also hand an outer value out as its output.
 */
final class Captures {
    private Captures() {}

    /** Outer names read by the bodies of a node, in order of first use. */
    static Set<String> of(NodeProto node) {
        Set<String> captured = new LinkedHashSet<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                captured.addAll(ofBody(attribute.getG()));
            }
            for (GraphProto body : attribute.getGraphsList()) {
                captured.addAll(ofBody(body));
            }
        }
        return captured;
    }

    private static Set<String> ofBody(GraphProto body) {
        Set<String> own = definedIn(body);
        Set<String> captured = new LinkedHashSet<>();
        for (NodeProto node : body.getNodeList()) {
            captured.addAll(node.getInputList());
            captured.addAll(of(node));
        }
        for (ValueInfoProto output : body.getOutputList()) {
            captured.add(output.getName());
        }
        captured.removeAll(own);
        captured.remove("");
        return captured;
    }

    private static Set<String> definedIn(GraphProto body) {
        Set<String> own = new HashSet<>();
        for (ValueInfoProto input : body.getInputList()) {
            own.add(input.getName());
        }
        for (TensorProto initializer : body.getInitializerList()) {
            own.add(initializer.getName());
        }
        for (SparseTensorProto sparse : body.getSparseInitializerList()) {
            own.add(sparse.getValues().getName());
        }
        for (NodeProto node : body.getNodeList()) {
            own.addAll(node.getOutputList());
        }
        return own;
    }
}
