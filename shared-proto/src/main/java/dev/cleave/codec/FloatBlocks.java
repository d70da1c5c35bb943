package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Moves a floating-point tensor, of whatever width, to or from a {@code float} array, block after block in memory order, so that
 * the codecs' inner loops run over arrays of one type. A float64 is rounded to the nearest float on its way. One view of the tensor for
 * all of its blocks; not thread-safe.
 */
final class FloatBlocks {
    /** Elements per block: a multiple of 8, so that a block of packed symbols ends on a byte. */
    static final int SIZE = 4096;

    private final Tensor tensor;
    private final ByteBuffer data;
    /** Null unless elements are floats as they are. */
    private final FloatBuffer floats;

    FloatBlocks(Tensor tensor) {
        this.tensor = tensor;
        this.data = tensor.data();
        this.floats = tensor.type() == ElementType.FLOAT32 ? data.asFloatBuffer() : null;
    }

    /** Reads the next elements. */
    void read(float[] block, int count) {
        switch (tensor.type()) {
            case FLOAT32:
                floats.get(block, 0, count);
                break;
            case FLOAT64:
                for (int i = 0; i < count; i++) {
                    block[i] = (float) data.getDouble();
                }
                break;
            case FLOAT16:
                for (int i = 0; i < count; i++) {
                    block[i] = HalfFloat.fromBinary16(data.getShort());
                }
                break;
            case BFLOAT16:
                for (int i = 0; i < count; i++) {
                    block[i] = HalfFloat.fromBfloat16(data.getShort());
                }
                break;
            default:
                throw new IllegalArgumentException("tensor " + tensor + "; expected a floating-point type");
        }
    }

    /** Writes the next elements. */
    void write(float[] block, int count) {
        switch (tensor.type()) {
            case FLOAT32:
                floats.put(block, 0, count);
                break;
            case FLOAT64:
                for (int i = 0; i < count; i++) {
                    data.putDouble(block[i]);
                }
                break;
            case FLOAT16:
                for (int i = 0; i < count; i++) {
                    data.putShort(HalfFloat.toBinary16(block[i]));
                }
                break;
            case BFLOAT16:
                for (int i = 0; i < count; i++) {
                    data.putShort(HalfFloat.toBfloat16(block[i]));
                }
                break;
            default:
                throw new IllegalArgumentException("tensor " + tensor + "; expected a floating-point type");
        }
    }

    /** Whether the first {@code count} elements hold neither a NaN nor an infinity. */
    static boolean allFinite(float[] block, int count) {
        int seen = 0;
        for (int i = 0; i < count; i++) {
            // Carries into the sign bit exactly when the exponent is all ones.
            seen |= (Float.floatToRawIntBits(block[i]) & 0x7fffffff) + 0x00800000;
        }
        return seen >= 0;
    }
}
