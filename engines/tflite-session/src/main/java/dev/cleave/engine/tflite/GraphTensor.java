package dev.cleave.engine.tflite;

import java.util.ArrayList;
import java.util.List;

/**
 * One tensor as a graph declares it, checked.
 *
 * @param signature the dimensions, -1 where any size will do
 * @param shape the dimensions that memory is first planned for
 * @param constantBytes size of its data in the file; 0 if it is computed or fed
 * @param leastScale 0 where there are none
 */
record GraphTensor(
        String name,
        int type,
        int[] shape,
        int[] signature,
        int constantBytes,
        int scales,
        float leastScale,
        boolean variable) {
    private static final int UINT8 = 3;
    private static final int INT16 = 7;
    private static final int INT8 = 9;
    private static final int SHAPE = 0;
    private static final int TYPE = 1;
    private static final int BUFFER = 2;
    private static final int NAME = 3;
    private static final int QUANTIZATION = 4;
    private static final int VARIABLE = 5;
    private static final int SPARSITY = 6;
    private static final int SIGNATURE = 7;
    private static final int BUFFER_DATA = 0;
    private static final int SCALE = 2;
    private static final int ZERO_POINT = 3;
    private static final int DETAILS = 5;
    private static final int QUANTIZED_DIMENSION = 6;

    private static final int MAX_RANK = 8;
    private static final long MAX_ELEMENTS = 1L << 28;

    /** Whether it has a value before any operator runs, besides by being fed. */
    boolean hasValue() {
        return constantBytes > 0 || variable || elements() == 0;
    }

    /**
     * Whether a kernel that computes with scales can do with those of this tensor. One that is not constant may be its output,
     * by whose scale it divides.
     */
    boolean canBeRescaled() {
        boolean quantized = type == UINT8 || type == INT8 || type == INT16;
        return !quantized || (constantBytes > 0 ? scales > 0 : leastScale > 0);
    }

    private long elements() {
        long elements = 1;
        for (int size : shape) {
            elements *= size;
        }
        return elements;
    }

    static List<GraphTensor> readAll(List<FlatTable> tables, List<FlatTable> buffers) throws MalformedGraphException {
        List<GraphTensor> tensors = new ArrayList<>(tables.size());
        for (FlatTable table : tables) {
            tensors.add(read(table, buffers, tensors.size()));
        }
        return tensors;
    }

    private static GraphTensor read(FlatTable table, List<FlatTable> buffers, int index)
            throws MalformedGraphException {
        String name = table.string(NAME);
        String called = "tensor " + index + " \"" + name + "\"";
        int[] shape = table.ints(SHAPE);
        requireShape(called, shape);
        int[] signature = table.ints(SIGNATURE);
        if (signature.length != 0 && signature.length != shape.length) {
            throw new MalformedGraphException(called + " has a shape of rank " + shape.length
                    + " and a signature of rank " + signature.length + "; expected the same");
        }
        int buffer = table.intAt(BUFFER, 0);
        if (buffer < 0 || buffer >= Math.max(1, buffers.size())) {
            throw new MalformedGraphException(called + " has buffer " + buffer + "; expected one of " + buffers.size());
        }
        if (table.has(SPARSITY)) {
            throw new MalformedGraphException(called + " is sparse; expected a dense one");
        }
        int constantBytes = buffers.isEmpty() ? 0 : buffers.get(buffer).size(BUFFER_DATA, 1);
        FlatTable quantization = table.table(QUANTIZATION);
        int scales = scales(called, quantization, shape);
        boolean variable = table.byteAt(VARIABLE, 0) != 0;
        return new GraphTensor(
                name,
                table.byteAt(TYPE, 0),
                shape,
                signature.length == 0 ? shape : signature,
                constantBytes,
                scales,
                leastScale(quantization, scales),
                variable);
    }

    private static void requireShape(String called, int[] shape) throws MalformedGraphException {
        if (shape.length > MAX_RANK) {
            throw new MalformedGraphException(called + " has rank " + shape.length + "; expected at most " + MAX_RANK);
        }
        long elements = 1;
        for (int size : shape) {
            elements *= Math.max(size, 1);
            if (size < 0 || elements > MAX_ELEMENTS) {
                throw new MalformedGraphException(called + " has a dimension of " + size
                        + "; expected no negative one, and at most " + MAX_ELEMENTS + " elements");
            }
        }
    }

    /** How many scales there are: none, one, or one for each index of an axis. */
    private static int scales(String called, FlatTable quantization, int[] shape) throws MalformedGraphException {
        if (quantization == null) {
            return 0;
        }
        if (quantization.has(DETAILS)) {
            throw new MalformedGraphException(called + " is quantised in another way than by scales and zero points");
        }
        int scales = quantization.size(SCALE, Float.BYTES);
        int zeros = quantization.size(ZERO_POINT, Long.BYTES);
        int axis = quantization.intAt(QUANTIZED_DIMENSION, 0);
        boolean byChannel = scales > 1;
        if (scales != zeros && scales * zeros != 0
                || byChannel && (axis < 0 || axis >= shape.length || shape[axis] != scales)
                || axis < 0
                || axis != 0 && axis >= shape.length) {
            throw new MalformedGraphException(called + " has " + scales + " scales and " + zeros
                    + " zero points on axis " + axis + "; expected as many of each as the axis is long, or one");
        }
        for (int i = 0; i < scales; i++) {
            float scale = quantization.floatOf(SCALE, i);
            if (!(scale >= 0) || Float.isInfinite(scale)) {
                throw new MalformedGraphException(
                        called + " has scale " + scale + "; expected a finite one of 0 or more");
            }
        }
        return scales;
    }

    private static float leastScale(FlatTable quantization, int scales) throws MalformedGraphException {
        float least = scales == 0 ? 0 : Float.MAX_VALUE;
        for (int i = 0; i < scales; i++) {
            least = Math.min(least, quantization.floatOf(SCALE, i));
        }
        return least;
    }
}
