package dev.cleave.partition.tflite.flat;

/**
 * The order in which a tensor's axes lie in memory: {@code order[i]} is the axis, as the ONNX graph counts them, that is
 * at place {@code i}. The ONNX graph's own order is {@code 0, 1, 2 ...}; channels-last is {@code 0, 2, 3, 1}.
 */
public final class Order {
    private Order() {}

    public static int[] given(int rank) {
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        return order;
    }

    /** Axis 1 at the end. */
    public static int[] channelsLast(int rank) {
        return last(given(rank), 1);
    }

    /** The same order with one axis at the end. */
    public static int[] last(int[] order, int axis) {
        int[] moved = new int[order.length];
        int next = 0;
        for (int each : order) {
            if (each != axis) {
                moved[next++] = each;
            }
        }
        moved[next] = axis;
        return moved;
    }

    /** Where an axis lies. */
    public static int place(int[] order, int axis) {
        for (int i = 0; i < order.length; i++) {
            if (order[i] == axis) {
                return i;
            }
        }
        throw new IllegalArgumentException("axis " + axis + " of rank " + order.length);
    }

    /** The permutation that brings a tensor from one order into another, as TRANSPOSE takes it. */
    public static int[] between(int[] from, int[] to) {
        int[] permutation = new int[to.length];
        for (int i = 0; i < to.length; i++) {
            permutation[i] = place(from, to[i]);
        }
        return permutation;
    }

    /** Whether the elements lie alike in both orders, since only axes of a single element change places. */
    public static boolean liesAlike(int[] one, int[] other, Extent given) {
        int next = 0;
        for (int axis : one) {
            if (given.isSingle(axis)) {
                continue;
            }
            while (given.isSingle(other[next])) {
                next++;
            }
            if (other[next++] != axis) {
                return false;
            }
        }
        return true;
    }
}
