package dev.cleave.partition.extract;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorAnnotation;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes parts of a graph as small models of their own, whose large weights are references into a {@link WeightsFile}.
 *
 * <p>What a part keeps: its nodes, the weights and local functions they need, all opset imports. What it loses: doc
 * strings, metadata, intermediate shapes. Constant nodes with large tensors become initializers. The IR version is at
 * least 4, from which on an initializer need not be an input.
 */
public final class GraphWriter {
    private static final int LOWEST_IR_VERSION = 4;

    private final Graph graph;
    private final TensorFacts facts;
    private final WeightsFile weights;

    public GraphWriter(Graph graph, TensorFacts facts, WeightsFile weights) {
        this.graph = graph;
        this.facts = facts;
        this.weights = weights;
    }

    /**
     * The model that makes {@code wanted} out of {@code given}. Its inputs are the given tensors that it reads, its
     * outputs are exactly the wanted ones. Weights that have no place in the file yet get one.
     */
    public ModelProto.Builder between(String name, Collection<String> given, Collection<String> wanted)
            throws IOException {
        GraphPruner part = GraphPruner.between(graph, given, wanted);
        place(part);
        GraphProto.Builder body = GraphProto.newBuilder().setName(name);
        for (GraphNode node : part.nodes()) {
            addNode(node.proto(), body);
        }
        for (String weight : part.weights()) {
            addWeight(weight, body);
        }
        part.inputs().forEach(input -> body.addInput(declare(input)));
        wanted.forEach(output -> body.addOutput(declare(output)));
        addAnnotations(part, body);
        List<NodeProto> protos = part.nodes().stream().map(GraphNode::proto).toList();
        ModelProto source = graph.model().proto();
        return ModelProto.newBuilder()
                .setIrVersion(Math.max(source.getIrVersion(), LOWEST_IR_VERSION))
                .setProducerName("cleave")
                .addAllOpsetImport(source.getOpsetImportList())
                .addAllFunctions(graph.functions().neededBy(protos))
                .setGraph(body);
    }

    private void place(GraphPruner part) throws IOException {
        // By node, so that the order in the file is the order of first use.
        Set<String> left = new HashSet<>(part.weights());
        for (GraphNode node : part.nodes()) {
            for (String read : node.reads()) {
                if (left.remove(read) && graph.initializers().containsKey(read)) {
                    weights.add(graph.initializers().get(read));
                }
            }
            placeInside(node.proto());
        }
        for (String wanted : part.weights()) {
            if (graph.initializers().containsKey(wanted)) {
                weights.add(graph.initializers().get(wanted));
            }
        }
    }

    private void placeInside(NodeProto node) throws IOException {
        if (isStoredConstant(node)) {
            weights.add(node.getAttribute(0).getT());
        }
        for (AttributeProto attribute : node.getAttributeList()) {
            for (GraphProto body : bodies(attribute)) {
                for (TensorProto initializer : body.getInitializerList()) {
                    weights.add(initializer);
                }
                for (NodeProto inner : body.getNodeList()) {
                    placeInside(inner);
                }
            }
        }
    }

    private void addNode(NodeProto node, GraphProto.Builder to) {
        if (isStoredConstant(node)) {
            to.addInitializer(weights.reference(node.getAttribute(0).getT(), node.getOutput(0)));
        } else {
            to.addNode(plain(node));
        }
    }

    private void addWeight(String name, GraphProto.Builder to) {
        SparseTensorProto sparse = graph.sparseInitializers().get(name);
        if (sparse != null) {
            to.addSparseInitializer(plain(sparse));
        } else {
            to.addInitializer(weights.reference(graph.initializers().get(name), name));
        }
    }

    private void addAnnotations(GraphPruner part, GraphProto.Builder to) {
        Set<String> known = new HashSet<>(part.inputs());
        known.addAll(part.weights());
        part.nodes().forEach(node -> known.addAll(node.outputs()));
        for (TensorAnnotation annotation : graph.proto().getQuantizationAnnotationList()) {
            if (known.contains(annotation.getTensorName())
                    && annotation.getQuantParameterTensorNamesList().stream()
                            .allMatch(entry -> known.contains(entry.getValue()))) {
                to.addQuantizationAnnotation(annotation);
            }
        }
    }

    /** A Constant node whose tensor is large enough for the weights file. */
    private boolean isStoredConstant(NodeProto node) {
        return node.getOpType().equals("Constant")
                && node.getAttributeCount() == 1
                && node.getAttribute(0).hasT()
                && weights.takes(node.getAttribute(0).getT());
    }

    private NodeProto plain(NodeProto node) {
        NodeProto.Builder plain =
                node.toBuilder().clearDocString().clearMetadataProps().clearAttribute();
        for (AttributeProto attribute : node.getAttributeList()) {
            plain.addAttribute(plain(attribute));
        }
        return plain.build();
    }

    /** Tensors in attributes stay inside; external ones are brought in. */
    private AttributeProto plain(AttributeProto attribute) {
        AttributeProto.Builder plain = attribute.toBuilder().clearDocString();
        if (attribute.hasT()) {
            plain.setT(inside(attribute.getT()));
        }
        for (int i = 0; i < attribute.getTensorsCount(); i++) {
            plain.setTensors(i, inside(attribute.getTensors(i)));
        }
        if (attribute.hasG()) {
            plain.setG(plain(attribute.getG()));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
            plain.setGraphs(i, plain(attribute.getGraphs(i)));
        }
        return plain.build();
    }

    private GraphProto plain(GraphProto body) {
        GraphProto.Builder plain = body.toBuilder()
                .clearDocString()
                .clearMetadataProps()
                .clearValueInfo()
                .clearNode()
                .clearInitializer();
        for (TensorProto initializer : body.getInitializerList()) {
            plain.addInitializer(weights.reference(initializer, initializer.getName()));
        }
        for (NodeProto node : body.getNodeList()) {
            addNode(node, plain);
        }
        return plain.build();
    }

    private SparseTensorProto plain(SparseTensorProto sparse) {
        return sparse.toBuilder()
                .setValues(inside(sparse.getValues()))
                .setIndices(inside(sparse.getIndices()))
                .build();
    }

    private TensorProto inside(TensorProto tensor) {
        if (graph.model().external(tensor) == null) {
            return tensor;
        }
        return tensor.toBuilder()
                .clearExternalData()
                .clearDataLocation()
                .setRawData(graph.model().data(tensor).bytes())
                .build();
    }

    /** Declares a tensor as running it showed it; one of which nothing is known is declared by name alone. */
    public ValueInfoProto declare(String name) {
        TensorSpec spec = facts.spec(name);
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(name);
        return spec == null ? value.build() : value.setType(type(spec)).build();
    }

    private static TypeProto type(TensorSpec spec) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : spec.shape().dims()) {
            TensorShapeProto.Dimension.Builder axis = TensorShapeProto.Dimension.newBuilder();
            if (dim >= 0) {
                axis.setDimValue(dim);
            } else if (dim == Shape.BATCH) {
                axis.setDimParam("N");
            }
            shape.addDim(axis);
        }
        return TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder()
                        .setElemType(spec.type().onnxCode())
                        .setShape(shape))
                .build();
    }

    private static List<GraphProto> bodies(AttributeProto attribute) {
        List<GraphProto> bodies = new ArrayList<>(attribute.getGraphsList());
        if (attribute.hasG()) {
            bodies.add(attribute.getG());
        }
        return bodies;
    }
}
