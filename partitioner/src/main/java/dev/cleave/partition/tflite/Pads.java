package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** Pad with a constant or by reflection. */
final class Pads {
    private static final int MOST_AXES = 5;

    private Pads() {}

    static void lower(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(
                0, ElementType.FLOAT32, ElementType.INT32, ElementType.INT64, ElementType.UINT8, ElementType.INT8);
        lowering.requireSameMeaning(0);
        int[] order = lowering.order(0);
        int rank = order.length;
        lowering.require(rank > 0 && rank <= MOST_AXES, "its input has rank " + rank, "a rank from 1 to " + MOST_AXES);
        int[] widths = widths(lowering, rank);
        int[] ordered = new int[2 * rank];
        for (int i = 0; i < rank; i++) {
            int axis = order[i];
            ordered[2 * i] = widths[axis];
            ordered[2 * i + 1] = widths[axis + rank];
            boolean isPadded = widths[axis] != 0 || widths[axis + rank] != 0;
            lowering.require(
                    widths[axis] >= 0 && widths[axis + rank] >= 0, "it takes elements away", "pads of 0 or more");
            lowering.require(
                    !isPadded || !lowering.extent(0).isOpen(axis), "axis " + axis + " is open", "a fixed size");
        }
        int input = lowering.in(0, order);
        int pads = lowering.constant("pads", Constant.ofInts(new int[] {rank, 2}, ordered));
        String mode = lowering.node().text("mode", "constant");
        if (mode.equals("reflect")) {
            lowering.emit(
                    BuiltinOperator.MIRROR_PAD, Options.mirrorPad(), new int[] {input, pads}, lowering.out(order));
            return;
        }
        lowering.require(mode.equals("constant"), "mode " + mode, "constant or reflect");
        int value = value(lowering);
        if (value < 0) {
            lowering.emit(BuiltinOperator.PAD, Options.NONE, new int[] {input, pads}, lowering.out(order));
        } else {
            int[] inputs = {input, pads, value};
            lowering.emit(BuiltinOperator.PADV2, Options.NONE, inputs, lowering.out(order));
        }
    }

    private static int[] widths(Lowering lowering, int rank) throws UnconvertibleException {
        int[] pads = lowering.integers(lowering.node().has("paddings") ? "paddings" : "pads", 1);
        int[] axes = lowering.has(3) ? lowering.integers("axes", 3) : null;
        int count = axes == null ? rank : axes.length;
        lowering.require(pads != null && pads.length == 2 * count, "its pads are not two for each axis", "two");
        if (axes == null) {
            return pads;
        }
        int[] widths = new int[2 * rank];
        for (int i = 0; i < count; i++) {
            int axis = lowering.axis(axes[i], rank);
            widths[axis] = pads[i];
            widths[axis + rank] = pads[i + count];
        }
        return widths;
    }

    /** The tensor of the value to pad with; -1 where it is what PAD uses: zero, or the integer that stands for zero. */
    private static int value(Lowering lowering) throws UnconvertibleException {
        ElementType type = lowering.type(0);
        Quantization quantization =
                lowering.source().quantization(lowering.name(0)).signed(type);
        if (!lowering.has(2)) {
            float value = lowering.node().number("value", 0);
            if (type == ElementType.FLOAT32) {
                return value == 0 ? -1 : lowering.scalar("value", value);
            }
            lowering.require(value == 0, "value " + value + " for integers", "0");
            if (!Lowering.isByte(type)
                    || lowering.source().quantization(lowering.name(0)).zeroPoint() == 0) {
                return -1;
            }
            byte zero = (byte) (type == ElementType.UINT8 ? -Quantization.UNSIGNED_OFFSET : 0);
            return lowering.constant("value", Constant.ofBytes(new int[0], zero), quantization);
        }
        Constant value = lowering.requireConstant(2, "the value").reshaped().signed();
        lowering.require(value.elements() == 1, value.elements() + " values", "one");
        if (!Lowering.isByte(type)) {
            boolean isZero = value.isInteger() ? value.ints()[0] == 0 : value.floats()[0] == 0;
            return isZero ? -1 : lowering.constant("value", value);
        }
        return value.ints()[0] == quantization.zeroPoint() ? -1 : lowering.constant("value", value, quantization);
    }
}
