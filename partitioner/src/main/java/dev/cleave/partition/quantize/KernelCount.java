package dev.cleave.partition.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.NodeProto;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Sample;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The kernels that an engine ran for a model, after all its optimisations: those that compute with integers, those that
 * compute with floats, those that convert one into the other, and those that only move values.
 *
 * @param integer kernels for quantised operands
 * @param floating everything else that computes
 * @param conversions from floats to integers and back
 * @param moves that change the order of values or leave some out
 * @param byOperator all of them, by the engine's name for the operator
 */
public record KernelCount(int integer, int floating, int conversions, int moves, Map<String, Integer> byOperator) {
    private static final Set<String> INTEGER = Set.of(
            "QGemm",
            "MatMulInteger",
            "MatMulIntegerToFloat",
            "ConvInteger",
            "NhwcMaxPool",
            "DynamicQuantizeMatMul",
            "DynamicQuantizeLSTM",
            "QAttention");
    private static final Set<String> CONVERSIONS = Set.of("QuantizeLinear", "DequantizeLinear");
    private static final Set<String> MOVES = Set.of(
            "Transpose",
            "Reshape",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Split",
            "Pad",
            "Concat",
            "Gather",
            "Expand",
            "Identity",
            "Shape",
            "Cast",
            "Resize",
            "ReorderInput",
            "ReorderOutput");
    private static final Set<String> EITHER = Set.of("MaxPool", "Clip");

    /**
     * Counts those of one run.
     *
     * @throws EngineException if the engine does not tell
     */
    public static KernelCount of(OnnxModel model, Engine engine, SessionOptions options, Sample sample)
            throws IOException, EngineException {
        List<OperatorTime> run = engine.profile(Runner.source(model), options, sample.inputs(), 1)
                .get(0);
        Map<String, NodeProto> nodes = new HashMap<>();
        model.proto().getGraph().getNodeList().forEach(node -> nodes.put(node.getName(), node));
        Set<String> integers = integers(model);
        Map<String, Integer> operators = new LinkedHashMap<>();
        int[] counts = new int[4];
        for (OperatorTime time : run) {
            operators.merge(time.operator(), 1, Integer::sum);
            NodeProto node = nodes.get(time.node());
            boolean onIntegers = node != null && node.getInputCount() > 0 && integers.contains(node.getInput(0));
            counts[kind(time.operator(), onIntegers)]++;
        }
        return new KernelCount(counts[0], counts[1], counts[2], counts[3], operators);
    }

    private static int kind(String operator, boolean onIntegers) {
        if (CONVERSIONS.contains(operator)) {
            return 2;
        }
        if (MOVES.contains(operator)) {
            return 3;
        }
        boolean integer =
                operator.startsWith("QLinear") || INTEGER.contains(operator) || EITHER.contains(operator) && onIntegers;
        return integer ? 0 : 1;
    }

    /** What QuantizeLinear makes, and what is moved from there. */
    private static Set<String> integers(OnnxModel model) {
        Set<String> integers = new HashSet<>();
        for (NodeProto node : model.proto().getGraph().getNodeList()) {
            boolean moved = node.getInputCount() > 0
                    && integers.contains(node.getInput(0))
                    && (MOVES.contains(node.getOpType()) || EITHER.contains(node.getOpType()));
            if (moved || node.getOpType().equals("QuantizeLinear")) {
                integers.addAll(node.getOutputList());
            }
        }
        return integers;
    }
}
