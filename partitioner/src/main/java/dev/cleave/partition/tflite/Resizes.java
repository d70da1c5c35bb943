package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * Resize and Upsample of pictures. Which elements each element of the result comes from is computed for ONNX's modes and
 * for TensorFlow Lite's, for the very sizes at hand; where a mode gives the same elements with the same weights it is taken.
 */
final class Resizes {
    private static final int UPSAMPLE_BY_ATTRIBUTE = 9;
    private static final double TOLERANCE = 1e-5;

    private Resizes() {}

    static void lower(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32, ElementType.UINT8, ElementType.INT8);
        lowering.requireSameMeaning(0);
        SourceNode node = lowering.node();
        Extent input = lowering.extent(0);
        Extent made = lowering.made(0);
        String mode = node.text("mode", "nearest");
        boolean isNearest = mode.equals("nearest");
        lowering.require(isNearest || mode.equals("linear"), "mode " + mode, "nearest or linear");
        lowering.require(isNearest || lowering.type(0) == ElementType.FLOAT32, "linear on integers", "floats");
        lowering.require(node.integer("antialias", 0) == 0, "antialias", "none");
        String policy = node.text("keep_aspect_ratio_policy", "stretch");
        lowering.require(policy.equals("stretch"), "policy " + policy, "stretch");
        boolean isPicture = input.rank() == 4
                && input.size(1) == made.size(1)
                && input.size(0) == made.size(0)
                && !input.isOpen(2)
                && !input.isOpen(3);
        lowering.require(isPicture, "from shape " + input + " to " + made, "pictures of fixed sizes");
        ResizeAxis[] axes = {axis(lowering, 2), axis(lowering, 3)};
        for (int mask = 0; mask < 3; mask++) {
            boolean alignsCorners = mask == 1;
            boolean halfPixels = mask == 2;
            if (isSame(axes, isNearest, alignsCorners, halfPixels)) {
                int[] order = Order.channelsLast(4);
                int[] inputs = {lowering.in(0, order), lowering.ints("size", made.size(2), made.size(3))};
                lowering.emit(
                        isNearest ? BuiltinOperator.RESIZE_NEAREST_NEIGHBOR : BuiltinOperator.RESIZE_BILINEAR,
                        isNearest
                                ? Options.nearest(alignsCorners, halfPixels)
                                : Options.bilinear(alignsCorners, halfPixels),
                        inputs,
                        lowering.out(order));
                return;
            }
        }
        throw lowering.refusal(
                mode + " from shape " + input + " to " + made + " with " + axes[0].transformation()
                        + (isNearest ? " and " + axes[0].rounding() : ""),
                "coordinates that TensorFlow Lite has");
    }

    private static boolean isSame(ResizeAxis[] axes, boolean isNearest, boolean alignsCorners, boolean halfPixels) {
        for (ResizeAxis axis : axes) {
            for (int place = 0; place < axis.output(); place++) {
                boolean same = isNearest
                        ? axis.nearest(place) == axis.nearestThere(place, alignsCorners, halfPixels)
                        : Math.abs(axis.linear(place) - axis.linearThere(place, alignsCorners, halfPixels))
                                < TOLERANCE * axis.input();
                if (!same) {
                    return false;
                }
            }
        }
        return true;
    }

    private static ResizeAxis axis(Lowering lowering, int axis) throws UnconvertibleException {
        SourceNode node = lowering.node();
        boolean isUpsample = node.operator().equals("Upsample");
        boolean isOld = isUpsample || lowering.source().opset() == 10;
        int input = lowering.extent(0).size(axis);
        int output = lowering.made(0).size(axis);
        float scale = scale(lowering, axis, isUpsample ? 1 : isOld ? 1 : 2, output / (float) input);
        return new ResizeAxis(
                input,
                output,
                scale,
                isOld ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel"),
                isOld ? "floor" : node.text("nearest_mode", "round_prefer_floor"));
    }

    private static float scale(Lowering lowering, int axis, int input, float otherwise) throws UnconvertibleException {
        if (lowering.source().opset() < UPSAMPLE_BY_ATTRIBUTE && lowering.node().has("scales")) {
            return lowering.node().numbers("scales")[axis];
        }
        Constant scales = lowering.constant(input);
        if (scales == null || scales.isInteger() || scales.elements() == 0) {
            return otherwise;
        }
        int[] axes = lowering.node().integers("axes");
        if (axes == null) {
            return scales.elements() > axis ? scales.floats()[axis] : otherwise;
        }
        for (int i = 0; i < axes.length; i++) {
            if (lowering.axis(axes[i], 4) == axis) {
                return scales.floats()[i];
            }
        }
        return 1;
    }
}
