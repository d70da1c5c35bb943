package dev.cleave.codec.context;

import java.util.Arrays;

/**
 * How often each symbol comes in one context, in parts of {@link #SCALE}. Immutable.
 *
 * <p>It lists a window of symbols {@code first .. first + size - 1}; whatever lies outside is an <i>escape</i>, and then
 * follows in plain. So every symbol stays possible, and symbols that calibration never saw cost no table.
 */
public final class SymbolTable {
    /** Bits of a probability. */
    public static final int SCALE_BITS = 11;
    /** What the frequencies of a table add up to, the escape's included. */
    public static final int SCALE = 1 << SCALE_BITS;
    /** Symbols in a window, at most: with the escape, as many as a byte can tell apart. */
    public static final int MAX_SIZE = 255;
    /** One more than the largest symbol. */
    public static final int MAX_SYMBOLS = 256;

    private final int first;
    private final int escape;
    private final int[] frequencies;

    /**
     * @param first smallest symbol of the window
     * @param escape frequency of all symbols outside of it, at least 1
     * @param frequencies of the symbols from {@code first} on, each at least 1
     * @throws IllegalArgumentException naming what is out of its range
     */
    public SymbolTable(int first, int escape, int[] frequencies) {
        this.first = first;
        this.escape = escape;
        this.frequencies = frequencies.clone();
        if (frequencies.length < 1 || frequencies.length > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "symbol table of " + frequencies.length + " symbols; expected 1 to " + MAX_SIZE);
        }
        if (first < 0 || first > MAX_SYMBOLS - frequencies.length) {
            throw new IllegalArgumentException("symbol table of " + frequencies.length + " symbols from " + first
                    + "; expected them within 0 to " + (MAX_SYMBOLS - 1));
        }
        long sum = escape;
        boolean positive = escape > 0;
        for (int frequency : frequencies) {
            positive &= frequency > 0;
            sum += frequency;
        }
        if (!positive || sum != SCALE) {
            throw new IllegalArgumentException("symbol table with escape " + escape + " and frequencies "
                    + Arrays.toString(frequencies) + "; expected 1 or more each, " + SCALE + " together");
        }
    }

    public int first() {
        return first;
    }

    public int escape() {
        return escape;
    }

    /** Symbols in the window. */
    public int size() {
        return frequencies.length;
    }

    /** @param index from the window's first symbol */
    public int frequency(int index) {
        return frequencies[index];
    }

    /** Whether the window has this symbol. */
    public boolean has(int symbol) {
        return symbol >= first && symbol < first + frequencies.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SymbolTable
                && first == ((SymbolTable) other).first
                && Arrays.equals(frequencies, ((SymbolTable) other).frequencies);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(frequencies) * 31 + first;
    }

    @Override
    public String toString() {
        return "symbols " + first + ".." + (first + frequencies.length - 1) + ", escape " + escape + "/" + SCALE;
    }
}
