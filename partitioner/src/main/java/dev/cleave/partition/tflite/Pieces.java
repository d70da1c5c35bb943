package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** Operators that put tensors together or take parts of them: Concat, Split, Slice, Gather. */
final class Pieces {
    private static final int MOST_AXES = 5;

    private Pieces() {}

    /** Integers are brought to the scale of the whole first. */
    static void concat(Lowering lowering) throws UnconvertibleException {
        int[] order = lowering.resultOrder();
        int axis = lowering.axis(lowering.node().integer("axis", 1), order.length);
        int made = lowering.out(order);
        Quantization wanted = lowering.draft().tensor(made).quantization();
        int[] parts = new int[lowering.inputs()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = lowering.in(i, order);
            Quantization own = lowering.draft().tensor(parts[i]).quantization();
            if (wanted != null && !own.isSameAs(wanted)) {
                lowering.require(
                        lowering.step().isInteger(), "its integers have different scales or zero points", "the same");
                Extent extent = lowering.extent(i).in(order);
                int part = lowering.draft().inner(lowering.output(0) + "/part" + i, ElementType.INT8, extent, wanted);
                lowering.emit(BuiltinOperator.QUANTIZE, parts[i], part);
                parts[i] = part;
            }
        }
        lowering.emit(BuiltinOperator.CONCATENATION, Options.concatenation(Order.place(order, axis)), parts, made);
    }

    static void split(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        int[] order = lowering.order(0);
        int axis = lowering.axis(lowering.node().integer("axis", 0), order.length);
        lowering.require(!lowering.extent(0).isOpen(axis), "axis " + axis + " is open", "a fixed size");
        int count = lowering.step().outputs().size();
        int[] parts = new int[count];
        int[] sizes = new int[count];
        boolean isEven = true;
        for (int i = 0; i < count; i++) {
            lowering.require(!lowering.output(i).isEmpty(), "part " + i + " has no name", "all parts");
            sizes[i] = lowering.made(i).size(axis);
            parts[i] = lowering.out(i, order);
            isEven &= sizes[i] == sizes[0];
        }
        int place = lowering.constant("axis", Constant.ofInts(new int[0], Order.place(order, axis)));
        int whole = lowering.in(0, order);
        if (isEven) {
            lowering.emit(BuiltinOperator.SPLIT, Options.split(count), new int[] {place, whole}, parts);
        } else {
            int[] inputs = {whole, lowering.ints("sizes", sizes), place};
            lowering.emit(BuiltinOperator.SPLIT_V, Options.unevenSplit(count), inputs, parts);
        }
    }

    static void slice(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        int[] order = lowering.order(0);
        int rank = order.length;
        lowering.require(rank > 0 && rank <= MOST_AXES, "its input has rank " + rank, "a rank from 1 to " + MOST_AXES);
        int[] starts = lowering.integers("starts", 1);
        int[] ends = lowering.integers("ends", 2);
        int[] axes = lowering.integers("axes", 3);
        int[] steps = lowering.has(4) ? lowering.integers("steps", 4) : null;
        int[] from = new int[rank];
        int[] to = new int[rank];
        int[] by = new int[rank];
        int whole = (1 << rank) - 1;
        for (int i = 0; i < rank; i++) {
            by[i] = 1;
        }
        int openEnds = whole;
        for (int i = 0; i < starts.length; i++) {
            int axis = lowering.axis(axes == null ? i : axes[i], rank);
            int place = Order.place(order, axis);
            lowering.require(!lowering.extent(0).isOpen(axis), "axis " + axis + " is open", "a fixed size");
            int size = lowering.extent(0).size(axis);
            by[place] = steps == null ? 1 : steps[i];
            whole &= ~(1 << place);
            from[place] = bounded(starts[i], size, by[place] < 0 ? size - 1 : size);
            to[place] = by[place] < 0 && ends[i] < -size ? -1 : bounded(ends[i], size, size);
            // A range that goes down to the first element has no end that could be said: -1 is the last one.
            boolean hasEnd = to[place] >= 0;
            openEnds = hasEnd ? openEnds & ~(1 << place) : openEnds;
            to[place] = hasEnd ? to[place] : 0;
        }
        int[] inputs = {
            lowering.in(0, order), lowering.ints("from", from), lowering.ints("to", to), lowering.ints("steps", by)
        };
        lowering.emit(
                BuiltinOperator.STRIDED_SLICE, Options.stridedSlice(whole, openEnds), inputs, lowering.out(order));
    }

    private static int bounded(int value, int size, int most) {
        long counted = value < 0 ? (long) value + size : value;
        return (int) Math.max(0, Math.min(most, counted));
    }

    /** Indices from the end are counted from the start first; computed ones when the graph runs. */
    static void gather(Lowering lowering) throws UnconvertibleException {
        lowering.requireSameMeaning(0);
        Extent indices = lowering.extent(1);
        int rank = lowering.extent(0).rank();
        int axis = lowering.axis(lowering.node().integer("axis", 0), rank);
        lowering.require(!lowering.extent(0).isOpen(axis), "axis " + axis + " is open", "a fixed size");
        int[] order = indices.rank() == 1 ? lowering.order(0) : Order.given(rank);
        int[] made = indices.rank() == 1 ? order : Order.given(lowering.made(0).rank());
        int size = lowering.extent(0).size(axis);
        int[] inputs = {lowering.in(0, order), indices(lowering, size)};
        lowering.emit(BuiltinOperator.GATHER, Options.gather(Order.place(order, axis)), inputs, lowering.out(made));
    }

    private static int indices(Lowering lowering, int size) throws UnconvertibleException {
        Constant constant = lowering.constant(1);
        if (constant != null) {
            int[] values = constant.ints();
            for (int i = 0; i < values.length; i++) {
                values[i] += values[i] < 0 ? size : 0;
                lowering.require(values[i] >= 0 && values[i] < size, "index " + values[i], "one below " + size);
            }
            return lowering.constant("indices", Constant.ofInts(constant.dims(), values));
        }
        int given = lowering.in(1);
        int counted = lowering.inner("indices", given, lowering.extent(1));
        Constant divisor = lowering.type(1) == ElementType.INT64
                ? Constant.ofLongs(new int[0], size)
                : Constant.ofInts(new int[0], size);
        int[] inputs = {given, lowering.constant("size", divisor)};
        lowering.emit(BuiltinOperator.FLOOR_MOD, Options.NONE, inputs, counted);
        return counted;
    }
}
