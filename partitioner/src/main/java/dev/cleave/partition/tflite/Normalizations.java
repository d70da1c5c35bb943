package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** BatchNormalization, LRN, Softmax and LogSoftmax. */
final class Normalizations {
    private static final int SOFTMAX_OF_ONE_AXIS = 13;

    private Normalizations() {}

    /** With constants a factor and a shift for each channel. */
    static void batch(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        ChannelScaling scaling = ChannelScaling.of(lowering.node(), lowering.source());
        lowering.require(scaling != null, "parameters that are computed, or training", "constants, inference");
        int[] order = lowering.order(0);
        lowering.require(order.length > 1, "its input has rank " + order.length, "channels on axis 1");
        int channels = scaling.factor().length;
        int[] dims = new int[order.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = order[i] == 1 ? channels : 1;
        }
        int input = lowering.in(0, order);
        int scaled = lowering.inner("scaled", input, lowering.extent(0).in(order));
        int factors = lowering.constant("factor", Constant.ofFloats(dims, scaling.factor()));
        lowering.emit(BuiltinOperator.MUL, Options.multiply(), new int[] {input, factors}, scaled);
        int shifts = lowering.constant("shift", Constant.ofFloats(dims, scaling.shift()));
        lowering.emit(BuiltinOperator.ADD, Options.add(), new int[] {scaled, shifts}, lowering.out(order));
    }

    /** Both sum over a window of channels; ONNX divides the sum by its width. */
    static void local(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        SourceNode node = lowering.node();
        int size = node.integer("size", 0);
        lowering.require(size > 0 && size % 2 == 1, "size " + size, "an odd one");
        lowering.require(lowering.extent(0).rank() == 4, "its input has shape " + lowering.extent(0), "pictures");
        int[] order = Order.channelsLast(4);
        Options options = Options.localResponse(
                size / 2, node.number("bias", 1), node.number("alpha", 1e-4f) / size, node.number("beta", 0.75f));
        lowering.emit(
                BuiltinOperator.LOCAL_RESPONSE_NORMALIZATION,
                options,
                new int[] {lowering.in(0, order)},
                lowering.out(order));
    }

    /** Over the last axis in memory; before operator set 13, over all axes from the one that is named. */
    static Lowering.Family softmax(int code, Options options) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32);
            Extent extent = lowering.extent(0);
            boolean isOfOneAxis = lowering.source().opset() >= SOFTMAX_OF_ONE_AXIS;
            int axis = lowering.axis(lowering.node().integer("axis", isOfOneAxis ? -1 : 1), extent.rank());
            long rest = 1;
            for (int i = axis + 1; i < extent.rank(); i++) {
                rest *= extent.isOpen(i) ? 0 : extent.size(i);
            }
            if (isOfOneAxis || rest == 1) {
                int[] order = Order.last(lowering.order(0), axis);
                lowering.emit(code, options, new int[] {lowering.in(0, order)}, lowering.out(order));
                return;
            }
            lowering.require(rest > 0, "an open axis among those it sums over", "fixed sizes");
            int row = Math.toIntExact(rest * extent.size(axis));
            boolean isOpen = extent.openAxes() > 0;
            Extent rows = new Extent(new int[] {(int) (extent.elements() / row), row}, new boolean[] {isOpen, false});
            int flat = lowering.reshape(lowering.draft().linear(lowering.name(0)), rows, "rows");
            int made = lowering.inner("made", flat, rows);
            lowering.emit(code, options, new int[] {flat}, made);
            lowering.reshapeInto(made, Order.given(extent.rank()));
        };
    }
}
