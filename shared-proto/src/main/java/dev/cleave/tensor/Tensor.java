package dev.cleave.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A dense, row-major tensor over a direct, little-endian buffer; position 0 is element 0, the limit is its size.
 *
 * <p>The buffer is owned by whoever holds the tensor: there is nothing to close, and views made by {@link #rows} share
 * it. Thread-safe to read; writers need their own agreement.
 */
public final class Tensor {
    private final ElementType type;
    private final Shape shape;
    private final ByteBuffer data;

    private Tensor(ElementType type, Shape shape, ByteBuffer data) {
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /**
     * A zeroed tensor.
     *
     * @throws IllegalArgumentException if the shape is open or needs more than 2 GiB
     */
    public static Tensor allocate(ElementType type, Shape shape) {
        return new Tensor(
                type, shape, ByteBuffer.allocateDirect(byteSize(type, shape)).order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * A tensor over the remaining bytes of a direct buffer, which it shares.
     *
     * @throws IllegalArgumentException if the buffer is not direct or not exactly as large as the shape asks
     */
    public static Tensor wrap(ElementType type, Shape shape, ByteBuffer direct) {
        int bytes = byteSize(type, shape);
        if (!direct.isDirect() || direct.remaining() != bytes) {
            throw new IllegalArgumentException("buffer of " + direct.remaining() + (direct.isDirect() ? "" : " heap")
                    + " bytes for a tensor " + type.jsonName() + shape + "; expected " + bytes + " direct bytes");
        }
        return new Tensor(type, shape, direct.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    public static Tensor ofFloats(Shape shape, float... values) {
        Tensor tensor = allocate(ElementType.FLOAT32, shape);
        requireCount(tensor, values.length);
        tensor.data().asFloatBuffer().put(values);
        return tensor;
    }

    public static Tensor ofInts(Shape shape, int... values) {
        Tensor tensor = allocate(ElementType.INT32, shape);
        requireCount(tensor, values.length);
        tensor.data().asIntBuffer().put(values);
        return tensor;
    }

    public static Tensor ofLongs(Shape shape, long... values) {
        Tensor tensor = allocate(ElementType.INT64, shape);
        requireCount(tensor, values.length);
        tensor.data().asLongBuffer().put(values);
        return tensor;
    }

    public static Tensor ofBytes(ElementType type, Shape shape, byte... bytes) {
        Tensor tensor = allocate(type, shape);
        if (tensor.bytes() != bytes.length) {
            throw new IllegalArgumentException(
                    bytes.length + " bytes for a tensor " + type.jsonName() + shape + "; expected " + tensor.bytes());
        }
        tensor.data().put(bytes);
        return tensor;
    }

    public ElementType type() {
        return type;
    }

    /** Always static. */
    public Shape shape() {
        return shape;
    }

    public int elements() {
        return data.capacity() / type.bytes();
    }

    /** Size in bytes. */
    public int bytes() {
        return data.capacity();
    }

    /** A fresh view of the whole buffer with its own position; writes go through. */
    public ByteBuffer data() {
        ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ((Buffer) view).clear();
        return view;
    }

    /**
     * A view of rows {@code from .. from + count} along axis 0, without copying.
     *
     * @throws IndexOutOfBoundsException if the tensor has no such rows (a scalar has none)
     */
    public Tensor rows(int from, int count) {
        long total = shape.rank() == 0 ? 0 : shape.dim(0);
        if (from < 0 || count < 0 || (long) from + count > total) {
            throw new IndexOutOfBoundsException("rows " + from + ".." + ((long) from + count) + " of shape " + shape);
        }
        int rowBytes = total == 0 ? 0 : (int) (bytes() / total);
        Buffer view = data();
        view.limit((from + count) * rowBytes);
        view.position(from * rowBytes);
        return new Tensor(
                type, shape.withDim(0, count), ((ByteBuffer) view).slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The same bytes under another shape with as many elements. */
    public Tensor reshaped(Shape other) {
        return wrap(type, other, data());
    }

    private static int byteSize(ElementType type, Shape shape) {
        long bytes;
        try {
            bytes = shape.isStatic() ? Math.multiplyExact(shape.elements(), (long) type.bytes()) : -1;
        } catch (ArithmeticException overflow) {
            bytes = Long.MAX_VALUE;
        }
        if (bytes < 0 || bytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "tensor " + type.jsonName() + shape + (bytes < 0 ? " has an open shape" : " is larger than 2 GiB"));
        }
        return (int) bytes;
    }

    private static void requireCount(Tensor tensor, int count) {
        if (tensor.elements() != count) {
            throw new IllegalArgumentException(count + " values for a tensor of shape " + tensor.shape());
        }
    }

    @Override
    public String toString() {
        return type.jsonName() + shape;
    }
}
