package dev.cleave.codec.temporal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a coded tensor tells about itself before its symbols: how they are predicted, and how well. Mutable; one owner.
 *
 * <p>Predictions have weights of {@link #TERMS} terms, in 64ths, other ones in each of {@link #SETS} sets of places, from those
 * where nothing happens to those where much does. Each {@link #CLASSES class} of places has a width of
 * {@link ResidualTables}.
 *
 * <pre>
 * +---------+--------------- ... --+---------------------+
 * | u8 sets | 7 * i8 per bit set   | 16 * 5 bits, widths |
 * +---------+--------------- ... --+---------------------+
 * </pre>
 *
 * A set whose bit is not set has the {@link #USUAL} weights.
 */
final class FrameModel {
    static final int SETS = 4;
    /**
     * With Δ what changed since the reference, r the reference, b what was before it: ΔW, ΔN, then r's W, N, E, S neighbours less
     * r, and b - r.
     */
    static final int TERMS = 7;

    static final int CLASSES = 16;
    static final int MAX_HEADER_BYTES = 1 + SETS * TERMS + 10;

    private static final int WIDTH_BITS = 5;
    private static final int WIDTH_BYTES = CLASSES * WIDTH_BITS / 8;

    private static final int[] USUAL = {
        12, 10, 3, 3, 2, 2, 22,
        14, 11, 4, 4, 3, 4, 16,
        16, 6, 3, 0, 3, 12, 6,
        16, 4, 2, 2, 2, 8, 2
    };

    /** By set, then term. */
    final int[] weights = USUAL.clone();
    /** By class. */
    final int[] widths = new int[CLASSES];
    /** Bit s: set s has weights of its own. */
    private int own;

    FrameModel() {
        for (int c = 0; c < CLASSES; c++) {
            widths[c] = 2 + c * 6 / 5;
        }
    }

    static int usual(int set, int term) {
        return USUAL[set * TERMS + term];
    }

    /** Gives a set weights of its own, each within -128..127. */
    void set(int set, int[] own) {
        System.arraycopy(own, 0, weights, set * TERMS, TERMS);
        this.own |= 1 << set;
    }

    /** Takes over all of another model. */
    void copy(FrameModel other) {
        System.arraycopy(other.weights, 0, weights, 0, weights.length);
        System.arraycopy(other.widths, 0, widths, 0, widths.length);
        own = other.own;
    }

    /** Gives a set the usual weights. */
    void unset(int set) {
        System.arraycopy(USUAL, set * TERMS, weights, set * TERMS, TERMS);
        own &= ~(1 << set);
    }

    /** @return number of bytes */
    int write(byte[] into) {
        int at = 0;
        into[at++] = (byte) own;
        for (int set = 0; set < SETS; set++) {
            for (int term = 0; (own >> set & 1) != 0 && term < TERMS; term++) {
                into[at++] = (byte) weights[set * TERMS + term];
            }
        }
        Arrays.fill(into, at, at + WIDTH_BYTES, (byte) 0);
        for (int bit = 0; bit < CLASSES * WIDTH_BITS; bit++) {
            int value = widths[bit / WIDTH_BITS] >> bit % WIDTH_BITS & 1;
            into[at + bit / 8] |= (byte) (value << bit % 8);
        }
        return at + WIDTH_BYTES;
    }

    /**
     * Reads what {@link #write} wrote; moves the buffer.
     *
     * @return null, or why nothing can have written this
     */
    String read(ByteBuffer in) {
        int available = in.remaining();
        if (available == 0) {
            return "no bytes";
        }
        own = in.get() & 0xff;
        if (own >= 1 << SETS) {
            return "weights of sets " + own + "; expected bits 0 to " + (SETS - 1) + " only";
        }
        int expected = Integer.bitCount(own) * TERMS + WIDTH_BYTES;
        if (in.remaining() < expected) {
            return available + " bytes; expected " + (1 + expected) + " before its symbols";
        }
        System.arraycopy(USUAL, 0, weights, 0, USUAL.length);
        for (int set = 0; set < SETS; set++) {
            for (int term = 0; (own >> set & 1) != 0 && term < TERMS; term++) {
                weights[set * TERMS + term] = in.get();
            }
        }
        Arrays.fill(widths, 0);
        for (int bit = 0, octet = 0; bit < CLASSES * WIDTH_BITS; bit++) {
            octet = bit % 8 == 0 ? in.get() : octet;
            widths[bit / WIDTH_BITS] |= (octet >> bit % 8 & 1) << bit % WIDTH_BITS;
        }
        return null;
    }
}
