package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * How a window goes over a picture: a convolution's or a pool's, in two dimensions. One dimension is a picture of height
 * 1. Immutable.
 *
 * <p>TensorFlow Lite knows two kinds of pads, SAME and VALID; whatever is neither is put around the picture first.
 *
 * @param begin pads before the first row and column
 * @param end pads after the last that a window reaches; fewer than declared where none reaches them
 */
record WindowPlan(int[] kernel, int[] strides, int[] dilations, int[] input, int[] output, int[] begin, int[] end) {
    private static final int AXES = 2;

    /**
     * The window of a node with the attributes {@code strides}, {@code pads}, {@code auto_pad}, {@code dilations}.
     *
     * @param kernel its sizes
     * @param input extent of the picture, the ONNX graph's way
     * @param output extent of the result, the ONNX graph's way
     */
    static WindowPlan of(SourceNode node, int[] kernel, Extent input, Extent output) throws UnconvertibleException {
        int axes = kernel.length;
        if (axes < 1 || axes > AXES || input.rank() != axes + 2) {
            throw node.refusal("it has " + axes + " spatial axes", "one or two");
        }
        int[] strides = padded(node, "strides", axes, 1);
        int[] dilations = padded(node, "dilations", axes, 1);
        int[] pads = node.integers("pads");
        int[] sizes = filled(kernel, axes, 1);
        int[] in = new int[AXES];
        int[] out = new int[AXES];
        int[] begin = new int[AXES];
        int[] end = new int[AXES];
        for (int i = 0; i < AXES; i++) {
            int axis = i - AXES + axes;
            if (axis >= 0 && (input.isOpen(axis + 2) || output.isOpen(axis + 2))) {
                throw node.refusal("spatial axis " + axis + " is open", "fixed sizes");
            }
            in[i] = axis < 0 ? 1 : input.size(axis + 2);
            out[i] = axis < 0 ? 1 : output.size(axis + 2);
            int reach = (out[i] - 1) * strides[i] + (sizes[i] - 1) * dilations[i] + 1;
            int declared = pads == null || axis < 0 ? 0 : pads[axis];
            begin[i] = begin(node.text("auto_pad", "NOTSET"), declared, Math.max(0, reach - in[i]));
            end[i] = Math.max(0, reach - in[i] - begin[i]);
            if (begin[i] < 0 || pads != null && axis >= 0 && pads[axis + axes] < 0) {
                throw node.refusal("negative pads", "pads of 0 or more");
            }
        }
        return new WindowPlan(sizes, strides, dilations, in, out, begin, end);
    }

    private static int begin(String automatic, int declared, int total) {
        return switch (automatic) {
            case "SAME_UPPER" -> total / 2;
            case "SAME_LOWER" -> total - total / 2;
            case "VALID" -> 0;
            default -> declared;
        };
    }

    private static int[] padded(SourceNode node, String attribute, int axes, int otherwise) {
        int[] values = node.integers(attribute);
        return values == null ? new int[] {otherwise, otherwise} : filled(values, axes, otherwise);
    }

    private static int[] filled(int[] values, int axes, int otherwise) {
        return axes == AXES ? values : new int[] {otherwise, values[0]};
    }

    boolean isValid() {
        return begin[0] == 0 && begin[1] == 0 && end[0] == 0 && end[1] == 0;
    }

    boolean isSame() {
        for (int i = 0; i < AXES; i++) {
            int total = Math.max(0, (output[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - input[i]);
            boolean fits = output[i] == (input[i] + strides[i] - 1) / strides[i] && begin[i] == total / 2;
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /** As TensorFlow Lite takes it, pads that are neither SAME nor VALID being there already. */
    Options.Window window() {
        return new Options.Window(!isValid() && isSame(), strides[0], strides[1], dilations[0], dilations[1]);
    }

    boolean isPadded() {
        return !isValid() && !isSame();
    }

    boolean isDilated() {
        return dilations[0] > 1 || dilations[1] > 1;
    }

    /** A picture in NHWC with the pads around it. */
    int pad(Lowering lowering, int picture, Constant value, Quantization quantization) throws UnconvertibleException {
        Extent extent = lowering.draft().tensor(picture).extent();
        Extent larger = extent.with(1, extent.size(1) + begin[0] + end[0]).with(2, extent.size(2) + begin[1] + end[1]);
        int pads = lowering.constant(
                "pads", Constant.ofInts(new int[] {4, 2}, 0, 0, begin[0], end[0], begin[1], end[1], 0, 0));
        int padded = lowering.inner("padded", picture, larger);
        if (value == null) {
            lowering.emit(BuiltinOperator.PAD, Options.NONE, new int[] {picture, pads}, padded);
        } else {
            int filler = lowering.constant("pad", value, quantization);
            lowering.emit(BuiltinOperator.PADV2, Options.NONE, new int[] {picture, pads, filler}, padded);
        }
        return padded;
    }

    /** The first input as a picture in NHWC. */
    static int picture(Lowering lowering) throws UnconvertibleException {
        Extent extent = lowering.extent(0);
        int[] order = Order.channelsLast(extent.rank());
        int picture = lowering.in(0, order);
        return extent.rank() == AXES + 2
                ? picture
                : lowering.reshape(picture, extent.in(order).withSingle(1), "picture");
    }

    /** Writes the operator that makes the only output, from pictures in NHWC. */
    static void emit(Lowering lowering, int code, Options options, int... inputs) throws UnconvertibleException {
        Extent made = lowering.made(0);
        int[] order = Order.channelsLast(made.rank());
        if (made.rank() == AXES + 2) {
            lowering.emit(code, options, inputs, lowering.out(order));
            return;
        }
        int flat = lowering.out(order);
        int result = lowering.inner("picture/made", flat, made.in(order).withSingle(1));
        lowering.emit(code, options, inputs, result);
        int target = lowering.ints("shape", made.in(order).signature());
        lowering.emit(
                BuiltinOperator.RESHAPE, Options.reshape(made.in(order).signature()), new int[] {result, target}, flat);
    }
}
