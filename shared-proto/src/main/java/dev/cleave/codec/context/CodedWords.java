package dev.cleave.codec.context;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of interleaved rANS ({@link Rans}): four initial states (unsigned, 32 bits, little-endian), then 16-bit words. A
 * writer fills them from the end, a reader takes them from the start. Belongs to whoever codes, one thread at a time; grows to
 * the most bytes it has seen.
 */
public final class CodedWords {
    /** How many lanes take turns. */
    public static final int LANES = Rans.LANES;

    private static final int MASK = SymbolTable.SCALE - 1;
    /** An entry: symbol (8 bits), frequency (11), cumulative frequency (11). */
    static final int FREQUENCY_AT = 8;

    static final int CUMULATIVE_AT = FREQUENCY_AT + SymbolTable.SCALE_BITS;

    /** States of the lanes, between two runs of a coder's loop. */
    public final int[] states = new int[Rans.LANES];

    private byte[] coded = {};
    /** Where the next word is: behind it when writing. */
    private int at;
    /** When reading. */
    private int end;

    private boolean corrupt;

    /** Whether coded bytes of this number can be so many symbols, whatever they are: each takes two words at most. */
    public static boolean possibleLength(int bytes, long symbols) {
        return bytes >= Rans.HEADER_BYTES && bytes % 2 == 0 && bytes - Rans.HEADER_BYTES <= 4 * symbols;
    }

    /** Bytes that were written: from {@link #from} on. */
    public byte[] coded() {
        return coded;
    }

    /** Where they begin. */
    public int from() {
        return at;
    }

    /**
     * Begins to write.
     *
     * @param limit bytes that there is room for
     * @return false if not even the states fit
     */
    public boolean begin(int limit) {
        if (limit < Rans.HEADER_BYTES) {
            return false;
        }
        room(limit);
        at = limit;
        Arrays.fill(states, Rans.LOW);
        return true;
    }

    /** Whether so many symbols fit, whatever they are: {@link #put} and {@link #putEscaped} do not look. */
    public boolean fits(int symbols) {
        return at >= 2 * 2 * symbols;
    }

    /**
     * Codes a symbol before those coded so far; writes a word at most.
     *
     * @param code of {@link EncodingTables}, not 0
     * @return the state afterwards
     */
    public int put(int state, long code) {
        int room = state;
        if (state >= Rans.frequency(code) << Rans.LIMIT_BITS) {
            coded[at - 2] = (byte) state;
            coded[at - 1] = (byte) (state >>> 8);
            at -= 2;
            room = state >>> Rans.WORD_BITS;
        }
        return Rans.put(room, code);
    }

    /** Codes a symbol outside of its table's window; writes two words at most. */
    public int putEscaped(int state, long escape, int symbol) {
        long raw = Rans.code(symbol << Rans.RAW_BITS, 1 << Rans.RAW_BITS);
        return put(put(state, raw), escape);
    }

    /**
     * Writes the states, after which the bytes are complete.
     *
     * @return false if they would reach the limit
     */
    public boolean finish() {
        if (at <= Rans.HEADER_BYTES) {
            return false;
        }
        for (int lane = Rans.LANES - 1; lane >= 0; lane--) {
            int state = states[lane];
            for (int shift = 24; shift >= 0; shift -= 8) {
                coded[--at] = (byte) (state >>> shift);
            }
        }
        return true;
    }

    /**
     * Puts other bytes before those written so far.
     *
     * @return false if they would reach the limit
     */
    public boolean prepend(byte[] bytes, int count) {
        if (at <= count) {
            return false;
        }
        at -= count;
        System.arraycopy(bytes, 0, coded, at, count);
        return true;
    }

    /**
     * Begins to read.
     *
     * @param body position to limit; its position is moved
     * @return null, or why these are no coded symbols
     */
    public String open(ByteBuffer body) {
        end = body.remaining();
        if (!possibleLength(end, end)) {
            return end + " bytes; expected an even number from " + Rans.HEADER_BYTES + " on";
        }
        room(end + 2);
        body.get(coded, 0, end);
        // Whoever reads beyond the end reads these; the end is checked once, afterwards.
        coded[end] = 0;
        coded[end + 1] = 0;
        at = Rans.HEADER_BYTES;
        corrupt = false;
        return readStates() ? null : "a state below " + Rans.LOW;
    }

    private boolean readStates() {
        boolean good = true;
        for (int lane = 0; lane < Rans.LANES; lane++) {
            int state = 0;
            for (int i = 3; i >= 0; i--) {
                state = state << 8 | coded[lane * 4 + i] & 0xff;
            }
            states[lane] = state;
            good &= state >= Rans.LOW;
        }
        return good;
    }

    /** The state after a symbol. */
    public int advanced(int state, int entry) {
        int next = (entry >>> FREQUENCY_AT & MASK) * (state >>> SymbolTable.SCALE_BITS)
                + (state & MASK)
                - (entry >>> CUMULATIVE_AT);
        return next < Rans.LOW ? next << Rans.WORD_BITS | word() : next;
    }

    private int word() {
        int from = Math.min(at, end);
        at = from + 2;
        return coded[from] & 0xff | (coded[from + 1] & 0xff) << 8;
    }

    /** The symbol that follows an escape in plain. */
    public static int escaped(int state) {
        return (state & MASK) >>> Rans.RAW_BITS;
    }

    /** The state after such a symbol: as if from a table in which all symbols are equally frequent. */
    public int afterEscaped(int state) {
        int cumulative = state & MASK & -(1 << Rans.RAW_BITS);
        return advanced(state, cumulative << CUMULATIVE_AT | 1 << Rans.RAW_BITS << FREQUENCY_AT);
    }

    /** Notes a symbol that no encoder writes. */
    public void corrupt() {
        corrupt = true;
    }

    /** Whether there was one: what follows means nothing. */
    public boolean isCorrupt() {
        return corrupt;
    }

    /** After the last symbol: null, or why no encoder can have written this. */
    public String fault() {
        if (corrupt) {
            return "a symbol that no encoder writes";
        }
        if (at != end) {
            return end + " bytes, of which its symbols take " + (at < end ? at : "more");
        }
        for (int state : states) {
            if (state != Rans.LOW) {
                return "symbols that end in state " + state + "; expected " + Rans.LOW;
            }
        }
        return null;
    }

    private void room(int bytes) {
        if (coded.length < bytes) {
            coded = new byte[bytes];
        }
    }
}
