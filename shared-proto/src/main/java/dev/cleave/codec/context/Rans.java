package dev.cleave.codec.context;

/**
 * The numbers of a range variant of asymmetric numeral systems (J. Duda, arXiv:1311.2540), interleaved as by F. Giesen
 * (arXiv:1402.3392): four states share one stream of 16-bit words, and the order in which symbols are decoded says whose
 * the next word is.
 *
 * <p>A state is in 2^15..2^31-1 between symbols. Decoding a symbol of frequency f (of 2^11) and cumulative frequency c:
 *
 * <pre>
 *   x' = f * (x >> 11) + (x & 2047) - c;    if x' < 2^15: x' = x' * 2^16 + next word
 * </pre>
 *
 * One word is always enough, and the encoder, which goes backwards, writes one exactly where the decoder reads one.
 */
final class Rans {
    static final int LANES = 4;
    /** Smallest state, the one an encoder starts with and a decoder must end with. */
    static final int LOW = 1 << 15;

    static final int WORD_BITS = 16;
    static final int HEADER_BYTES = LANES * 4;

    private static final int SCALE_BITS = SymbolTable.SCALE_BITS;
    private static final int MASK = SymbolTable.SCALE - 1;
    /** Raw symbols have a 256th of the scale each. */
    static final int RAW_BITS = SCALE_BITS - 8;

    /** A frequency f times this is the state from which on a word has to leave before coding. */
    static final int LIMIT_BITS = 15 - SCALE_BITS + WORD_BITS;

    private static final int SHIFT_AT = 2 * SCALE_BITS;
    private static final int RECIPROCAL_AT = SHIFT_AT + 4;

    private Rans() {}

    /**
     * What the encoder needs of a symbol, packed: cumulative frequency (11 bits), frequency (11), shift (4), reciprocal
     * (32). The reciprocal is {@code ceil(2^(31 + shift) / f)} with the smallest shift that has 2^shift at least f, which
     * makes {@code x * reciprocal >> 31 + shift} the exact quotient of any 31-bit x (T. Granlund, P. Montgomery: Division
     * by invariant integers using multiplication, 1994, theorem 4.2).
     *
     * @param frequency 1..2047
     * @return never 0
     */
    static long code(int cumulative, int frequency) {
        int shift = 32 - Integer.numberOfLeadingZeros(frequency - 1);
        long reciprocal = ((1L << 31 + shift) + frequency - 1) / frequency;
        return reciprocal << RECIPROCAL_AT | (long) shift << SHIFT_AT | (long) frequency << SCALE_BITS | cumulative;
    }

    static int frequency(long code) {
        return (int) (code >>> SCALE_BITS) & MASK;
    }

    /** The state with a symbol put in, for one that is below {@code frequency << LIMIT_BITS}. */
    static int put(int state, long code) {
        int quotient = (int) (state * (code >>> RECIPROCAL_AT) >>> 31 + ((int) (code >>> SHIFT_AT) & 0xf));
        return state + ((int) code & MASK) + quotient * (SymbolTable.SCALE - frequency(code));
    }
}
