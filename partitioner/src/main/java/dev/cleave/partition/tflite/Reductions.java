package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.tensorflow.lite.schema.BuiltinOperator;

/** ReduceMean and its kin, ArgMax and ArgMin: the axes that go are found where they lie. */
final class Reductions {
    private Reductions() {}

    static Lowering.Family of(int code) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32);
            int[] order = lowering.order(0);
            reduce(lowering, code, lowering.in(0, order), order);
        };
    }

    /** A sum of something that is computed of each element first: squares, or absolute values. */
    static Lowering.Family sumOf(boolean squares, boolean root) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32);
            int[] order = lowering.order(0);
            int input = lowering.in(0, order);
            int each = lowering.inner("each", input, lowering.extent(0).in(order));
            if (squares) {
                lowering.emit(BuiltinOperator.MUL, Options.multiply(), new int[] {input, input}, each);
            } else {
                lowering.emit(BuiltinOperator.ABS, input, each);
            }
            if (!root) {
                reduce(lowering, BuiltinOperator.SUM, each, order);
                return;
            }
            int[] axes = axes(lowering);
            int sum = lowering.inner("sum", input, reduced(lowering, axes).in(order));
            int[] inputs = {each, lowering.ints("axes", places(axes, order))};
            lowering.emit(BuiltinOperator.SUM, Options.reducer(), inputs, sum);
            int length = lowering.inner("root", input, reduced(lowering, axes).in(order));
            lowering.emit(BuiltinOperator.SQRT, sum, length);
            finish(lowering, length, axes, order);
        };
    }

    private static void reduce(Lowering lowering, int code, int input, int[] order) throws UnconvertibleException {
        int[] axes = axes(lowering);
        if (axes.length == 0) {
            lowering.draft().share(lowering.name(0), lowering.output(0), Order.given(order.length));
            return;
        }
        int[] inputs = {input, lowering.ints("axes", places(axes, order))};
        boolean keeps = lowering.made(0).rank() == order.length;
        int made = keeps
                ? lowering.out(order)
                : lowering.inner("kept", input, reduced(lowering, axes).in(order));
        lowering.emit(code, Options.reducer(), inputs, made);
        if (!keeps) {
            finish(lowering, made, axes, order);
        }
    }

    /** From a result that still has the axes to one that may not. */
    private static void finish(Lowering lowering, int kept, int[] axes, int[] order) throws UnconvertibleException {
        boolean keeps = lowering.made(0).rank() == order.length;
        lowering.reshapeInto(kept, keeps ? order : without(order, axes));
    }

    private static int[] axes(Lowering lowering) throws UnconvertibleException {
        int rank = lowering.extent(0).rank();
        int[] axes = lowering.integers("axes", 1);
        if (axes == null || axes.length == 0) {
            return lowering.node().integer("noop_with_empty_axes", 0) != 0 ? new int[0] : Order.given(rank);
        }
        for (int i = 0; i < axes.length; i++) {
            axes[i] = lowering.axis(axes[i], rank);
        }
        return axes;
    }

    private static int[] places(int[] axes, int[] order) {
        return Arrays.stream(axes)
                .map(axis -> Order.place(order, axis))
                .sorted()
                .toArray();
    }

    private static Extent reduced(Lowering lowering, int[] axes) throws UnconvertibleException {
        Extent extent = lowering.extent(0);
        for (int axis : axes) {
            extent = extent.with(axis, 1);
        }
        return extent;
    }

    /** The order of the axes that are left, counted anew. */
    private static int[] without(int[] order, int[] axes) {
        return Arrays.stream(order)
                .filter(axis -> Arrays.stream(axes).noneMatch(gone -> gone == axis))
                .map(axis -> axis
                        - (int) Arrays.stream(axes).filter(gone -> gone < axis).count())
                .toArray();
    }

    /** Of equal elements both take the first. */
    static Lowering.Family index(int code, Options options) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32, ElementType.INT32);
            lowering.require(
                    lowering.node().integer("select_last_index", 0) == 0, "it takes the last of equals", "the first");
            int[] order = lowering.order(0);
            int axis = lowering.axis(lowering.node().integer("axis", 0), order.length);
            int place = Order.place(order, axis);
            int[] inputs = {lowering.in(0, order), lowering.ints("axis", place)};
            int[] rest = without(order, new int[] {axis});
            if (lowering.made(0).rank() < order.length) {
                lowering.emit(code, options, inputs, lowering.out(rest));
                return;
            }
            Extent extent = lowering.extent(0).in(order).without(place);
            int found = lowering.draft().inner(lowering.output(0) + "/found", ElementType.INT64, extent, null);
            lowering.emit(code, options, inputs, found);
            lowering.reshapeInto(found, order);
        };
    }
}
