package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** Operators that compute each element of the result from the elements at its place in one or several tensors. */
final class Arithmetic {
    private static final int BROADCAST_BY_SHAPE = 7;

    private Arithmetic() {}

    /** An operator of two or more inputs that broadcast. */
    static Lowering.Family joined(int code, Options options) {
        return lowering -> {
            for (int i = 0; i < lowering.inputs(); i++) {
                lowering.requireType(i, ElementType.FLOAT32, ElementType.INT32);
            }
            join(lowering, code, options);
        };
    }

    /** The same for floats alone. */
    static Lowering.Family joinedFloats(int code, Options options) {
        return lowering -> {
            for (int i = 0; i < lowering.inputs(); i++) {
                lowering.requireType(i, ElementType.FLOAT32);
            }
            join(lowering, code, options);
        };
    }

    private static void join(Lowering lowering, int code, Options options) throws UnconvertibleException {
        boolean isOld = lowering.source().opset() < BROADCAST_BY_SHAPE
                && lowering.node().integer("broadcast", 0) != 0;
        lowering.require(!isOld, "it broadcasts along an axis that it names", "operator set 7 or later");
        int[] order = lowering.resultOrder();
        if (lowering.inputs() == 1) {
            lowering.draft().share(lowering.name(0), lowering.output(0), Order.given(order.length));
            return;
        }
        int joined = lowering.operand(0, order);
        for (int i = 1; i < lowering.inputs(); i++) {
            boolean isLast = i == lowering.inputs() - 1;
            int operand = lowering.operand(i, order);
            int made;
            if (isLast) {
                made = lowering.out(order);
            } else {
                Extent wide = wider(
                        lowering.draft().tensor(joined).extent(),
                        lowering.draft().tensor(operand).extent(),
                        lowering.made(0).in(order));
                made = lowering.inner("joined" + i, joined, wide);
            }
            lowering.emit(code, options, new int[] {joined, operand}, made);
            joined = made;
        }
    }

    /** What two operands of the same order make; the whole result's extent where their ranks differ. */
    private static Extent wider(Extent one, Extent other, Extent whole) {
        if (one.rank() != other.rank()) {
            return whole;
        }
        Extent wide = one;
        for (int axis = 0; axis < one.rank(); axis++) {
            if (one.isSingle(axis) && !other.isSingle(axis)) {
                boolean[] open = wide.open();
                int[] sizes = wide.sizes();
                open[axis] = other.isOpen(axis);
                sizes[axis] = other.size(axis);
                wide = new Extent(sizes, open);
            }
        }
        return wide;
    }

    /** An operator of one float input. */
    static Lowering.Family single(int code) {
        return lowering -> {
            lowering.requireType(0, ElementType.FLOAT32);
            int[] order = lowering.order(0);
            lowering.emit(code, lowering.in(0, order), lowering.out(order));
        };
    }

    /** {@code 1 / x}. */
    static void reciprocal(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = lowering.order(0);
        int[] inputs = {lowering.scalar("one", 1), lowering.in(0, order)};
        lowering.emit(BuiltinOperator.DIV, Options.divide(), inputs, lowering.out(order));
    }
}
