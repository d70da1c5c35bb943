package dev.cleave.codec;

import dev.cleave.tensor.Shape;

/** Walks a tensor in memory order, in runs of elements that share an index of one axis. Not thread-safe. */
final class AxisRuns {
    private final int indices;
    private final int length;
    private int left;
    /** Of the run that {@link #next} returned last. */
    private int index = -1;

    /**
     * @param axis -1: all elements share the one index
     * @param indices size of the axis; 1 with axis -1
     */
    AxisRuns(Shape shape, int axis, int indices) {
        this.indices = indices;
        long elements = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
            elements *= shape.dim(i);
        }
        length = (int) elements;
    }

    /** Number of the next elements, at most {@code limit}, that share an index. */
    int next(int limit) {
        if (left == 0) {
            left = length;
            index = index + 1 == indices ? 0 : index + 1;
        }
        int run = Math.min(limit, left);
        left -= run;
        return run;
    }

    int index() {
        return index;
    }
}
