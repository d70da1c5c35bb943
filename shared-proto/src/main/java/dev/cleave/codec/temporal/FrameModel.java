package dev.cleave.codec.temporal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a coded tensor tells about itself before its symbols: the weights of the terms from which they are predicted, in 64ths, and
 * for each class of activity the width of the distribution around that ({@link ResidualTables}). Mutable; one owner.
 *
 * <pre>
 * +--------------+---------------------+
 * | 7 i8 weights | 16 * 5 bits, widths |
 * +--------------+---------------------+
 * </pre>
 */
final class FrameModel {
    /** See {@link Expectation}. */
    static final int TERMS = 7;

    static final int CLASSES = 16;

    private static final int WIDTH_BITS = 5;
    private static final int WIDTH_BYTES = CLASSES * WIDTH_BITS / 8;
    static final int BYTES = TERMS + WIDTH_BYTES;

    /** What served most videos that were tried. */
    private static final int[] USUAL = {13, 11, 3, 3, 2, 3, 18};

    final int[] weights = USUAL.clone();
    /** By class. */
    final int[] widths = new int[CLASSES];

    FrameModel() {
        for (int c = 0; c < CLASSES; c++) {
            widths[c] = 2 + c * 6 / 5;
        }
    }

    static int usual(int term) {
        return USUAL[term];
    }

    /** Takes over all of another model. */
    void copy(FrameModel other) {
        System.arraycopy(other.weights, 0, weights, 0, TERMS);
        System.arraycopy(other.widths, 0, widths, 0, CLASSES);
    }

    void write(byte[] into) {
        for (int term = 0; term < TERMS; term++) {
            into[term] = (byte) weights[term];
        }
        Arrays.fill(into, TERMS, BYTES, (byte) 0);
        for (int bit = 0; bit < CLASSES * WIDTH_BITS; bit++) {
            int value = widths[bit / WIDTH_BITS] >> bit % WIDTH_BITS & 1;
            into[TERMS + bit / 8] |= (byte) (value << bit % 8);
        }
    }

    /**
     * Reads what {@link #write} wrote; moves the buffer.
     *
     * @return null, or why nothing can have written this
     */
    String read(ByteBuffer in) {
        if (in.remaining() < BYTES) {
            return in.remaining() + " bytes; expected " + BYTES + " before its symbols";
        }
        for (int term = 0; term < TERMS; term++) {
            weights[term] = in.get();
        }
        Arrays.fill(widths, 0);
        for (int bit = 0, octet = 0; bit < CLASSES * WIDTH_BITS; bit++) {
            octet = bit % 8 == 0 ? in.get() : octet;
            widths[bit / WIDTH_BITS] |= (octet >> bit % 8 & 1) << bit % WIDTH_BITS;
        }
        return null;
    }
}
