package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.Set;
import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * Which nodes the kernels for 8-bit integers do as the ONNX graph says, within a level of the result; the others stay in
 * float.
 */
final class IntegerRules {
    private static final Set<String> LINEAR = Set.of("Conv", "Gemm", "MatMul");
    private static final Set<String> BINARY = Set.of("Add", "Sub", "Mul");
    /** Their kernels want the quantisation of the input at the output, too. */
    private static final Set<String> KEEPING =
            Set.of("MaxPool", "AveragePool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice");

    private static final Set<String> RESCALING = Set.of("GlobalAveragePool", "LeakyRelu", "Sigmoid");
    /** Of what LOGISTIC makes. */
    static final Quantization LOGISTIC = Quantization.of(1f / 256, Byte.MIN_VALUE);

    /** The bias is in units of input times weight; it is written so, give or take the rounding of a float. */
    private static final double BIAS_TOLERANCE = 1e-5;
    /** Of a step of the result: as much may be lost where a bias of floats is written in units. */
    private static final double MOST_ROUNDING = 0.01;

    private final SourceGraph source;

    IntegerRules(SourceGraph source) {
        this.source = source;
    }

    /** Whether the operator has weights and a bias. */
    static boolean isLinear(SourceNode node) {
        return LINEAR.contains(node.operator());
    }

    static boolean isCandidate(SourceNode node) {
        String op = node.operator();
        return LINEAR.contains(op)
                || BINARY.contains(op)
                || KEEPING.contains(op)
                || RESCALING.contains(op)
                || op.equals("Concat");
    }

    /** Whether only the first input is one to compute with. */
    static boolean takesOneTensor(SourceNode node) {
        return KEEPING.contains(node.operator()) || RESCALING.contains(node.operator());
    }

    boolean allow(Step step) throws UnconvertibleException {
        String op = step.node().operator();
        boolean canActivate = LINEAR.contains(op) || BINARY.contains(op);
        if (step.activation() != ActivationFunctionType.NONE && !canActivate) {
            return false;
        }
        if (LINEAR.contains(op)) {
            return areWeightsFit(step) && isBiasFit(step);
        }
        if (BINARY.contains(op) || op.equals("Concat")) {
            return areAllSingle(step);
        }
        Quantization input = signed(step.inputs().get(0));
        Quantization output = signed(step.outputs().get(0));
        boolean isMean = op.equals("AveragePool")
                && Pools.isWhole(
                        step.node(),
                        source.extent(step.inputs().get(0)),
                        source.extent(step.outputs().get(0)));
        if (KEEPING.contains(op) && !isMean) {
            return input.isSameAs(output) && (!op.equals("AveragePool") || Pools.isPlainAverage(step, source));
        }
        return !op.equals("Sigmoid") || output.scale() >= LOGISTIC.scale();
    }

    private Quantization signed(String tensor) throws UnconvertibleException {
        return source.quantization(tensor).signed(source.type(tensor));
    }

    private boolean areAllSingle(Step step) throws UnconvertibleException {
        for (String input : step.inputs()) {
            ElementType type = source.type(input);
            if (!source.quantization(input).isSingle() || type != ElementType.UINT8 && type != ElementType.INT8) {
                return false;
            }
        }
        return true;
    }

    /** Symmetric, with one scale or one for each output channel. */
    private boolean areWeightsFit(Step step) throws UnconvertibleException {
        String name = step.inputs().get(1);
        Constant weights = source.constant(name);
        Constant data = source.constant(step.inputs().get(0));
        if (weights == null
                || data != null
                || weights.type() != ElementType.INT8 && weights.type() != ElementType.UINT8
                || !source.quantization(name).isSymmetric(weights.type())) {
            return false;
        }
        Quantization quantization = source.quantization(name);
        int axis = Products.outputAxis(step.node());
        boolean fits = quantization.isSingle()
                || quantization.axis() == axis && quantization.scales().length == weights.dims()[axis];
        return fits && (step.node().operator().equals("Conv") || Products.isPlain(step, source));
    }

    /** 32-bit integers in units of input times weight. */
    private boolean isBiasFit(Step step) throws UnconvertibleException {
        if (step.inputs().size() < 3 || step.inputs().get(2).isEmpty()) {
            return true;
        }
        String name = step.inputs().get(2);
        Constant bias = source.constant(name);
        if (bias != null && bias.type() == ElementType.FLOAT32) {
            return isFloatBiasFit(step, bias);
        }
        if (bias == null || bias.type() != ElementType.INT32) {
            return false;
        }
        Quantization quantization = source.quantization(name);
        Quantization weights = source.quantization(step.inputs().get(1));
        double input = source.quantization(step.inputs().get(0)).scale();
        for (int i = 0; i < bias.elements(); i++) {
            boolean isOneOfMany = i < quantization.scales().length || quantization.isSingle();
            boolean hasWeight = i < weights.scales().length || weights.isSingle();
            if (!isOneOfMany || !hasWeight || quantization.zeroPoint(i) != 0) {
                return false;
            }
            double unit = input * weights.scale(i);
            if (Math.abs(quantization.scale(i) - unit) > BIAS_TOLERANCE * unit) {
                return false;
            }
        }
        return true;
    }

    /** Whether the kernel's units are so small beside the steps of the result that rounding a bias to them is nothing. */
    private boolean isFloatBiasFit(Step step, Constant bias) throws UnconvertibleException {
        Quantization weights = source.quantization(step.inputs().get(1));
        double input = source.quantization(step.inputs().get(0)).scale();
        double output = source.quantization(step.outputs().get(0)).scale();
        float[] values = bias.floats();
        boolean hasWeights = weights.isSingle() || weights.scales().length == values.length;
        for (int i = 0; hasWeights && i < values.length; i++) {
            double unit = input * weights.scale(i);
            if (unit / 2 > MOST_ROUNDING * output || !(Math.abs(values[i]) < unit * Integer.MAX_VALUE)) {
                return false;
            }
        }
        return hasWeights;
    }
}
