package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * Gemm and MatMul: FULLY_CONNECTED with constant weights, BATCH_MATMUL without. On integers a CONV_2D of one pixel, which
 * has a scale for each output in every version.
 */
final class Products {
    private static final int[] SWAPPED = {1, 0};

    private Products() {}

    /** The axis of the weights of a Conv, Gemm or MatMul along which the outputs lie. */
    static int outputAxis(SourceNode node) {
        return node.operator().equals("Conv") || node.operator().equals("Gemm") && node.integer("transB", 0) != 0
                ? 0
                : 1;
    }

    /** Whether a product is one of two matrices and at most a row added to it. */
    static boolean isPlain(Step step, SourceGraph source) throws UnconvertibleException {
        SourceNode node = step.node();
        Extent weights = source.extent(step.inputs().get(1));
        if (source.extent(step.inputs().get(0)).rank() != 2 || weights.rank() != 2) {
            return false;
        }
        boolean isRow = step.inputs().size() < 3
                || step.inputs().get(2).isEmpty()
                || isRow(source.extent(step.inputs().get(2)), weights.size(outputAxis(node)));
        return isRow && node.integer("transA", 0) == 0 && node.number("alpha", 1) == 1 && node.number("beta", 1) == 1;
    }

    private static boolean isRow(Extent extent, int outputs) {
        return extent.openAxes() == 0
                && extent.rank() > 0
                && extent.size(extent.rank() - 1) == outputs
                && extent.elements() == outputs;
    }

    static void lower(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        lowering.requireType(1, ElementType.FLOAT32);
        if (lowering.step().isInteger()) {
            lowerIntegers(lowering);
        } else if (lowering.node().operator().equals("Gemm")) {
            lowerGemm(lowering);
        } else {
            lowerMatMul(lowering);
        }
    }

    private static void lowerIntegers(Lowering lowering) throws UnconvertibleException {
        int[] order = outputAxis(lowering.node()) == 0 ? Order.given(2) : SWAPPED;
        Constant weights = lowering.constant(1);
        Constant ordered = weights.in(order).signed();
        int outputs = ordered.dims()[0];
        Quantization quantization = lowering.source()
                .quantization(lowering.name(1))
                .signed(weights.type())
                .along(0, outputs);
        int filter = lowering.constant("filter", ordered.reshaped(outputs, 1, 1, ordered.dims()[1]), quantization);
        int bias = Convolutions.bias(lowering, outputs);
        int pixels = lowering.reshape(
                lowering.draft().linear(lowering.name(0)),
                lowering.extent(0).withSingle(1).withSingle(1),
                "pixels");
        int made = lowering.out(Order.given(2));
        Extent extent = lowering.made(0);
        int result = lowering.inner("pixels/made", made, extent.withSingle(1).withSingle(1));
        Options.Window window = new Options.Window(false, 1, 1, 1, 1);
        lowering.emit(
                BuiltinOperator.CONV_2D, Options.convolution(window, false), new int[] {pixels, filter, bias}, result);
        int target = lowering.ints("shape", extent.signature());
        lowering.emit(BuiltinOperator.RESHAPE, Options.reshape(extent.signature()), new int[] {result, target}, made);
    }

    private static void lowerGemm(Lowering lowering) throws UnconvertibleException {
        SourceNode node = lowering.node();
        float alpha = node.number("alpha", 1);
        float beta = node.number("beta", 1);
        lowering.require(
                lowering.extent(0).rank() == 2 && lowering.extent(1).rank() == 2,
                "inputs of shape " + lowering.extent(0) + " and " + lowering.extent(1),
                "matrices");
        int left = lowering.in(0, node.integer("transA", 0) != 0 ? SWAPPED : Order.given(2));
        boolean isStored = node.integer("transB", 0) != 0;
        Constant weights = lowering.constant(1);
        Constant added = lowering.constant(2);
        int outputs = lowering.made(0).size(1);
        boolean isBias = weights != null && added != null && isRow(added.extent(), outputs);
        boolean isLast = isBias || !lowering.has(2) || beta == 0;
        if (weights != null) {
            Constant ordered = weights.in(isStored ? Order.given(2) : SWAPPED);
            int filter = lowering.constant("weights", scaled(ordered, alpha));
            Constant row = isBias
                    ? scaled(added.reshaped(outputs), beta)
                    : Constant.ofFloats(new int[] {outputs}, new float[outputs]);
            int product = isLast ? lowering.out(Order.given(2)) : product(lowering, left);
            lowering.emit(
                    BuiltinOperator.FULLY_CONNECTED,
                    Options.fullyConnected(false),
                    new int[] {left, filter, lowering.constant("bias", row)},
                    product);
            add(lowering, product, isLast, beta);
            return;
        }
        lowering.require(alpha == 1, "alpha " + alpha + " with computed weights", "alpha 1");
        int right = lowering.in(1, isStored ? SWAPPED : Order.given(2));
        int product = isLast ? lowering.out(Order.given(2)) : product(lowering, left);
        lowering.emit(BuiltinOperator.BATCH_MATMUL, Options.batchMatMul(), new int[] {left, right}, product);
        add(lowering, product, isLast, beta);
    }

    private static int product(Lowering lowering, int left) throws UnconvertibleException {
        return lowering.inner("product", left, lowering.made(0));
    }

    private static void add(Lowering lowering, int product, boolean isLast, float beta) throws UnconvertibleException {
        if (isLast) {
            return;
        }
        Constant added = lowering.constant(2);
        lowering.require(beta == 1 || added != null, "beta " + beta + " with a computed addend", "beta 1");
        int operand = added == null ? lowering.in(2) : lowering.constant("addend", scaled(added, beta));
        lowering.emit(BuiltinOperator.ADD, Options.add(), new int[] {product, operand}, lowering.out(Order.given(2)));
    }

    private static Constant scaled(Constant constant, float factor) {
        float[] values = constant.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return Constant.ofFloats(constant.dims(), values);
    }

    private static void lowerMatMul(Lowering lowering) throws UnconvertibleException {
        Extent left = lowering.extent(0);
        Extent right = lowering.extent(1);
        lowering.require(
                left.rank() >= 2 && right.rank() >= 2 && left.rank() <= 5 && right.rank() <= 5,
                "inputs of shape " + left + " and " + right,
                "ranks from 2 to 5");
        Constant weights = lowering.constant(1);
        if (weights != null && right.rank() == 2 && lowering.constant(0) == null) {
            int outputs = right.size(1);
            int filter = lowering.constant("weights", weights.in(SWAPPED));
            int bias = lowering.constant("bias", Constant.ofFloats(new int[] {outputs}, new float[outputs]));
            lowering.emit(
                    BuiltinOperator.FULLY_CONNECTED,
                    Options.fullyConnected(left.rank() > 2),
                    new int[] {lowering.in(0), filter, bias},
                    lowering.out(Order.given(left.rank())));
            return;
        }
        boolean isAlike = Arrays.equals(rows(left), rows(right)) || right.rank() == 2 || left.rank() == 2;
        lowering.require(isAlike || left.rank() <= 4, "inputs of shape " + left + " and " + right, "ranks up to 4");
        lowering.emit(
                BuiltinOperator.BATCH_MATMUL,
                Options.batchMatMul(),
                new int[] {lowering.in(0), lowering.in(1)},
                lowering.out(Order.given(lowering.made(0).rank())));
    }

    private static int[] rows(Extent extent) {
        return Arrays.copyOf(extent.sizes(), extent.rank() - 2);
    }
}
