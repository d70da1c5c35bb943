package dev.cleave.partition.tflite.flat;

import java.util.Arrays;

/**
 * The size of a tensor for one row of input, and which of its axes grow with the number of rows. Immutable.
 *
 * @param sizes at one row
 * @param open for each axis, whether its size is that many times the number of rows
 */
public record Extent(int[] sizes, boolean[] open) {
    public Extent {
        sizes = sizes.clone();
        open = open.clone();
    }

    public static Extent of(int... sizes) {
        return new Extent(sizes, new boolean[sizes.length]);
    }

    public int rank() {
        return sizes.length;
    }

    public int size(int axis) {
        return sizes[axis];
    }

    public boolean isOpen(int axis) {
        return open[axis];
    }

    /** Whether an axis has one element whatever the number of rows. */
    public boolean isSingle(int axis) {
        return sizes[axis] == 1 && !open[axis];
    }

    /** Number of axes that grow. */
    public int openAxes() {
        int count = 0;
        for (boolean each : open) {
            count += each ? 1 : 0;
        }
        return count;
    }

    /** Number of elements at one row. */
    public long elements() {
        long product = 1;
        for (int size : sizes) {
            product *= size;
        }
        return product;
    }

    /** The axes in another order. */
    public Extent in(int[] order) {
        int[] permuted = new int[order.length];
        boolean[] grows = new boolean[order.length];
        for (int i = 0; i < order.length; i++) {
            permuted[i] = sizes[order[i]];
            grows[i] = open[order[i]];
        }
        return new Extent(permuted, grows);
    }

    public Extent with(int axis, int size) {
        int[] changed = sizes.clone();
        boolean[] grows = open.clone();
        changed[axis] = size;
        grows[axis] = false;
        return new Extent(changed, grows);
    }

    /** With a further axis of one element before {@code place}. */
    public Extent withSingle(int place) {
        int[] longer = new int[rank() + 1];
        boolean[] grows = new boolean[rank() + 1];
        for (int i = 0; i <= rank(); i++) {
            longer[i] = i == place ? 1 : sizes[i < place ? i : i - 1];
            grows[i] = i != place && open[i < place ? i : i - 1];
        }
        return new Extent(longer, grows);
    }

    /** Without one axis. */
    public Extent without(int place) {
        int[] shorter = new int[rank() - 1];
        boolean[] grows = new boolean[rank() - 1];
        for (int i = 0; i < rank() - 1; i++) {
            shorter[i] = sizes[i < place ? i : i + 1];
            grows[i] = open[i < place ? i : i + 1];
        }
        return new Extent(shorter, grows);
    }

    /** Sizes, with -1 for an axis that grows. */
    public int[] signature() {
        int[] signature = sizes.clone();
        for (int i = 0; i < signature.length; i++) {
            signature[i] = open[i] ? -1 : signature[i];
        }
        return signature;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Extent extent && Arrays.equals(signature(), extent.signature());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(signature());
    }

    @Override
    public String toString() {
        return Arrays.toString(signature());
    }
}
