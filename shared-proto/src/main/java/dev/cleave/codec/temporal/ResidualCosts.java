package dev.cleave.codec.temporal;

import dev.cleave.codec.context.SymbolTable;
import java.util.List;

/** What a residual costs with each of the {@link ResidualTables}, for an encoder that weighs bits. Immutable. */
final class ResidualCosts {
    /** From one table's costs to the next one's. */
    static final int STRIDE = SymbolTable.MAX_SYMBOLS;
    /** An escape is followed by the symbol itself. */
    private static final int PLAIN_BITS = 8;

    private static final int UNIT = 256;

    private final int[] costs;

    ResidualCosts(List<SymbolTable> tables) {
        costs = new int[tables.size() * STRIDE];
        for (int table = 0; table < tables.size(); table++) {
            for (int i = 0; i < STRIDE; i++) {
                costs[first(table) + i] = cost(tables.get(table), i);
            }
        }
    }

    private static int cost(SymbolTable table, int index) {
        boolean listed = table.has(index);
        int frequency = listed ? table.frequency(index - table.first()) : table.escape();
        double bits = Math.log((double) SymbolTable.SCALE / frequency) / Math.log(2) + (listed ? 0 : PLAIN_BITS);
        return (int) Math.round(UNIT * bits);
    }

    static int first(int table) {
        return table * STRIDE;
    }

    /** A residual as the tables list it; 0 for one that none of them lists. */
    static int index(int residual) {
        return residual < -ResidualTables.LARGEST || residual > ResidualTables.LARGEST
                ? 0
                : residual + ResidualTables.ZERO;
    }

    /**
     * The cost of a residual in 256ths of a bit.
     *
     * @param first of its table
     * @param index of the residual
     */
    int of(int first, int index) {
        return costs[first + index];
    }
}
