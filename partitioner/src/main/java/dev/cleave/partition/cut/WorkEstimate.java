package dev.cleave.partition.cut;

import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.TensorWalk;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How much each anchored node computes, in multiply-accumulate operations where it has weights and in elements written
 * elsewhere. Good for telling the first third of a network from the last; no prediction of time.
 */
public final class WorkEstimate {
    private static final Set<String> LAYERS = Set.of(
            "Conv",
            "ConvInteger",
            "QLinearConv",
            "FusedConv",
            "ConvTranspose",
            "Gemm",
            "QGemm",
            "MatMul",
            "FusedMatMul",
            "MatMulInteger",
            "QLinearMatMul",
            "LSTM",
            "GRU",
            "RNN",
            "Attention");

    private final double[] work;
    private final BitSet layers = new BitSet();
    private final Graph graph;
    private final TensorFacts facts;
    private double total;

    public WorkEstimate(Dataflow flow, TensorFacts facts) {
        this.graph = flow.graph();
        this.facts = facts;
        this.work = new double[graph.nodes().size()];
        for (int node : flow.anchored().stream().toArray()) {
            double amount = estimate(graph.node(node));
            work[node] = amount;
            layers.set(
                    node,
                    LAYERS.contains(graph.node(node).op()) || graph.node(node).hasBody());
            total += amount;
        }
    }

    /** Work of one anchored node. */
    public double of(int node) {
        return work[node];
    }

    public double total() {
        return total;
    }

    /** Share of all work that lies before a cut, 0..1. */
    public double shareBefore(Cut cut) {
        double before = 0;
        for (int node : cut.head().stream().toArray()) {
            before += work[node];
        }
        return total == 0 ? 0 : before / total;
    }

    /**
     * Whether a cut lies between layers: some convolution, matrix product, recurrent layer or body before it and some
     * after it.
     */
    public boolean isBetweenLayers(Cut cut) {
        int before = layersBefore(cut).cardinality();
        return before > 0 && before < layers.cardinality();
    }

    /** Indices of the layers before a cut; a new set. */
    public BitSet layersBefore(Cut cut) {
        BitSet before = cut.head();
        before.and(layers);
        return before;
    }

    /**
     * Of cuts with the same layers before them (a reshape apart, say) the narrowest one, the first of equals.
     *
     * @param bytes that a cut sends
     */
    public List<Cut> onePerLayer(List<Cut> cuts, ToDoubleFunction<Cut> bytes) {
        Map<BitSet, Cut> narrowest = new LinkedHashMap<>();
        for (Cut cut : cuts) {
            narrowest.merge(
                    layersBefore(cut),
                    cut,
                    (one, other) -> bytes.applyAsDouble(other) < bytes.applyAsDouble(one) ? other : one);
        }
        return List.copyOf(narrowest.values());
    }

    private double estimate(GraphNode node) {
        double written = 0;
        for (String output : node.outputs()) {
            written += facts.elements(output);
        }
        return switch (node.op()) {
            case "Conv", "ConvInteger" -> written * perOutput(node, 1);
            case "QLinearConv" -> written * perOutput(node, 3);
            case "ConvTranspose" -> facts.elements(node.inputs().get(0)) * perOutput(node, 1);
            case "Gemm", "MatMul", "FusedMatMul", "MatMulInteger", "QGemm", "QLinearMatMul" -> written * depth(node);
            case "LSTM", "GRU", "RNN" -> steps(node) * (elements(node, 1) + elements(node, 2)) + written;
            default -> written + weightsInBodies(node.proto());
        };
    }

    /** Multiplications for each element of a convolution's output: weight elements over its first dimension. */
    private double perOutput(GraphNode node, int weightInput) {
        long[] dims = dims(node, weightInput);
        double product = 1;
        for (int axis = 1; axis < dims.length; axis++) {
            product *= dims[axis];
        }
        return product;
    }

    /** Length of the dot products of a matrix multiplication. */
    private double depth(GraphNode node) {
        long[] dims = dims(node, 0);
        boolean transposed = node.proto().getAttributeList().stream()
                .anyMatch(a -> a.getName().equals("transA") && a.getI() != 0);
        return dims.length == 0 ? 1 : transposed ? dims[0] : dims[dims.length - 1];
    }

    private double steps(GraphNode node) {
        long[] dims = dims(node, 0);
        return dims.length == 0 ? 1 : dims[0];
    }

    private double elements(GraphNode node, int input) {
        double product = 1;
        for (long dim : dims(node, input)) {
            product *= dim;
        }
        return product;
    }

    private long[] dims(GraphNode node, int input) {
        String name = input < node.inputs().size() ? node.inputs().get(input) : "";
        TensorProto weight = graph.initializers().get(name);
        if (weight != null) {
            return weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
        }
        return facts.seen().containsKey(name) ? facts.seen().get(name).dims() : new long[0];
    }

    private static double weightsInBodies(NodeProto node) {
        double[] elements = {0};
        try {
            TensorWalk.node(node, tensor -> {
                double product = 1;
                for (long dim : tensor.getDimsList()) {
                    product *= dim;
                }
                elements[0] += product;
            });
        } catch (ModelException never) {
            throw new AssertionError("the visitor throws nothing", never);
        }
        return elements[0];
    }
}
