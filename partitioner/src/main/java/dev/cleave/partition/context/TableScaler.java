package dev.cleave.partition.context;

import dev.cleave.codec.context.SymbolTable;

/** Makes frequencies of counts. */
final class TableScaler {
    /** What is added to each count of the window: a symbol not seen between two that were is not impossible. */
    private static final double SMOOTHING = 0.3;
    /** A symbol at the window's end that is rarer than one in this many costs others more than its escapes would. */
    private static final int RARE = 8 * SymbolTable.SCALE;

    private TableScaler() {}

    /** @param counts by symbol, not all 0 */
    static SymbolTable scaled(int[] counts) {
        long total = 0;
        for (int count : counts) {
            total += count;
        }
        int first = 0;
        int last = counts.length - 1;
        while ((long) counts[first] * RARE < total) {
            first++;
        }
        while ((long) counts[last] * RARE < total) {
            last--;
        }
        while (last - first >= SymbolTable.MAX_SIZE) {
            if (counts[first] < counts[last]) {
                first++;
            } else {
                last--;
            }
        }
        return scaled(counts, first, last, total);
    }

    private static SymbolTable scaled(int[] counts, int first, int last, long total) {
        int[] frequencies = new int[last - first + 1];
        long inside = 0;
        for (int i = 0; i < frequencies.length; i++) {
            inside += counts[first + i];
        }
        double outside = total - inside + SMOOTHING;
        double scale = SymbolTable.SCALE / (inside + frequencies.length * SMOOTHING + outside);
        int escape = (int) Math.max(1, Math.round(outside * scale));
        int left = SymbolTable.SCALE - escape;
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (int) Math.max(1, Math.round((counts[first + i] + SMOOTHING) * scale));
            left -= frequencies[i];
        }
        while (left != 0) {
            int most = 0;
            for (int i = 1; i < frequencies.length; i++) {
                most = frequencies[i] > frequencies[most] ? i : most;
            }
            // A few at a time: a single symbol must not pay for the rounding of all.
            int change = Math.max(-(frequencies[most] / 16 + 1), Math.min(frequencies[most] / 16 + 1, left));
            frequencies[most] += change;
            left -= change;
        }
        return new SymbolTable(first, escape, frequencies);
    }
}
