package dev.cleave.codec;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * One way to code one boundary tensor; an instance is made for that tensor's declaration and parameters. Immutable and
 * thread-safe.
 *
 * <p>Buffers given to {@link #check} and {@link #decode} may be heap, direct or read-only; their position is the
 * callee's to move.
 */
interface TensorCodec {
    /** The byte that starts an encoded tensor; never reused for another codec. */
    int id();

    /** The version of the body that this release writes, and the only one that it reads. */
    int version();

    /**
     * Codes a tensor that fits the declaration.
     *
     * @return null if this codec cannot carry these values (infinities, say); the tensor then travels raw
     */
    Body encode(Tensor tensor, Entropy entropy);

    /**
     * Checks everything about a body that can be known without decoding it: flags, length, declared sizes.
     *
     * @param shape static, accepted by the declaration
     */
    void check(Shape shape, int flags, ByteBuffer body) throws CodecException;

    /**
     * Decodes a body that passed {@link #check} with the shape of {@code into}.
     *
     * @throws CodecException for any body that {@link #encode} does not produce, as far as it can be told
     */
    void decode(int flags, ByteBuffer body, Tensor into) throws CodecException;

    /**
     * A coded tensor without its header.
     *
     * @param flags bits of {@link EncodedTensor}
     * @param bytes position to limit; the caller's until it calls {@code release}
     * @param release to be called once the bytes are copied, or not at all if nobody copies them
     */
    record Body(int flags, ByteBuffer bytes, Runnable release) {
        private static final Runnable NOTHING = () -> {};

        /** Bytes that nobody wants back. */
        Body(int flags, ByteBuffer bytes) {
            this(flags, bytes, NOTHING);
        }
    }
}
