package dev.cleave.partition.tflite.flat;

import dev.cleave.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor whose values are known when a graph is converted. Immutable.
 *
 * @param data little-endian, from 0 to its limit
 */
public record Constant(ElementType type, int[] dims, ByteBuffer data) {
    public Constant {
        dims = dims.clone();
        data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    public static Constant ofFloats(int[] dims, float... values) {
        ByteBuffer data = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Constant(ElementType.FLOAT32, dims, data);
    }

    public static Constant ofInts(int[] dims, int... values) {
        ByteBuffer data = ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asIntBuffer().put(values);
        return new Constant(ElementType.INT32, dims, data);
    }

    /** A row of integers. */
    public static Constant ofInts(int... values) {
        return ofInts(new int[] {values.length}, values);
    }

    public static Constant ofLongs(int[] dims, long... values) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(values);
        return new Constant(ElementType.INT64, dims, data);
    }

    public static Constant ofBytes(int[] dims, byte... values) {
        return new Constant(ElementType.INT8, dims, ByteBuffer.wrap(values));
    }

    public int elements() {
        return data.limit() / type.bytes();
    }

    /** The values of a float32 tensor. */
    public float[] floats() {
        float[] values = new float[elements()];
        data.asFloatBuffer().get(values);
        return values;
    }

    /** The values of an integer tensor; those that are too large for 32 bits are the largest or smallest. */
    public int[] ints() {
        int[] values = new int[elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(i);
        }
        return values;
    }

    private int integer(int index) {
        return switch (type) {
            case INT64 -> (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, data.getLong(8 * index)));
            case INT32 -> data.getInt(4 * index);
            case INT8 -> data.get(index);
            case UINT8, BOOL -> data.get(index) & 0xff;
            default -> throw new IllegalStateException(type + " is no integer");
        };
    }

    public boolean isInteger() {
        return switch (type) {
            case INT64, INT32, INT8, UINT8, BOOL -> true;
            default -> false;
        };
    }

    /** The same values under other dimensions. */
    public Constant reshaped(int... other) {
        return new Constant(type, other, data);
    }

    public Extent extent() {
        return Extent.of(dims);
    }

    /** With its axes in another order. */
    public Constant in(int[] order) {
        int rank = dims.length;
        if (Arrays.equals(order, Order.given(rank))) {
            return this;
        }
        int[] strides = new int[rank];
        for (int axis = rank - 1, stride = 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        int[] sizes = new int[rank];
        int[] steps = new int[rank];
        for (int i = 0; i < rank; i++) {
            sizes[i] = dims[order[i]];
            steps[i] = strides[order[i]];
        }
        ByteBuffer moved = ByteBuffer.allocate(data.limit()).order(ByteOrder.LITTLE_ENDIAN);
        int[] index = new int[rank];
        int from = 0;
        for (int written = 0; written < elements(); written++) {
            copy(from, moved, written);
            for (int i = rank - 1; i >= 0; i--) {
                from += steps[i];
                if (++index[i] < sizes[i]) {
                    break;
                }
                from -= steps[i] * sizes[i];
                index[i] = 0;
            }
        }
        return new Constant(type, sizes, moved);
    }

    private void copy(int from, ByteBuffer to, int at) {
        switch (type.bytes()) {
            case 1 -> to.put(at, data.get(from));
            case 4 -> to.putInt(4 * at, data.getInt(4 * from));
            case 8 -> to.putLong(8 * at, data.getLong(8 * from));
            default -> to.putShort(2 * at, data.getShort(2 * from));
        }
    }

    /** The int8 tensor that stands for a uint8 one. */
    public Constant signed() {
        if (type != ElementType.UINT8) {
            return this;
        }
        ByteBuffer shifted = ByteBuffer.allocate(data.limit());
        for (int i = 0; i < data.limit(); i++) {
            shifted.put(i, (byte) (data.get(i) ^ 0x80));
        }
        return new Constant(ElementType.INT8, dims, shifted);
    }

    /** The numbers that integers stand for. */
    public Constant dequantized(Quantization quantization) {
        int[] integers = ints();
        float[] values = new float[integers.length];
        int inner = 1;
        for (int axis = dims.length - 1; axis > quantization.axis(); axis--) {
            inner *= dims[axis];
        }
        for (int i = 0; i < values.length; i++) {
            int slice = quantization.isSingle() ? 0 : i / inner % quantization.scales().length;
            values[i] = (integers[i] - quantization.zeroPoint(slice)) * quantization.scale(slice);
        }
        return ofFloats(dims, values);
    }
}
