package dev.cleave.codec.context;

import dev.cleave.tensor.Shape;

/**
 * A tensor as planes of one channel each, in which neighbours are sought. Immutable.
 *
 * <p>Of the axes other than the channels', and other than axis 0 of several, the last is a plane's width and the one
 * before it its height; a plane is as high or wide as 1 where an axis is lacking. All other axes, the channels' among
 * them, count planes, in memory order: {@code [N,C,H,W]} is N * C planes of H * W, and so is {@code [N,H,W,C]}. A tensor
 * without elements has no planes, however long its other axes are.
 */
public final class Planes {
    private final int count;
    private final int height;
    private final int width;
    private final int rowStride;
    private final int columnStride;
    /** Of the axes that count planes, the outermost first. */
    private final int[] sizes;

    private final int[] strides;
    /** Which of {@link #sizes} are the channels; -1 without. */
    private final int channelDigit;

    /**
     * @param shape static
     * @param channelAxis or {@link ContextModel#NO_CHANNELS}
     */
    public Planes(Shape shape, int channelAxis) {
        int rank = shape.rank();
        int widthAxis = lastBefore(rank, channelAxis, rank > 1);
        int heightAxis = lastBefore(widthAxis, channelAxis, rank > 1);
        int[] stride = new int[rank];
        long elements = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            stride[axis] = (int) elements;
            elements *= shape.dim(axis);
        }
        boolean empty = elements == 0;
        width = empty ? 0 : widthAxis < 0 ? 1 : (int) shape.dim(widthAxis);
        columnStride = widthAxis < 0 ? 1 : stride[widthAxis];
        height = empty ? 0 : heightAxis < 0 ? 1 : (int) shape.dim(heightAxis);
        rowStride = heightAxis < 0 ? width : stride[heightAxis];
        int digits = rank - (widthAxis < 0 ? 0 : 1) - (heightAxis < 0 ? 0 : 1);
        sizes = new int[digits];
        strides = new int[digits];
        int digit = 0;
        int channels = -1;
        for (int axis = 0; axis < rank; axis++) {
            if (axis != widthAxis && axis != heightAxis) {
                channels = axis == channelAxis ? digit : channels;
                sizes[digit] = (int) shape.dim(axis);
                strides[digit++] = stride[axis];
            }
        }
        channelDigit = channels;
        count = empty ? 0 : (int) (elements / width / height);
    }

    /** The last axis before {@code end} that can be part of a plane; -1 if there is none. */
    private static int lastBefore(int end, int channelAxis, boolean severalAxes) {
        int axis = end - 1;
        while (axis >= 0 && (axis == channelAxis || axis == 0 && severalAxes)) {
            axis--;
        }
        return Math.max(axis, -1);
    }

    public int count() {
        return count;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** Elements of a plane. */
    public int area() {
        return height * width;
    }

    /** The channel of a plane; 0 without channels. */
    public int channel(int plane) {
        int rest = plane;
        for (int digit = sizes.length - 1; digit > channelDigit; digit--) {
            rest /= sizes[digit];
        }
        return channelDigit < 0 ? 0 : rest % sizes[channelDigit];
    }

    /** Whether memory order is plane by plane, row by row. */
    public boolean inOrder() {
        if (columnStride != 1 || rowStride != width) {
            return false;
        }
        for (int digit = sizes.length - 1, expected = height * width; digit >= 0; digit--) {
            if (strides[digit] != expected && sizes[digit] > 1) {
                return false;
            }
            expected *= sizes[digit];
        }
        return true;
    }

    /** From memory order to plane by plane, row by row. */
    public void gather(byte[] memory, byte[] planar) {
        if (inOrder()) {
            System.arraycopy(memory, 0, planar, 0, count * area());
            return;
        }
        int at = 0;
        for (int plane = 0; plane < count; plane++) {
            for (int y = 0, row = offset(plane); y < height; y++, row += rowStride) {
                for (int x = 0, from = row; x < width; x++, from += columnStride) {
                    planar[at++] = memory[from];
                }
            }
        }
    }

    /** The reverse of {@link #gather}. */
    public void scatter(byte[] planar, byte[] memory) {
        int at = 0;
        for (int plane = 0; plane < count; plane++) {
            for (int y = 0, row = offset(plane); y < height; y++, row += rowStride) {
                for (int x = 0, to = row; x < width; x++, to += columnStride) {
                    memory[to] = planar[at++];
                }
            }
        }
    }

    private int offset(int plane) {
        int offset = 0;
        int rest = plane;
        for (int digit = sizes.length - 1; digit >= 0; digit--) {
            offset += rest % sizes[digit] * strides[digit];
            rest /= sizes[digit];
        }
        return offset;
    }
}
