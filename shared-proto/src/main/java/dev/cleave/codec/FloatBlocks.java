package dev.cleave.codec;

import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * Moves blocks of a floating-point tensor, of whatever width, to and from a {@code float} array, so that the codecs'
 * inner loops run over arrays of one type. A float64 is rounded to the nearest float on its way.
 */
final class FloatBlocks {
    /** Elements per block: a multiple of 8, so that a block of packed symbols ends on a byte. */
    static final int SIZE = 4096;

    private FloatBlocks() {}

    /** Reads elements {@code from .. from + count}. */
    static void read(Tensor tensor, int from, float[] block, int count) {
        ByteBuffer data = at(tensor, from);
        switch (tensor.type()) {
            case FLOAT32:
                data.asFloatBuffer().get(block, 0, count);
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

    /** Writes elements {@code from .. from + count}. */
    static void write(Tensor tensor, int from, float[] block, int count) {
        ByteBuffer data = at(tensor, from);
        switch (tensor.type()) {
            case FLOAT32:
                data.asFloatBuffer().put(block, 0, count);
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

    private static ByteBuffer at(Tensor tensor, int element) {
        ByteBuffer data = tensor.data();
        ((Buffer) data).position(element * tensor.type().bytes());
        return data;
    }
}
