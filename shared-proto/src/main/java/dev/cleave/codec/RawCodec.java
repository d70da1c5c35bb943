package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;

/** Element bytes as they are, little-endian: lossless for every type, and what every other codec falls back to. */
final class RawCodec implements TensorCodec {
    static final int ID = 0;
    private static final int VERSION = 1;

    private final TensorSpec spec;

    RawCodec(TensorSpec spec) {
        this.spec = spec;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int version() {
        return VERSION;
    }

    /** @throws IllegalArgumentException if a bool is neither 0 nor 1 */
    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        if (!boolsAreValid(tensor)) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " holds a bool that is neither 0 nor 1");
        }
        if (entropy == Entropy.ZSTD) {
            byte[] plain = new byte[tensor.bytes()];
            tensor.data().get(plain);
            ByteBuffer frame = ZstdFrames.compress(plain, tensor.bytes());
            if (frame != null) {
                return new Body(EncodedTensor.ZSTD, frame);
            }
        }
        return new Body(0, tensor.data());
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        PlainBodies.check(spec, flags, body, shape.elements() * spec.type().bytes());
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        into.data().put(PlainBodies.open(spec, flags, body, into.bytes()));
        if (!boolsAreValid(into)) {
            throw new CodecException(EncodedTensor.named(spec) + " holds a bool that is neither 0 nor 1");
        }
    }

    private static boolean boolsAreValid(Tensor tensor) {
        if (tensor.type() != ElementType.BOOL) {
            return true;
        }
        int seen = 0;
        for (ByteBuffer data = tensor.data(); data.hasRemaining(); ) {
            seen |= data.get();
        }
        return (seen & ~1) == 0;
    }
}
