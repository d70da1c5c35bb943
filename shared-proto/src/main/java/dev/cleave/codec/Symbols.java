package dev.cleave.codec;

/**
 * Symbols of 1 to 8 bits packed without gaps: symbol i takes bits {@code i*width .. i*width+width-1} of the stream,
 * whose bit k is bit {@code k % 8} (0 the lowest) of byte {@code k / 8}. Unused bits of the last byte are 0.
 */
final class Symbols {
    private Symbols() {}

    /** Bits that symbols {@code 0..levels-1} take. */
    static int width(int levels) {
        return 32 - Integer.numberOfLeadingZeros(levels - 1);
    }

    static long packedBytes(long count, int width) {
        return (count * width + 7) / 8;
    }

    /** Packs the first {@code count} symbols. */
    static byte[] pack(byte[] symbols, int count, int width) {
        byte[] packed = new byte[(int) packedBytes(count, width)];
        int accumulator = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < count; i++) {
            accumulator |= (symbols[i] & 0xff) << held;
            held += width;
            if (held >= 8) {
                packed[at++] = (byte) accumulator;
                accumulator >>>= 8;
                held -= 8;
            }
        }
        if (held > 0) {
            packed[at] = (byte) accumulator;
        }
        return packed;
    }

    /**
     * Unpacks the first {@code count} symbols of {@code packed}, which holds them all.
     *
     * @return false if an unused bit of their last byte is set
     */
    static boolean unpack(byte[] packed, int width, byte[] symbols, int count) {
        int mask = (1 << width) - 1;
        int accumulator = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (held < width) {
                accumulator |= (packed[at++] & 0xff) << held;
                held += 8;
            }
            symbols[i] = (byte) (accumulator & mask);
            accumulator >>>= width;
            held -= width;
        }
        return accumulator == 0;
    }
}
