package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.TensorType;

/** Operators that give the same elements another shape or other axes. */
final class Reshapes {
    private Reshapes() {}

    /** Reshape, Flatten, Squeeze, Unsqueeze: what the target is was seen when the graph ran. */
    static void reshape(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        int rank = lowering.made(0).rank();
        lowering.reshapeInto(lowering.draft().linear(lowering.name(0)), Order.given(rank));
    }

    /** The sizes as the ONNX graph counts the axes; of what is known beforehand there is no such node any more. */
    static void shape(Lowering lowering) throws UnconvertibleException {
        int[] order = lowering.order(0);
        int[] places = new int[order.length];
        for (int axis = 0; axis < order.length; axis++) {
            places[axis] = Order.place(order, axis);
        }
        int start = bounded(lowering.node().integer("start", 0), order.length);
        int end = Math.max(start, bounded(lowering.node().integer("end", order.length), order.length));
        int sizes =
                lowering.draft().inner(lowering.output(0) + "/sizes", ElementType.INT64, Extent.of(order.length), null);
        lowering.emit(BuiltinOperator.SHAPE, Options.shape(TensorType.INT64), new int[] {lowering.in(0, order)}, sizes);
        int[] inputs = {sizes, lowering.ints("axes", Arrays.copyOfRange(places, start, end))};
        lowering.emit(BuiltinOperator.GATHER, Options.gather(0), inputs, lowering.out(Order.given(1)));
    }

    private static int bounded(int axis, int rank) {
        return Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
    }

    /** Identity, and Dropout of a model that is not being trained. */
    static void same(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        lowering.require(!lowering.source().isRead(lowering.output(1)), "its mask is read", "values alone");
        if (lowering.has(2)) {
            Constant training = lowering.requireConstant(2, "training_mode");
            lowering.require(training.ints()[0] == 0, "it is being trained", "inference");
        }
        lowering.draft()
                .share(
                        lowering.name(0),
                        lowering.output(0),
                        Order.given(lowering.extent(0).rank()));
    }

    /** Nothing moves: the same place is that of other axes. */
    static void transpose(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        int rank = lowering.extent(0).rank();
        int[] axes = lowering.node().integers("perm");
        if (axes == null) {
            axes = new int[rank];
            for (int i = 0; i < rank; i++) {
                axes[i] = rank - 1 - i;
            }
        }
        lowering.draft().share(lowering.name(0), lowering.output(0), axes);
    }

    /** With open rows the target is not known beforehand, and a product with ones does the same. */
    static void expand(Lowering lowering) throws UnconvertibleException {
        Extent made = lowering.made(0);
        int[] order = Order.given(made.rank());
        if (made.openAxes() == 0) {
            lowering.requireType(0, ElementType.FLOAT32, ElementType.INT32);
            int[] inputs = {lowering.in(0), lowering.ints("shape", made.sizes())};
            lowering.emit(BuiltinOperator.BROADCAST_TO, Options.NONE, inputs, lowering.out(order));
            return;
        }
        lowering.requireType(0, ElementType.FLOAT32);
        Extent extent = lowering.extent(0);
        Extent ones = made;
        for (int axis = 0; axis < made.rank(); axis++) {
            if (made.isOpen(axis)) {
                int own = axis - made.rank() + extent.rank();
                lowering.require(
                        own >= 0 && extent.isOpen(own), "it repeats as often as there are rows", "fixed sizes");
                ones = ones.with(axis, 1);
            }
        }
        float[] values = new float[Math.toIntExact(ones.elements())];
        Arrays.fill(values, 1);
        int factor = lowering.constant("ones", Constant.ofFloats(ones.sizes(), values));
        lowering.emit(BuiltinOperator.MUL, Options.multiply(), new int[] {lowering.in(0), factor}, lowering.out(order));
    }

    static void tile(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32, ElementType.INT32, ElementType.INT64, ElementType.BOOL);
        Constant repeats = lowering.requireConstant(1, "repeats");
        int[] order = lowering.order(0);
        int[] ordered = new int[order.length];
        lowering.require(repeats.elements() == order.length, "repeats of other axes", "one for each axis");
        for (int i = 0; i < order.length; i++) {
            ordered[i] = repeats.ints()[order[i]];
        }
        int[] inputs = {lowering.in(0, order), lowering.ints("repeats", ordered)};
        lowering.emit(BuiltinOperator.TILE, Options.NONE, inputs, lowering.out(order));
    }
}
