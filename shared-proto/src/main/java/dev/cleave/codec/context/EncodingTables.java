package dev.cleave.codec.context;

import java.util.List;

/** What a writer needs of some {@link SymbolTable}s, worked out once. Immutable. */
public final class EncodingTables {
    /** By table, then symbol: {@link Rans#code}, or 0 outside of the table's window. */
    private final long[] codes;
    /** Of the escape, by table. */
    private final long[] escapes;

    public EncodingTables(List<SymbolTable> tables) {
        codes = new long[tables.size() * SymbolTable.MAX_SYMBOLS];
        escapes = new long[tables.size()];
        for (int index = 0; index < escapes.length; index++) {
            SymbolTable table = tables.get(index);
            escapes[index] = Rans.code(0, table.escape());
            int cumulative = table.escape();
            for (int i = 0; i < table.size(); i++) {
                codes[index * SymbolTable.MAX_SYMBOLS + table.first() + i] = Rans.code(cumulative, table.frequency(i));
                cumulative += table.frequency(i);
            }
        }
    }

    /** For {@link CodedWords#put}; 0 outside of the table's window. */
    public long code(int table, int symbol) {
        return codes[table * SymbolTable.MAX_SYMBOLS + symbol];
    }

    /** For {@link CodedWords#putEscaped}. */
    public long escape(int table) {
        return escapes[table];
    }
}
