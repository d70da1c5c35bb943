package dev.cleave.codec;

import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;

/**
 * Unsigned LEB128 of 0..2^31-1: seven bits a byte, the least significant first, the top bit set on all but the last.
 * Only the shortest form is read.
 */
final class Varint {
    private static final int MAX_BYTES = 5;

    private Varint() {}

    /** Bytes that {@link #put} writes. */
    static int size(int value) {
        int size = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }

    static void put(ByteBuffer out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /**
     * @param spec of the tensor that the error names; put together only if there is one, as headers are read for every payload
     * @param field the same
     */
    static int get(ByteBuffer in, TensorSpec spec, String field) throws CodecException {
        long value = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            if (!in.hasRemaining()) {
                throw new CodecException(named(spec, field) + " ends after " + i + " bytes of its varint");
            }
            byte next = in.get();
            value |= (next & 0x7fL) << 7 * i;
            if (next >= 0) {
                if (next == 0 && i > 0 || value > Integer.MAX_VALUE) {
                    throw new CodecException(named(spec, field) + " is not the shortest varint of a value below 2^31");
                }
                return (int) value;
            }
        }
        throw new CodecException(named(spec, field) + " is a varint of more than " + MAX_BYTES + " bytes");
    }

    private static String named(TensorSpec spec, String field) {
        return EncodedTensor.named(spec) + " " + field;
    }
}
