package dev.cleave.partition.graph;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorProto;
import java.util.List;

/** Visits every tensor that a graph holds, in file order: initializers, attributes, and those of nested bodies. */
public final class TensorWalk {
    private TensorWalk() {}

    /** Receives each tensor; sparse tensors come as their values and their indices. */
    public interface Visitor {
        void visit(TensorProto tensor) throws ModelException;
    }

    public static void graph(GraphProto graph, Visitor visitor) throws ModelException {
        for (TensorProto initializer : graph.getInitializerList()) {
            visitor.visit(initializer);
        }
        for (SparseTensorProto sparse : graph.getSparseInitializerList()) {
            sparse(sparse, visitor);
        }
        nodes(graph.getNodeList(), visitor);
    }

    public static void nodes(List<NodeProto> nodes, Visitor visitor) throws ModelException {
        for (NodeProto node : nodes) {
            node(node, visitor);
        }
    }

    /** Tensors among the attributes of one node and in its bodies. */
    public static void node(NodeProto node, Visitor visitor) throws ModelException {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasT()) {
                visitor.visit(attribute.getT());
            }
            for (TensorProto tensor : attribute.getTensorsList()) {
                visitor.visit(tensor);
            }
            if (attribute.hasSparseTensor()) {
                sparse(attribute.getSparseTensor(), visitor);
            }
            for (SparseTensorProto tensor : attribute.getSparseTensorsList()) {
                sparse(tensor, visitor);
            }
            if (attribute.hasG()) {
                graph(attribute.getG(), visitor);
            }
            for (GraphProto body : attribute.getGraphsList()) {
                graph(body, visitor);
            }
        }
    }

    private static void sparse(SparseTensorProto sparse, Visitor visitor) throws ModelException {
        visitor.visit(sparse.getValues());
        visitor.visit(sparse.getIndices());
    }
}
