package dev.cleave.partition.quantize;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.Value;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the operators of a prepared graph that ONNX Runtime can run on integers, and says why the others cannot. */
final class UnitFinder {
    private static final Set<String> COMPUTING =
            Set.of("Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "Sigmoid", "LeakyRelu");
    private static final Set<String> MOVING = Set.of(
            "MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Pad", "Resize");
    private static final Set<String> WITH_WEIGHTS = Set.of("Conv", "Gemm", "MatMul");

    private final Graph graph;
    private final Dataflow flow;
    private final TensorFacts facts;
    private final Map<Integer, Unit> units = new LinkedHashMap<>();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private final Map<Integer, Unit> byActivation = new LinkedHashMap<>();

    private UnitFinder(Dataflow flow, TensorFacts facts) {
        this.graph = flow.graph();
        this.flow = flow;
        this.facts = facts;
    }

    /**
     * What was found.
     *
     * @param units by the index of their node, ascending
     * @param refused by the label of a node: why it stays in float
     */
    record Found(Map<Integer, Unit> units, Map<String, String> refused) {}

    static Found find(Dataflow flow, TensorFacts facts) {
        UnitFinder finder = new UnitFinder(flow, facts);
        for (GraphNode node : flow.graph().nodes()) {
            if (flow.isLive(node.index())
                    && node.role() == GraphNode.Role.ANCHORED
                    && !finder.byActivation.containsKey(node.index())) {
                finder.look(node);
            }
        }
        return new Found(finder.units, finder.refused);
    }

    private void look(GraphNode node) {
        if (!isFloat(node)) {
            return;
        }
        String reason = whyNot(node);
        if (reason != null) {
            refused.put(node.label(), reason);
            return;
        }
        Unit.Kind kind = kind(node);
        GraphNode activation = kind == Unit.Kind.LINEAR || kind == Unit.Kind.COMPUTING ? activation(node) : null;
        Unit unit = new Unit(node, kind, activation);
        units.put(node.index(), unit);
        if (activation != null) {
            byActivation.put(activation.index(), unit);
        }
    }

    private Unit.Kind kind(GraphNode node) {
        return WITH_WEIGHTS.contains(node.op())
                ? Unit.Kind.LINEAR
                : COMPUTING.contains(node.op())
                        ? Unit.Kind.COMPUTING
                        : MOVING.contains(node.op()) ? Unit.Kind.MOVING : Unit.Kind.LIMITING;
    }

    /** Null if integers can do it. */
    private String whyNot(GraphNode node) {
        if (!node.domain().isEmpty()) {
            return "not an operator of ONNX";
        }
        boolean isModern = graph.opset() >= OpsetUpgrade.TARGET;
        return switch (node.op()) {
            case "Conv" -> isFloatWeight(node, 1) && isAbsentOrWeight(node, 2) ? null : "its weights are not stored";
            case "Gemm" -> whyNotGemm(node);
            case "MatMul" ->
                isFloatWeight(node, 1) && graph.stored(node.inputs().get(1)).getDimsCount() == 2
                        ? null
                        : "no matrix of stored weights";
            case "Add", "Mul", "Concat" -> operands(node);
            case "GlobalAveragePool", "Sigmoid", "LeakyRelu" -> null;
            case "AveragePool" -> isRank(node, 4) ? null : "no integer kernel for its rank";
            case "MaxPool" ->
                isModern && node.outputs().size() == 1 && isRank(node, 4) ? null : "no integer kernel for its form";
            case "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split" -> null;
            case "Pad" -> isModern && isZeroPadding(node) ? null : "does not pad with zeros";
            case "Resize" -> Stored.text(node.proto(), "mode", "nearest").equals("nearest") ? null : "it interpolates";
            case "Relu", "Clip" ->
                isModern && limits(graph, node) != null ? null : "its limits are not stored, or leave out 0";
            default -> "no integer kernel";
        };
    }

    private String whyNotGemm(GraphNode node) {
        if (!Folding.isPlainGemm(node.proto()) || !isFloatWeight(node, 1)) {
            return "no matrix of stored weights";
        }
        TensorProto bias = node.inputs().size() < 3 || node.inputs().get(2).isEmpty()
                ? null
                : graph.stored(node.inputs().get(2));
        TensorProto weights = graph.stored(node.inputs().get(1));
        long outputs = weights.getDims(Stored.integer(node.proto(), "transB", 0) != 0 ? 0 : 1);
        boolean fits = node.inputs().size() < 3
                || node.inputs().get(2).isEmpty()
                || bias != null
                        && bias.getDataType() == TensorProto.DataType.FLOAT_VALUE
                        && bias.getDimsCount() == 1
                        && bias.getDims(0) == outputs;
        return fits ? null : "its bias is not one stored value for each output";
    }

    /** Stored operands are quantised as well; a node of nothing but stored ones is a constant and not seen here. */
    private String operands(GraphNode node) {
        for (int i = 0; i < node.inputs().size(); i++) {
            String name = node.inputs().get(i);
            if (graph.value(name).constant() && !isFloatWeight(node, i)) {
                return "an operand is neither stored nor made of inputs";
            }
        }
        return null;
    }

    private boolean isZeroPadding(GraphNode node) {
        if (!Stored.text(node.proto(), "mode", "constant").equals("constant")) {
            return true;
        }
        if (node.inputs().size() < 3 || node.inputs().get(2).isEmpty()) {
            return true;
        }
        float[] value = floats(graph, node.inputs().get(2));
        return value != null && value.length == 1 && value[0] == 0;
    }

    /** The range that a Relu or Clip lets through, which must hold 0; null if it is something else. */
    static float[] limits(Graph graph, GraphNode node) {
        if (node.is("Relu")) {
            return new float[] {0, Float.POSITIVE_INFINITY};
        }
        if (!node.is("Clip")) {
            return null;
        }
        float[] low = limit(graph, node, 1, Float.NEGATIVE_INFINITY);
        float[] high = limit(graph, node, 2, Float.POSITIVE_INFINITY);
        return low != null && high != null && low[0] <= 0 && high[0] > 0 ? new float[] {low[0], high[0]} : null;
    }

    private static float[] limit(Graph graph, GraphNode node, int index, float otherwise) {
        boolean absent =
                node.inputs().size() <= index || node.inputs().get(index).isEmpty();
        float[] value =
                absent ? new float[] {otherwise} : floats(graph, node.inputs().get(index));
        return value != null && value.length == 1 && !Float.isNaN(value[0]) ? value : null;
    }

    private static float[] floats(Graph graph, String name) {
        TensorProto tensor = graph.stored(name);
        return tensor == null ? null : Stored.floats(graph.model().data(tensor), tensor);
    }

    /** The activation behind a node, if nothing else reads what the node makes. */
    private GraphNode activation(GraphNode node) {
        Value made = graph.value(node.outputs().get(0));
        List<Integer> readers = made.consumers().stream().filter(flow::isLive).toList();
        if (made.output() || readers.size() != 1) {
            return null;
        }
        GraphNode reader = graph.node(readers.get(0));
        boolean limits = reader.captures().isEmpty() && limits(graph, reader) != null && isFloat(reader);
        return limits && reader.inputs().get(0).equals(made.name()) ? reader : null;
    }

    private boolean isFloatWeight(GraphNode node, int input) {
        TensorProto tensor = node.inputs().size() <= input
                ? null
                : graph.initializers().get(node.inputs().get(input));
        return tensor != null && tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
    }

    private boolean isAbsentOrWeight(GraphNode node, int input) {
        return node.inputs().size() <= input || node.inputs().get(input).isEmpty() || isFloatWeight(node, input);
    }

    private boolean isRank(GraphNode node, int rank) {
        var shape = facts.seen().get(node.inputs().get(0));
        return shape != null && shape.rank() == rank;
    }

    /** Whether what a node reads first and makes are float tensors. */
    private boolean isFloat(GraphNode node) {
        TensorSpec spec = facts.spec(node.outputs().get(0));
        return !node.inputs().isEmpty() && spec != null && spec.type() == ElementType.FLOAT32 && !node.hasBody();
    }
}
