package dev.cleave.partition.context;

import dev.cleave.codec.context.ContextModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins tables of counts until few are left: again and again those two whose joint table codes their symbols with the fewest
 * additional bits. Goes on below {@link ContextModel#MAX_TABLES} while a pair costs less than a table takes in the contract.
 * Immutable.
 */
final class TableMerger {
    /** A table is some 40 characters of the contract; to earn them it has to save that much over all inputs seen. */
    private static final double WORTH_BITS = 256;

    private final int[][] tables;
    private final double[] bits;
    /** Cost of joining i with a later j. */
    private final double[][] costs;
    /** Of each table, the j with the lowest cost. */
    private final int[] nearest;

    private final int[] joinedTo;
    private final int bins;

    /** @param counts by context, those of a group's bins together; at least one of them not empty */
    TableMerger(int[][] counts, int bins) {
        this.bins = bins;
        int count = counts.length;
        tables = new int[count][];
        bits = new double[count];
        costs = new double[count][count];
        nearest = new int[count];
        joinedTo = new int[count];
        int alive = 0;
        for (int i = 0; i < count; i++) {
            tables[i] = Arrays.stream(counts[i]).anyMatch(n -> n > 0) ? counts[i].clone() : null;
            bits[i] = tables[i] == null ? 0 : bits(tables[i], tables[i], 0);
            joinedTo[i] = i;
            alive += tables[i] == null ? 0 : 1;
        }
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; tables[i] != null && j < count; j++) {
                costs[i][j] = cost(i, j);
            }
            findNearest(i);
        }
        join(alive);
    }

    private void join(int alive) {
        for (int left = alive; left > 1; left--) {
            int best = -1;
            for (int i = 0; i < tables.length; i++) {
                if (nearest[i] >= 0 && (best < 0 || costs[i][nearest[i]] < costs[best][nearest[best]])) {
                    best = i;
                }
            }
            if (left <= ContextModel.MAX_TABLES && costs[best][nearest[best]] > WORTH_BITS) {
                return;
            }
            join(best, nearest[best]);
        }
    }

    private void join(int into, int gone) {
        for (int s = 0; s < tables[into].length; s++) {
            tables[into][s] += tables[gone][s];
        }
        bits[into] = bits(tables[into], tables[into], 0);
        tables[gone] = null;
        nearest[gone] = -1;
        for (int i = 0; i < joinedTo.length; i++) {
            joinedTo[i] = joinedTo[i] == gone ? into : joinedTo[i];
        }
        for (int i = 0; i < tables.length; i++) {
            if (i != into && tables[i] != null) {
                costs[Math.min(i, into)][Math.max(i, into)] = cost(i, into);
            }
        }
        for (int i = 0; i < tables.length; i++) {
            if (i == into || nearest[i] == into || nearest[i] == gone) {
                findNearest(i);
            } else if (i < into && nearest[i] >= 0 && costs[i][into] < costs[i][nearest[i]]) {
                nearest[i] = into;
            }
        }
    }

    private void findNearest(int i) {
        nearest[i] = -1;
        for (int j = i + 1; tables[i] != null && j < tables.length; j++) {
            if (tables[j] != null && (nearest[i] < 0 || costs[i][j] < costs[i][nearest[i]])) {
                nearest[i] = j;
            }
        }
    }

    private double cost(int i, int j) {
        return tables[j] == null ? Double.POSITIVE_INFINITY : bits(tables[i], tables[j], 1) - bits[i] - bits[j];
    }

    /** What the symbols counted in {@code a}, and in {@code b} times {@code share}, cost with one table for them. */
    private static double bits(int[] a, int[] b, int share) {
        double bits = 0;
        int total = 0;
        for (int s = 0; s < a.length; s++) {
            int n = a[s] + b[s] * share;
            total += n;
            bits -= timesLog(n);
        }
        return bits + timesLog(total);
    }

    private static final double[] SMALL = new double[1 << 12];

    static {
        for (int n = 2; n < SMALL.length; n++) {
            SMALL[n] = n * Math.log(n) / Math.log(2);
        }
    }

    private static double timesLog(int n) {
        return n < SMALL.length ? SMALL[n] : n * Math.log(n) * (1 / Math.log(2));
    }

    /** What is left, in the order of {@link #tableOf}'s indices. */
    List<int[]> tables() {
        return Arrays.stream(tables).filter(table -> table != null).toList();
    }

    /** For each context the index of its table; a context without symbols has that of the nearest bin of its group. */
    List<Integer> tableOf() {
        int[] index = new int[tables.length];
        int next = 0;
        for (int i = 0; i < tables.length; i++) {
            index[i] = tables[i] == null ? -1 : next++;
        }
        List<Integer> tableOf = new ArrayList<>();
        for (int context = 0; context < tables.length; context++) {
            tableOf.add(Math.max(0, index[joinedTo[nearestSeen(context)]]));
        }
        return tableOf;
    }

    private int nearestSeen(int context) {
        int first = context / bins * bins;
        for (int distance = 0; distance < bins; distance++) {
            for (int other : new int[] {context - distance, context + distance}) {
                if (other >= first && other < first + bins && tables[joinedTo[other]] != null) {
                    return other;
                }
            }
        }
        return context;
    }
}
