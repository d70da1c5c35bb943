package dev.cleave.codec;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * One tensor of a payload, header and body. What the contract fixes is not in it:
 *
 * <pre>
 * +-----------+-----------+-----------+----------------------------+---------
 * | u8 codec  | u8 version| u8 flags  | varint per open dimension  | body ...
 * +-----------+-----------+-----------+----------------------------+---------
 * </pre>
 *
 * @param flags {@link #ZSTD}, {@link #BYTE_SYMBOLS}, {@link #CONTEXT}, {@link #TEMPORAL}; all other bits are 0
 * @param shape static
 * @param body position to limit, shared
 * @param release see {@link TensorCodec.Body}
 */
record EncodedTensor(int codec, int version, int flags, Shape shape, ByteBuffer body, Runnable release) {
    /** The body is one Zstandard frame that states its content's size. */
    static final int ZSTD = 1;
    /** Quantised symbols take a byte each, not packed; only together with {@link #ZSTD}. */
    static final int BYTE_SYMBOLS = 2;
    /** Quantised symbols are coded by their contexts; alone. */
    static final int CONTEXT = 4;
    /** Quantised symbols are coded against those of an earlier tensor; alone. */
    static final int TEMPORAL = 8;

    /** The largest tensor that {@link dev.cleave.tensor.Tensor} holds. */
    static final int MAX_TENSOR_BYTES = Integer.MAX_VALUE - 8;
    /** A tensor up to this size may come out of a body of any length. */
    static final long FREE_TENSOR_BYTES = 16 << 20;
    /** A larger one takes a body of at least this fraction of it: bounds what a small hostile frame can cost. */
    static final long MAX_EXPANSION = 1024;

    private static final int FIXED_BYTES = 3;
    private static final String[] DIMENSIONS = new String[Shape.MAX_RANK];

    static {
        for (int axis = 0; axis < DIMENSIONS.length; axis++) {
            DIMENSIONS[axis] = "dimension " + axis;
        }
    }

    EncodedTensor(int codec, int version, Shape shape, TensorCodec.Body body) {
        this(codec, version, body.flags(), shape, body.bytes(), body.release());
    }

    /** Whether a body is too short for a tensor of that size; an encoder then leaves the tensor uncompressed. */
    static boolean expandsTooFar(long tensorBytes, long bodyBytes) {
        return tensorBytes > Math.max(FREE_TENSOR_BYTES, MAX_EXPANSION * bodyBytes);
    }

    long size(TensorSpec spec) {
        long size = (long) FIXED_BYTES + body.remaining();
        for (int axis = 0; axis < shape.rank(); axis++) {
            size += spec.shape().dim(axis) < 0 ? Varint.size((int) shape.dim(axis)) : 0;
        }
        return size;
    }

    /** Writes the tensor, after which its body is gone. */
    void write(ByteBuffer out, TensorSpec spec) {
        out.put((byte) codec).put((byte) version).put((byte) flags);
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (spec.shape().dim(axis) < 0) {
                Varint.put(out, (int) shape.dim(axis));
            }
        }
        out.put(body.duplicate());
        release.run();
    }

    /** Reads the next tensor of a payload, its length before it; as {@link #read}. */
    static EncodedTensor next(ByteBuffer payload, TensorSpec spec) throws CodecException {
        int length = Varint.get(payload, spec, "length");
        if (length > payload.remaining()) {
            throw new CodecException(
                    named(spec) + " has " + length + " bytes; the payload has " + payload.remaining() + " left");
        }
        return read(slice(payload, length), spec);
    }

    /**
     * Reads the header; takes all remaining bytes as the tensor's.
     *
     * @throws CodecException if the tensor would be larger than {@link #MAX_TENSOR_BYTES}, or than such a body allows
     */
    private static EncodedTensor read(ByteBuffer in, TensorSpec spec) throws CodecException {
        if (in.remaining() < FIXED_BYTES) {
            throw new CodecException(named(spec) + " has " + in.remaining() + " bytes; expected a header of 3 or more");
        }
        int codec = in.get() & 0xff;
        int version = in.get() & 0xff;
        int flags = in.get() & 0xff;
        if ((flags & ~(ZSTD | BYTE_SYMBOLS | CONTEXT | TEMPORAL)) != 0) {
            throw new CodecException(named(spec) + " has flags " + flags + "; expected bits 0 to 3 only");
        }
        Shape shape = spec.shape();
        for (int axis = 0; axis < spec.shape().rank(); axis++) {
            if (spec.shape().dim(axis) < 0) {
                shape = shape.withDim(axis, Varint.get(in, spec, DIMENSIONS[axis]));
            }
        }
        long bytes = bytes(spec, shape);
        if (expandsTooFar(bytes, in.remaining())) {
            throw new CodecException(named(spec) + shape + " takes " + bytes + " bytes from a body of " + in.remaining()
                    + "; expected at most " + FREE_TENSOR_BYTES + ", or " + MAX_EXPANSION + " times the body");
        }
        return new EncodedTensor(codec, version, shape, new TensorCodec.Body(flags, slice(in, in.remaining())));
    }

    private static long bytes(TensorSpec spec, Shape shape) throws CodecException {
        long bytes;
        try {
            bytes = Math.multiplyExact(shape.elements(), (long) spec.type().bytes());
        } catch (ArithmeticException overflow) {
            bytes = Long.MAX_VALUE;
        }
        if (bytes > MAX_TENSOR_BYTES) {
            throw new CodecException(named(spec) + " has shape " + shape + "; expected at most " + MAX_TENSOR_BYTES
                    + " bytes of " + spec.type().jsonName());
        }
        return bytes;
    }

    /** The next {@code length} bytes, as many as which there are; moves {@code in} past them. */
    static ByteBuffer slice(ByteBuffer in, int length) {
        ByteBuffer view = in.duplicate();
        ((Buffer) view).limit(in.position() + length);
        ((Buffer) in).position(in.position() + length);
        return view.slice();
    }

    static String named(TensorSpec spec) {
        return "tensor \"" + spec.name() + "\"";
    }
}
