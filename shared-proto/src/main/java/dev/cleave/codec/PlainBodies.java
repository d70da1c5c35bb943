package dev.cleave.codec;

import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;

/** Bodies of a known plain length, whole or as a Zstandard frame: what raw and fp16 have in common. */
final class PlainBodies {
    private PlainBodies() {}

    static void check(TensorSpec spec, int flags, ByteBuffer body, long plainBytes) throws CodecException {
        if ((flags & ~EncodedTensor.ZSTD) != 0) {
            throw new CodecException(EncodedTensor.named(spec) + " has flags " + flags + "; expected none but zstd");
        }
        checkLength(spec, flags, body, plainBytes);
    }

    /** As {@link #check}, but leaves the other flags to the caller. */
    static void checkLength(TensorSpec spec, int flags, ByteBuffer body, long plainBytes) throws CodecException {
        if ((flags & EncodedTensor.ZSTD) != 0) {
            ZstdFrames.check(EncodedTensor.named(spec), body, plainBytes);
        } else if (body.remaining() != plainBytes) {
            throw new CodecException(EncodedTensor.named(spec) + " has a body of " + body.remaining()
                    + " bytes; expected " + plainBytes + " for its shape");
        }
    }

    /** The plain bytes of a body that passed {@link #check}. */
    static ByteBuffer open(TensorSpec spec, int flags, ByteBuffer body, int plainBytes) throws CodecException {
        return (flags & EncodedTensor.ZSTD) == 0
                ? body
                : ByteBuffer.wrap(ZstdFrames.decompress(EncodedTensor.named(spec), body, plainBytes));
    }
}
