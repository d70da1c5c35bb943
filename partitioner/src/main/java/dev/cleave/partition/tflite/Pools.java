package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.tensorflow.lite.schema.BuiltinOperator;

/** MaxPool and AveragePool in one and two dimensions, and those over the whole picture. */
final class Pools {
    private Pools() {}

    static void max(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32, ElementType.UINT8, ElementType.INT8);
        lowering.require(!lowering.source().isRead(lowering.output(1)), "its indices are read", "values alone");
        lowering.requireSameMeaning(0);
        WindowPlan plan = plan(lowering);
        int picture = WindowPlan.picture(lowering);
        if (plan.isPadded()) {
            Quantization quantization = lowering.draft().tensor(picture).quantization();
            Constant least = quantization == null
                    ? Constant.ofFloats(new int[0], -Float.MAX_VALUE)
                    : Constant.ofBytes(new int[0], Byte.MIN_VALUE);
            picture = plan.pad(lowering, picture, least, quantization);
        }
        WindowPlan.emit(lowering, BuiltinOperator.MAX_POOL_2D, options(plan), picture);
    }

    private static Options options(WindowPlan plan) {
        return Options.pool(plan.window(), plan.kernel()[0], plan.kernel()[1]);
    }

    private static WindowPlan plan(Lowering lowering) throws UnconvertibleException {
        WindowPlan plan = plan(lowering.node(), lowering.extent(0), lowering.made(0));
        lowering.require(!plan.isDilated(), "dilated", "dilations of 1");
        return plan;
    }

    private static WindowPlan plan(SourceNode node, Extent input, Extent made) throws UnconvertibleException {
        return WindowPlan.of(node, node.integers("kernel_shape"), input, made);
    }

    /** Whether a pool has one window that is the whole picture, so that it is one over the picture. */
    static boolean isWhole(SourceNode node, Extent input, Extent made) throws UnconvertibleException {
        WindowPlan plan = plan(node, input, made);
        return plan.isValid()
                && !plan.isDilated()
                && Arrays.equals(plan.kernel(), plan.input())
                && plan.output()[0] * plan.output()[1] == 1;
    }

    /** Whether an AveragePool is one that AVERAGE_POOL_2D does alone: without pads, or with those of SAME, not counted. */
    static boolean isPlainAverage(Step step, SourceGraph source) throws UnconvertibleException {
        SourceNode node = step.node();
        WindowPlan plan = plan(
                node,
                source.extent(step.inputs().get(0)),
                source.extent(step.outputs().get(0)));
        return !plan.isDilated() && (plan.isValid() || plan.isSame() && node.integer("count_include_pad", 0) == 0);
    }

    /** Pads that are counted are zeros put around the picture; others are taken out of the average again. */
    static void average(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        if (isWhole(lowering.node(), lowering.extent(0), lowering.made(0))) {
            global(BuiltinOperator.MEAN).lower(lowering);
            return;
        }
        WindowPlan plan = plan(lowering);
        int picture = WindowPlan.picture(lowering);
        if (isPlainAverage(lowering.step(), lowering.source())) {
            WindowPlan.emit(lowering, BuiltinOperator.AVERAGE_POOL_2D, options(plan), picture);
            return;
        }
        int padded = plan.pad(lowering, picture, null, null);
        Options.Window window = new Options.Window(false, plan.strides()[0], plan.strides()[1], 1, 1);
        Options options = Options.pool(window, plan.kernel()[0], plan.kernel()[1]);
        Constant factors = factors(lowering, plan);
        if (factors == null) {
            WindowPlan.emit(lowering, BuiltinOperator.AVERAGE_POOL_2D, options, padded);
            return;
        }
        Extent made = lowering.made(0).in(Order.channelsLast(lowering.made(0).rank()));
        Extent whole = made.rank() == 3 ? made.withSingle(1) : made;
        int averages = lowering.inner("averages", picture, whole);
        lowering.emit(BuiltinOperator.AVERAGE_POOL_2D, options, new int[] {padded}, averages);
        WindowPlan.emit(
                lowering, BuiltinOperator.MUL, Options.multiply(), averages, lowering.constant("factors", factors));
    }

    /** For each place of the window, its size over the number of pixels in it that count; null where all are 1. */
    private static Constant factors(Lowering lowering, WindowPlan plan) {
        int[] declared = lowering.node().integers("pads");
        boolean countsPads = lowering.node().integer("count_include_pad", 0) != 0;
        float[] factors = new float[plan.output()[0] * plan.output()[1]];
        boolean isPlain = true;
        for (int y = 0; y < plan.output()[0]; y++) {
            for (int x = 0; x < plan.output()[1]; x++) {
                int counted = counted(plan, 0, y, countsPads, declared) * counted(plan, 1, x, countsPads, declared);
                float factor = plan.kernel()[0] * plan.kernel()[1] / (float) counted;
                factors[y * plan.output()[1] + x] = factor;
                isPlain &= factor == 1;
            }
        }
        return isPlain ? null : Constant.ofFloats(new int[] {1, plan.output()[0], plan.output()[1], 1}, factors);
    }

    private static int counted(WindowPlan plan, int axis, int place, boolean countsPads, int[] declared) {
        int from = place * plan.strides()[axis] - plan.begin()[axis];
        int to = from + plan.kernel()[axis];
        int end = 0;
        if (countsPads) {
            // Windows may reach beyond the declared pads where sizes are rounded up; what is there never counts.
            int axes = declared == null ? 0 : declared.length / 2;
            int index = axis - 2 + axes;
            end = index < 0 ? plan.end()[axis] : declared[index + axes];
        }
        int first = countsPads ? -plan.begin()[axis] : 0;
        return Math.max(1, Math.min(to, plan.input()[axis] + end) - Math.max(from, first));
    }

    /** A reduction over all but rows and channels. */
    static Lowering.Family global(int code) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32);
            Extent extent = lowering.extent(0);
            lowering.require(extent.rank() > 2, "its input has shape " + extent, "a picture");
            int[] order = lowering.order(0);
            int[] axes = new int[extent.rank() - 2];
            for (int axis = 2; axis < extent.rank(); axis++) {
                axes[axis - 2] = Order.place(order, axis);
            }
            int[] inputs = {lowering.in(0, order), lowering.ints("axes", axes)};
            lowering.emit(code, Options.reducer(), inputs, lowering.out(order));
        };
    }
}
