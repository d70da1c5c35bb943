package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * Finds the nodes between DequantizeLinear and QuantizeLinear that one operator on integers does, and makes steps of
 * them.
 *
 * <pre>
 *   x -> DQ -> Conv -> Relu -> Q -> y        becomes        x -> CONV_2D with RELU -> y
 *   w -> DQ ---^                                            w -^
 * </pre>
 *
 * Where none does, the node stays one of floats between DEQUANTIZE and QUANTIZE, which is what the ONNX graph says.
 */
final class QdqFolding {
    private final SourceGraph source;
    private final Set<SourceNode> taken = new HashSet<>();

    QdqFolding(SourceGraph source) {
        this.source = source;
    }

    /** Steps in topological order. */
    List<Step> run() throws UnconvertibleException {
        List<Step> steps = new ArrayList<>();
        for (SourceNode node : source.nodes()) {
            if (!taken.contains(node)) {
                Step folded = folded(node);
                steps.add(folded == null ? Step.of(node) : folded);
            }
        }
        Set<String> read = new HashSet<>(source.outputs());
        steps.forEach(step -> read.addAll(step.inputs()));
        steps.removeIf(step ->
                isConversion(step.node()) && !read.contains(step.outputs().get(0)));
        return steps;
    }

    /** Null where the node is not one that is done on integers. */
    private Step folded(SourceNode node) throws UnconvertibleException {
        if (!IntegerRules.isCandidate(node) || node.outputs().size() != 1) {
            return null;
        }
        List<String> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            boolean isAsItIs = input.isEmpty() || !isData(node, inputs.size()) || isFloatBias(node, inputs.size());
            String integers = isAsItIs ? input : integersOf(input);
            if (integers == null) {
                return null;
            }
            inputs.add(integers);
        }
        String made = node.output(0);
        if (!source.isInner(made)) {
            return null;
        }
        SourceNode reader = source.readers(made).get(0);
        SourceNode activation = null;
        if ((reader.operator().equals("Relu") || reader.operator().equals("Clip"))
                && reader.input(0).equals(made)
                && source.isInner(reader.output(0))) {
            activation = reader;
            reader = source.readers(reader.output(0)).get(0);
        }
        String read = activation == null ? made : activation.output(0);
        if (!isQuantize(reader) || !reader.input(0).equals(read) || !isPlain8Bit(reader.output(0))) {
            return null;
        }
        Quantization said = Quantizations.said(reader, source);
        if (said == null || !said.isEqualTo(source.quantization(reader.output(0)))) {
            return null;
        }
        int function = activation == null ? ActivationFunctionType.NONE : function(activation, reader.output(0));
        if (function < 0) {
            return null;
        }
        Step step = Step.ofIntegers(node, inputs, reader.output(0), (byte) function);
        if (!new IntegerRules(source).allow(step)) {
            return null;
        }
        taken.add(reader);
        if (activation != null) {
            taken.add(activation);
        }
        return step;
    }

    /** Whether an input is a tensor that is computed with, rather than a shape, axes or the like. */
    private static boolean isData(SourceNode node, int input) {
        return input == 0 || !IntegerRules.takesOneTensor(node);
    }

    private boolean isFloatBias(SourceNode node, int input) throws UnconvertibleException {
        return input == 2
                && IntegerRules.isLinear(node)
                && source.unpacker(node.input(input)) == null
                && source.constant(node.input(input)) != null;
    }

    /** The integers that a float tensor was unpacked from; null if it was not, or not with one scale. */
    private String integersOf(String tensor) throws UnconvertibleException {
        SourceNode maker = source.unpacker(tensor);
        if (maker == null) {
            return null;
        }
        String integers = maker.input(0);
        Quantization said = Quantizations.said(maker, source);
        if (said == null || !said.isEqualTo(source.quantization(integers))) {
            return null;
        }
        return source.constant(integers) != null || isPlain8Bit(integers) ? integers : null;
    }

    private boolean isPlain8Bit(String tensor) throws UnconvertibleException {
        ElementType type = source.type(tensor);
        return (type == ElementType.UINT8 || type == ElementType.INT8)
                && source.quantization(tensor).isSingle();
    }

    private static boolean isQuantize(SourceNode node) {
        return node.node().op().equals("QuantizeLinear");
    }

    private static boolean isConversion(SourceNode node) {
        return node.node().op().equals("DequantizeLinear");
    }

    /** The function that an operator can apply itself: none where saturation does the same; -1 if there is no such. */
    private int function(SourceNode activation, String output) throws UnconvertibleException {
        Limits limits = Limits.of(activation, source);
        if (limits == null) {
            return -1;
        }
        Quantization quantization = source.quantization(output).signed(source.type(output));
        double lowest = (Byte.MIN_VALUE - quantization.zeroPoint()) * (double) quantization.scale();
        double highest = (Byte.MAX_VALUE - quantization.zeroPoint()) * (double) quantization.scale();
        // Half a step beyond a limit still rounds to it.
        double half = quantization.scale() / 2;
        boolean saturates = lowest >= limits.lowest() - half && highest <= limits.highest() + half;
        return saturates ? ActivationFunctionType.NONE : limits.function();
    }
}
