package dev.cleave.partition.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.Value;
import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX graph as the converter sees it: the nodes that have to be converted, in order; the type and extent of every
 * tensor; the values of those that are known beforehand.
 *
 * <p>A tensor is known beforehand where it depends on weights and on the shapes of other tensors alone, and is the same
 * for every number of rows. The engine computes it; the nodes that made it are not converted.
 */
final class SourceGraph {
    private final Graph graph;
    private final List<SourceNode> nodes;
    private final Observation seen;
    private final Map<String, List<SourceNode>> readers = new HashMap<>();
    private final Map<String, SourceNode> makers = new HashMap<>();
    private final Map<String, Constant> constants = new HashMap<>();
    private final Map<String, Quantization> quantizations;

    private SourceGraph(Graph graph, List<SourceNode> nodes, Observation seen) throws UnconvertibleException {
        this.graph = graph;
        this.nodes = nodes;
        this.seen = seen;
        for (SourceNode node : nodes) {
            node.inputs()
                    .forEach(name -> readers.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(node));
            node.outputs().forEach(name -> makers.put(name, node));
        }
        this.quantizations = new Quantizations(graph, this).find();
    }

    /**
     * Reads a graph and runs it.
     *
     * @throws ModelException if it is no valid graph, or does not run
     * @throws UnconvertibleException if one of its nodes has an operator that is not known here
     */
    static SourceGraph of(GraphSource source, Engine engine) throws ModelException, UnconvertibleException {
        Graph graph = Graph.of(OnnxModel.of(source));
        Set<Integer> live = live(graph);
        Set<String> known = known(graph, live);
        Set<Integer> told = told(graph, known);
        List<SourceNode> nodes = new ArrayList<>();
        for (GraphNode node : graph.nodes()) {
            SourceNode converted = new SourceNode(node);
            if (live.contains(node.index()) && !known.containsAll(node.outputs())) {
                Operators.require(converted, known);
                nodes.add(converted);
            } else if (told.contains(node.index())) {
                nodes.add(converted);
            }
        }
        Observation seen = Observation.of(source, graph, nodes, known, engine);
        nodes.removeIf(node -> node.outputs().stream().allMatch(seen::isConstant));
        for (SourceNode node : nodes) {
            Operators.require(node, known);
        }
        return new SourceGraph(graph, nodes, seen);
    }

    /** Nodes that compute outputs of shapes alone, which may tell the number of rows. */
    private static Set<Integer> told(Graph graph, Set<String> known) {
        Set<String> wanted = new HashSet<>(graph.outputs().keySet());
        wanted.retainAll(known);
        Set<Integer> told = new HashSet<>();
        for (int index = graph.nodes().size() - 1; index >= 0; index--) {
            GraphNode node = graph.node(index);
            boolean isTold = known.containsAll(node.outputs())
                    && node.role() != GraphNode.Role.CONSTANT
                    && node.outputs().stream().anyMatch(wanted::contains);
            if (isTold) {
                told.add(index);
                wanted.addAll(node.reads());
            }
        }
        return told;
    }

    private static Set<Integer> live(Graph graph) {
        Set<String> wanted = new HashSet<>(graph.outputs().keySet());
        Set<Integer> live = new HashSet<>();
        for (int index = graph.nodes().size() - 1; index >= 0; index--) {
            GraphNode node = graph.node(index);
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                live.add(index);
                wanted.addAll(node.reads());
            }
        }
        return live;
    }

    /** Tensors that depend on weights and shapes alone; the absent one, whose name is empty, among them. */
    private static Set<String> known(Graph graph, Set<Integer> live) {
        Set<String> known = new HashSet<>(graph.initializers().keySet());
        known.add("");
        for (GraphNode node : graph.nodes()) {
            boolean isKnown = node.role() == GraphNode.Role.CONSTANT
                    || node.is("Shape")
                    || node.is("Size")
                    || !node.reads().isEmpty()
                            && !node.op().startsWith("Random")
                            && !node.op().equals("Bernoulli")
                            && !node.op().equals("Multinomial")
                            && known.containsAll(node.reads());
            if (isKnown && live.contains(node.index())) {
                known.addAll(node.outputs());
            }
        }
        return known;
    }

    /** Those to be converted, in topological order. */
    List<SourceNode> nodes() {
        return nodes;
    }

    List<String> inputs() {
        return new ArrayList<>(graph.inputs().keySet());
    }

    List<String> outputs() {
        return new ArrayList<>(graph.outputs().keySet());
    }

    long opset() {
        return graph.opset();
    }

    /** Nodes that read a tensor, once for each time that they do. */
    List<SourceNode> readers(String tensor) {
        return readers.getOrDefault(tensor, List.of());
    }

    /** The node that makes a tensor; null for inputs and constants. */
    SourceNode maker(String tensor) {
        return makers.get(tensor);
    }

    boolean isOutput(String tensor) {
        return graph.outputs().containsKey(tensor);
    }

    boolean isRead(String tensor) {
        return isOutput(tensor) || !readers(tensor).isEmpty() && !tensor.isEmpty();
    }

    /** Whether a tensor has one reader and is no output, so that it need not be there. */
    boolean isInner(String tensor) {
        return readers(tensor).size() == 1 && !isOutput(tensor);
    }

    ElementType type(String tensor) throws UnconvertibleException {
        Constant constant = constant(tensor);
        return constant == null ? seen.type(tensor) : constant.type();
    }

    Extent extent(String tensor) throws UnconvertibleException {
        Constant constant = constant(tensor);
        return constant == null ? seen.extent(tensor) : constant.extent();
    }

    /** What the integers of an 8-bit tensor stand for; for one of which nothing is said, themselves. */
    Quantization quantization(String tensor) {
        return quantizations.getOrDefault(tensor, Quantization.of(1, 0));
    }

    /** The values of a tensor; null if they are not known beforehand. */
    Constant constant(String tensor) throws UnconvertibleException {
        Constant known = constants.get(tensor);
        if (known == null && !tensor.isEmpty()) {
            TensorProto stored = graph.stored(tensor);
            known = stored == null ? seen.constant(tensor) : read(stored, tensor);
            known = known == null ? unpacked(tensor) : known;
            constants.put(tensor, known);
        }
        return known;
    }

    /** The DequantizeLinear that makes a tensor; null if another node does. */
    SourceNode unpacker(String tensor) {
        Value value = graph.value(tensor);
        boolean isUnpacked = value != null
                && value.producer() >= 0
                && graph.node(value.producer()).op().equals("DequantizeLinear");
        return isUnpacked ? new SourceNode(graph.node(value.producer())) : null;
    }

    /** Stored integers as the numbers that they stand for. */
    private Constant unpacked(String tensor) throws UnconvertibleException {
        SourceNode unpacker = unpacker(tensor);
        Constant integers = unpacker == null ? null : constant(unpacker.input(0));
        Quantization said = unpacker == null ? null : Quantizations.said(unpacker, this);
        return integers == null || said == null || !integers.isInteger() ? null : integers.dequantized(said);
    }

    private Constant read(TensorProto stored, String name) throws UnconvertibleException {
        int[] dims = stored.getDimsList().stream().mapToInt(Math::toIntExact).toArray();
        ElementType type;
        try {
            type = ElementType.fromOnnxCode(stored.getDataType());
        } catch (IllegalArgumentException unknown) {
            throw new UnconvertibleException("", "constant \"" + name + "\": " + unknown.getMessage());
        }
        return new Constant(
                type,
                dims,
                graph.model().data(stored).bytes().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
}
