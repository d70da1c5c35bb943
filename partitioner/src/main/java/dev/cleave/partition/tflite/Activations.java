package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** Relu and its kin, which become part of the operator before them where that has a place for them; Sigmoid and the like. */
final class Activations {
    private Activations() {}

    /** Relu and Clip, of floats, or of integers as they are. */
    static void limit(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32, ElementType.INT32, ElementType.UINT8, ElementType.INT8);
        Limits limits = Limits.of(lowering.node(), lowering.source());
        lowering.require(limits != null, "its limits are computed", "constants");
        ElementType type = lowering.type(0);
        int function = type == ElementType.FLOAT32 ? limits.function() : -1;
        if (function >= 0) {
            function(lowering, (byte) function);
            return;
        }
        lowering.requireSameMeaning(0);
        boolean fromBelow = limits.lowest() > lowest(type);
        boolean fromAbove = limits.highest() < highest(type);
        int[] order = lowering.order(0);
        int limited = lowering.in(0, order);
        if (!fromBelow && !fromAbove) {
            lowering.draft().share(lowering.name(0), lowering.output(0), Order.given(order.length));
            return;
        }
        if (fromBelow) {
            int made = fromAbove
                    ? lowering.inner("limited", limited, lowering.extent(0).in(order))
                    : lowering.out(order);
            int[] inputs = {limited, bound(lowering, "lowest", limits.lowest())};
            lowering.emit(BuiltinOperator.MAXIMUM, Options.NONE, inputs, made);
            limited = made;
        }
        if (fromAbove) {
            int[] inputs = {limited, bound(lowering, "highest", limits.highest())};
            lowering.emit(BuiltinOperator.MINIMUM, Options.NONE, inputs, lowering.out(order));
        }
    }

    private static double lowest(ElementType type) {
        return switch (type) {
            case UINT8 -> 0;
            case INT8 -> Byte.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    private static double highest(ElementType type) {
        return switch (type) {
            case UINT8 -> 255;
            case INT8 -> Byte.MAX_VALUE;
            case INT32 -> Integer.MAX_VALUE;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    private static int bound(Lowering lowering, String suffix, double value) throws UnconvertibleException {
        ElementType type = lowering.type(0);
        if (type == ElementType.FLOAT32) {
            return lowering.scalar(suffix, (float) value);
        }
        if (type == ElementType.INT32) {
            return lowering.constant(suffix, Constant.ofInts(new int[0], (int) value));
        }
        int offset = type == ElementType.UINT8 ? Quantization.UNSIGNED_OFFSET : 0;
        Quantization quantization =
                lowering.source().quantization(lowering.name(0)).signed(type);
        return lowering.constant(suffix, Constant.ofBytes(new int[0], (byte) ((int) value - offset)), quantization);
    }

    private static void function(Lowering lowering, byte function) throws UnconvertibleException {
        if (lowering.draft().activate(lowering.name(0), lowering.output(0), function)) {
            return;
        }
        int code = switch (function) {
            case ActivationFunctionType.RELU -> BuiltinOperator.RELU;
            case ActivationFunctionType.RELU6 -> BuiltinOperator.RELU6;
            default -> BuiltinOperator.RELU_N1_TO_1;
        };
        int[] order = lowering.order(0);
        lowering.emit(code, lowering.in(0, order), lowering.out(order));
    }

    static void leakyRelu(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = lowering.order(0);
        lowering.emit(
                BuiltinOperator.LEAKY_RELU,
                Options.leakyRelu(lowering.node().number("alpha", 0.01f)),
                new int[] {lowering.in(0, order)},
                lowering.out(order));
    }

    static void parametricRelu(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = lowering.order(0);
        lowering.require(order.length <= 4, "its input has rank " + order.length, "a rank up to 4");
        int slope = lowering.operand(1, order);
        lowering.emit(
                BuiltinOperator.PRELU, Options.NONE, new int[] {lowering.in(0, order), slope}, lowering.out(order));
    }

    /** Of integers, LOGISTIC makes 1/256ths, which are brought to the scale that is wanted. */
    static void sigmoid(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = lowering.order(0);
        int input = lowering.in(0, order);
        int made = lowering.out(order);
        Quantization wanted = lowering.draft().tensor(made).quantization();
        if (wanted == null || wanted.isSameAs(IntegerRules.LOGISTIC)) {
            lowering.emit(BuiltinOperator.LOGISTIC, input, made);
            return;
        }
        int logistic = lowering.draft()
                .inner(
                        lowering.output(0) + "/logistic",
                        ElementType.INT8,
                        lowering.extent(0).in(order),
                        IntegerRules.LOGISTIC);
        lowering.emit(BuiltinOperator.LOGISTIC, input, logistic);
        lowering.emit(BuiltinOperator.QUANTIZE, logistic, made);
    }

    static void elu(Lowering lowering) throws UnconvertibleException {
        float alpha = lowering.node().number("alpha", 1);
        lowering.require(alpha == 1, "alpha " + alpha, "alpha 1");
        Arithmetic.single(BuiltinOperator.ELU).lower(lowering);
    }

    /** {@code max(0, min(1, alpha x + beta))}. */
    static void hardSigmoid(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = lowering.order(0);
        Extent extent = lowering.extent(0).in(order);
        int input = lowering.in(0, order);
        int scaled = lowering.inner("scaled", input, extent);
        int slope = lowering.scalar("alpha", lowering.node().number("alpha", 0.2f));
        lowering.emit(BuiltinOperator.MUL, Options.multiply(), new int[] {input, slope}, scaled);
        int moved = lowering.inner("moved", input, extent);
        int shift = lowering.scalar("beta", lowering.node().number("beta", 0.5f));
        lowering.emit(BuiltinOperator.ADD, Options.add(), new int[] {scaled, shift}, moved);
        lowering.draft().maker(moved).activate(ActivationFunctionType.RELU);
        int[] inputs = {moved, lowering.scalar("one", 1)};
        lowering.emit(BuiltinOperator.MINIMUM, Options.NONE, inputs, lowering.out(order));
    }
}
