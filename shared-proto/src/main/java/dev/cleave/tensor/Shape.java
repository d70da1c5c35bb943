package dev.cleave.tensor;

import java.util.Arrays;

/**
 * An immutable tensor shape; a dimension is a size &ge; 0, {@link #DYNAMIC} or, on axis 0 only, {@link #BATCH}.
 *
 * <p>{@code BATCH} is a stronger claim than {@code DYNAMIC}: the rows along that axis are independent of each other, so
 * requests may be joined along it. Engines report {@code DYNAMIC}; only a bundle's contract, where the claim was proven
 * by running the model, says {@code BATCH}. Text form: {@code [N,3,224,?]}.
 */
public final class Shape {
    public static final long DYNAMIC = -1;
    public static final long BATCH = -2;
    public static final int MAX_RANK = 16;

    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /** @throws IllegalArgumentException for a rank over {@link #MAX_RANK} or a dimension that is none of the above */
    public static Shape of(long... dims) {
        if (dims.length > MAX_RANK) {
            throw new IllegalArgumentException("shape of rank " + dims.length + "; expected at most " + MAX_RANK);
        }
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] < BATCH || dims[axis] == BATCH && axis > 0) {
                throw new IllegalArgumentException("dimension " + dims[axis] + " on axis " + axis
                        + " of a shape; expected a size, DYNAMIC, or BATCH on axis 0");
            }
        }
        return new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    public long dim(int axis) {
        return dims[axis];
    }

    /** A copy of the dimensions. */
    public long[] dims() {
        return dims.clone();
    }

    public Shape withDim(int axis, long size) {
        long[] changed = dims.clone();
        changed[axis] = size;
        return of(changed);
    }

    /** True if no dimension is open. */
    public boolean isStatic() {
        for (long dim : dims) {
            if (dim < 0) {
                return false;
            }
        }
        return true;
    }

    public boolean isBatched() {
        return dims.length > 0 && dims[0] == BATCH;
    }

    /** This shape with {@code rows} in place of {@link #BATCH}; unchanged when it is not batched. */
    public Shape withRows(long rows) {
        return isBatched() ? withDim(0, rows) : this;
    }

    /**
     * Number of elements of a static shape.
     *
     * @throws IllegalStateException if a dimension is open
     * @throws ArithmeticException if the product overflows
     */
    public long elements() {
        if (!isStatic()) {
            throw new IllegalStateException("shape " + this + " is open; its number of elements is not known");
        }
        long product = 1;
        for (long dim : dims) {
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }

    /** True if {@code actual}, a static shape, is one that this shape stands for. */
    public boolean accepts(Shape actual) {
        if (actual.dims.length != dims.length) {
            return false;
        }
        for (int axis = 0; axis < dims.length; axis++) {
            if (actual.dims[axis] < 0 || dims[axis] >= 0 && dims[axis] != actual.dims[axis]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape && Arrays.equals(dims, ((Shape) other).dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int axis = 0; axis < dims.length; axis++) {
            text.append(axis == 0 ? "" : ",");
            text.append(dims[axis] == BATCH ? "N" : dims[axis] == DYNAMIC ? "?" : Long.toString(dims[axis]));
        }
        return text.append(']').toString();
    }
}
