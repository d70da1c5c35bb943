package dev.cleave.codec.context;

import java.util.Arrays;
import java.util.List;

/**
 * What a reader needs of some {@link SymbolTable}s, worked out once. Immutable; its arrays are open to the loops that decoding's
 * time goes into, which do not write to them:
 *
 * <pre>
 *   index = slots[table &lt;&lt; SCALE_BITS | state &amp; MASK]    0 is the escape
 *   entry = entries[table &lt;&lt; 8 | index]              symbol in its low 8 bits; the rest is for {@link CodedWords#advanced}
 * </pre>
 */
public final class DecodingTables {
    /** Low bits of a state. */
    public static final int MASK = SymbolTable.SCALE - 1;
    /** From a table's first slot to its first entry. */
    public static final int SLOT_TO_ENTRY = SymbolTable.SCALE_BITS - 8;

    public final byte[] slots;
    public final int[] entries;

    public DecodingTables(List<SymbolTable> tables) {
        int count = tables.size();
        slots = new byte[count << SymbolTable.SCALE_BITS];
        entries = new int[count << 8];
        for (int index = 0; index < count; index++) {
            SymbolTable table = tables.get(index);
            entries[index << 8] = table.escape() << CodedWords.FREQUENCY_AT;
            int cumulative = table.escape();
            for (int i = 0; i < table.size(); i++) {
                int frequency = table.frequency(i);
                entries[(index << 8) + i + 1] = cumulative << CodedWords.CUMULATIVE_AT
                        | frequency << CodedWords.FREQUENCY_AT
                        | table.first() + i;
                int slot = (index << SymbolTable.SCALE_BITS) + cumulative;
                Arrays.fill(slots, slot, slot + frequency, (byte) (i + 1));
                cumulative += frequency;
            }
        }
    }
}
