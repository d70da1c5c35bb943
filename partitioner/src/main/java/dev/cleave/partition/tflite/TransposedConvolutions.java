package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.TensorType;

/**
 * ConvTranspose of two dimensions and one group: TRANSPOSE_CONV without pads, of which a STRIDED_SLICE keeps what ONNX's
 * pads leave over.
 */
final class TransposedConvolutions {
    private static final int[] FILTER = {1, 2, 3, 0};

    private TransposedConvolutions() {}

    static void lower(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        SourceNode node = lowering.node();
        Extent input = lowering.extent(0);
        Extent filter = lowering.extent(1);
        Extent made = lowering.made(0);
        lowering.require(input.rank() == 4, "its input has shape " + input, "two spatial axes");
        lowering.require(!node.has("output_shape"), "output_shape", "pads");
        lowering.require(node.integer("group", 1) == 1, "group " + node.integer("group", 1), "one group");
        int[] strides = pair(node, "strides", 1);
        int[] dilations = pair(node, "dilations", 1);
        lowering.require(dilations[0] == 1 && dilations[1] == 1, "dilated", "dilations of 1");
        Extent whole = made.in(Order.channelsLast(4));
        int[] begin = new int[2];
        for (int i = 0; i < 2; i++) {
            lowering.require(!input.isOpen(i + 2), "spatial axis " + i + " is open", "fixed sizes");
            int size = (input.size(i + 2) - 1) * strides[i] + filter.size(i + 2);
            begin[i] = begin(node, i, size - made.size(i + 2));
            lowering.require(
                    begin[i] >= 0 && begin[i] + made.size(i + 2) <= size,
                    "output pads that no window reaches",
                    "an output within " + size);
            whole = whole.with(i + 1, size);
        }
        int weights = lowering.draft().permuted(lowering.in(1), FILTER, lowering.output(0) + "/filter");
        Constant constant = lowering.constant(1);
        if (constant != null) {
            weights = lowering.constant("filter", constant.in(FILTER));
        }
        int bias = Convolutions.bias(lowering, filter.size(1));
        int picture = lowering.in(0, Order.channelsLast(4));
        int[] inputs = {shape(lowering, picture, whole), weights, picture, bias};
        Options options = Options.transposedConvolution(new Options.Window(false, strides[0], strides[1], 1, 1));
        boolean isWhole = whole.equals(made.in(Order.channelsLast(4)));
        if (isWhole) {
            lowering.emit(BuiltinOperator.TRANSPOSE_CONV, options, inputs, lowering.out(Order.channelsLast(4)));
            return;
        }
        int uncut = lowering.inner("uncut", picture, whole);
        lowering.emit(BuiltinOperator.TRANSPOSE_CONV, options, inputs, uncut);
        int[] from = {0, begin[0], begin[1], 0};
        int[] to = {0, begin[0] + made.size(2), begin[1] + made.size(3), 0};
        lowering.emit(
                BuiltinOperator.STRIDED_SLICE,
                Options.stridedSlice(0b1001, 0b1001),
                new int[] {
                    uncut, lowering.ints("from", from), lowering.ints("to", to), lowering.ints("steps", 1, 1, 1, 1)
                },
                lowering.out(Order.channelsLast(4)));
    }

    private static int begin(SourceNode node, int axis, int surplus) {
        int[] pads = node.integers("pads");
        return switch (node.text("auto_pad", "NOTSET")) {
            case "SAME_UPPER" -> surplus / 2;
            case "SAME_LOWER" -> surplus - surplus / 2;
            case "VALID" -> 0;
            default -> pads == null ? 0 : pads[axis];
        };
    }

    private static int[] pair(SourceNode node, String attribute, int otherwise) {
        int[] values = node.integers(attribute);
        return values == null ? new int[] {otherwise, otherwise} : values;
    }

    /** The size of the result is an input; with open rows it is put together when the graph runs. */
    private static int shape(Lowering lowering, int picture, Extent whole) throws UnconvertibleException {
        if (whole.openAxes() == 0) {
            return lowering.ints("size", whole.sizes());
        }
        Draft draft = lowering.draft();
        String name = lowering.output(0);
        int sizes = draft.inner(name + "/sizes", ElementType.INT32, Extent.of(4), null);
        lowering.emit(BuiltinOperator.SHAPE, Options.shape(TensorType.INT32), new int[] {picture}, sizes);
        int rows = draft.inner(name + "/rows", ElementType.INT32, Extent.of(1), null);
        int[] slice = {sizes, lowering.ints("first", 0), lowering.ints("second", 1), lowering.ints("step", 1)};
        lowering.emit(BuiltinOperator.STRIDED_SLICE, Options.stridedSlice(0, 0), slice, rows);
        int rest = lowering.ints("rest", whole.size(1), whole.size(2), whole.size(3));
        int size = draft.inner(name + "/size", ElementType.INT32, Extent.of(4), null);
        lowering.emit(BuiltinOperator.CONCATENATION, Options.concatenation(0), new int[] {rows, rest}, size);
        return size;
    }
}
