package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * Conv, in one and two dimensions: CONV_2D, or DEPTHWISE_CONV_2D where each group is one channel. Filters are O, H, W, I;
 * depthwise ones 1, H, W, O.
 */
final class Convolutions {
    private static final int[] FILTER = {0, 2, 3, 1};
    private static final int[] DEPTHWISE_FILTER = {1, 2, 3, 0};

    private Convolutions() {}

    static void lower(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        lowering.requireType(1, ElementType.FLOAT32);
        Extent filter = lowering.extent(1);
        int[] kernel = new int[Math.max(0, filter.rank() - 2)];
        System.arraycopy(filter.sizes(), 2, kernel, 0, kernel.length);
        WindowPlan plan = WindowPlan.of(lowering.node(), kernel, lowering.extent(0), lowering.made(0));
        int picture = WindowPlan.picture(lowering);
        if (plan.isPadded()) {
            picture = plan.pad(lowering, picture, null, null);
        }
        int groups = lowering.node().integer("group", 1);
        int channels = lowering.extent(0).size(1);
        int outputs = filter.size(0);
        boolean isDepthwise = groups > 1 && groups == channels;
        int weights = filter(lowering, isDepthwise);
        int bias = bias(lowering, outputs);
        if (isDepthwise) {
            WindowPlan.emit(
                    lowering,
                    BuiltinOperator.DEPTHWISE_CONV_2D,
                    Options.depthwise(plan.window(), outputs / channels),
                    picture,
                    weights,
                    bias);
        } else {
            WindowPlan.emit(
                    lowering,
                    BuiltinOperator.CONV_2D,
                    Options.convolution(plan.window(), groups > 1),
                    picture,
                    weights,
                    bias);
        }
    }

    private static int filter(Lowering lowering, boolean isDepthwise) throws UnconvertibleException {
        int[] order = isDepthwise ? DEPTHWISE_FILTER : FILTER;
        Extent extent = lowering.extent(1);
        boolean isLine = extent.rank() == 3;
        Extent filter = isLine ? extent.withSingle(2) : extent;
        Constant constant = lowering.constant(1);
        if (constant == null) {
            int given = lowering.in(1);
            int whole = isLine ? lowering.reshape(given, filter, "filter") : given;
            return lowering.draft().permuted(whole, order, lowering.output(0) + "/filter/ordered");
        }
        ChannelScaling scaling = lowering.step().scaling();
        Constant scaled = scaling == null ? constant : scaling.weights(constant);
        Constant ordered = scaled.reshaped(filter.sizes()).in(order).signed();
        Quantization quantization = null;
        if (Lowering.isByte(constant.type())) {
            int outputs = extent.size(0);
            quantization = lowering.source()
                    .quantization(lowering.name(1))
                    .signed(constant.type())
                    .along(Order.place(order, 0), outputs);
        }
        return lowering.constant("filter", ordered, quantization);
    }

    /** Zeros where there is none: not every kernel does without. */
    static int bias(Lowering lowering, int outputs) throws UnconvertibleException {
        boolean isInteger = lowering.step().isInteger();
        if (lowering.has(2) && lowering.constant(2) == null) {
            return lowering.in(2);
        }
        Constant bias = lowering.has(2)
                ? lowering.constant(2).reshaped(outputs)
                : Constant.ofFloats(new int[] {outputs}, new float[outputs]);
        if (isInteger) {
            Quantization units = biasQuantization(lowering, outputs);
            return lowering.constant("bias", inUnits(bias, units), units);
        }
        ChannelScaling scaling = lowering.step().scaling();
        return lowering.constant("bias", scaling == null ? bias : scaling.bias(bias));
    }

    private static Constant inUnits(Constant bias, Quantization units) {
        if (bias.isInteger()) {
            return bias;
        }
        float[] values = bias.floats();
        int[] integers = new int[values.length];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = (int) Math.rint((double) values[i] / units.scale(i));
        }
        return Constant.ofInts(integers);
    }

    private static Quantization biasQuantization(Lowering lowering, int outputs) throws UnconvertibleException {
        Quantization weights = lowering.source().quantization(lowering.name(1));
        float input = lowering.source().quantization(lowering.name(0)).scale();
        float[] scales = new float[outputs];
        for (int i = 0; i < outputs; i++) {
            scales[i] = input * weights.scale(i);
        }
        return new Quantization(scales, new int[outputs], 0);
    }
}
