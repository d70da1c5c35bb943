package dev.cleave.codec;

import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Floating-point elements as IEEE 754 binary16, little-endian, rounded to nearest even. A tensor with a value that is
 * not finite, or becomes infinite by rounding (from 65520 on), is not carried.
 */
final class Fp16Codec implements TensorCodec {
    static final int ID = 1;
    private static final int VERSION = 1;
    private static final int BYTES = 2;
    private static final int EXPONENT = 0x7c00;

    private final TensorSpec spec;

    Fp16Codec(TensorSpec spec) {
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

    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        if (tensor.elements() > EncodedTensor.MAX_TENSOR_BYTES / BYTES) {
            return null;
        }
        byte[] plain = new byte[tensor.elements() * BYTES];
        if (!round(tensor, ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN))) {
            return null;
        }
        ByteBuffer frame = entropy == Entropy.ZSTD ? ZstdFrames.compress(plain, tensor.bytes()) : null;
        return frame == null ? new Body(0, ByteBuffer.wrap(plain)) : new Body(EncodedTensor.ZSTD, frame);
    }

    /** False if an element is, or becomes, infinite or NaN. */
    private static boolean round(Tensor tensor, ByteBuffer out) {
        FloatBlocks blocks = new FloatBlocks(tensor);
        float[] block = new float[FloatBlocks.SIZE];
        for (int from = 0; from < tensor.elements(); from += block.length) {
            int count = Math.min(block.length, tensor.elements() - from);
            blocks.read(block, count);
            for (int i = 0; i < count; i++) {
                short half = HalfFloat.toBinary16(block[i]);
                if ((half & EXPONENT) == EXPONENT) {
                    return false;
                }
                out.putShort(half);
            }
        }
        return true;
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        PlainBodies.check(spec, flags, body, shape.elements() * BYTES);
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        ByteBuffer halves =
                PlainBodies.open(spec, flags, body, into.elements() * BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FloatBlocks blocks = new FloatBlocks(into);
        float[] block = new float[FloatBlocks.SIZE];
        for (int from = 0; from < into.elements(); from += block.length) {
            int count = Math.min(block.length, into.elements() - from);
            for (int i = 0; i < count; i++) {
                block[i] = HalfFloat.fromBinary16(halves.getShort());
            }
            if (!FloatBlocks.allFinite(block, count)) {
                throw new CodecException(EncodedTensor.named(spec) + " holds a value that fp16 does not carry");
            }
            blocks.write(block, count);
        }
    }
}
