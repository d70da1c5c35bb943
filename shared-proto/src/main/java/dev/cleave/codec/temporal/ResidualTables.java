package dev.cleave.codec.temporal;

import dev.cleave.codec.context.SymbolTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How far symbols lie from their prediction: logistic distributions of {@link #WIDTHS} widths, each for predictions at four
 * positions between two symbols, and one for predictions at symbol 0, below which there is nothing. They need no calibration,
 * and are made by whole numbers alone, so that both sides have the same on every machine.
 *
 * <p>Width t is a logistic distribution of scale {@code 2^(t/3 - 5)} symbols. Between two eighths of a symbol its odds change
 * by the factor {@code DECAY[t] / 2^30}, hence
 *
 * <pre>
 *   power[0] = 2^30     power[j + 1] = power[j] * DECAY[t] / 2^30
 *   below(j)  = TOTAL * 2^30 / (2^30 + power[j])           TOTAL * power[-j] / (2^30 + power[-j]) for negative j
 *   frequency of e = below(8 e + 4 - offset) - below(8 e - 4 - offset)         divisions round down
 * </pre>
 *
 * with the prediction's offset from the nearest symbol in eighths: -3, -1, 1, 3. At symbol 0 the offset is 0, and all that
 * would lie below belongs to 0. Residuals of up to 2 have at least the frequency 1; a table's window ends on either side
 * before the first residual without any, and what is left of 2,048 is the escape's.
 *
 * <p>Tables list residuals plus {@link #ZERO}, as {@link SymbolTable}s know no negative symbols.
 */
final class ResidualTables {
    /** Widths, three to each doubling. */
    static final int WIDTHS = 32;
    /** Of a prediction: four quarters, and {@link #EDGE}. */
    static final int POSITIONS = 5;
    /** The position of predictions at symbol 0. */
    static final int EDGE = 4;
    /** What stands for the residual 0 in a table. */
    static final int ZERO = 128;
    /** Residuals beyond, either way, are always escapes. */
    static final int LARGEST = 127;

    private static final int ONE = 1 << 30;
    private static final int TOTAL = SymbolTable.SCALE - 6;
    private static final int EIGHTHS = 8;
    private static final int ALWAYS = 2;

    /** {@code round(2^30 * exp(-2^(2 - t/3)))}. */
    static final int[] DECAY = {
        19666268, 44884959, 86406487, 145315154, 219533273, 304595239, 395007542, 485512160,
        571888667, 651257337, 722021268, 783620304, 836230973, 880491018, 917281796, 947573834,
        972327122, 992433287, 1008687096, 1021777029, 1032287328, 1040706261, 1047437221, 1052810562,
        1057095000, 1060507969, 1063224686, 1065385899, 1067104381, 1068470315, 1069555701, 1070417958
    };

    private ResidualTables() {}

    /** A table for each width and position: index {@code width * POSITIONS + position}. */
    static List<SymbolTable> all() {
        List<SymbolTable> tables = new ArrayList<>(WIDTHS * POSITIONS);
        for (int decay : DECAY) {
            int[] power = powers(decay);
            for (int position = 0; position < EDGE; position++) {
                tables.add(table(frequencies(power, 2 * position - 3, false)));
            }
            tables.add(table(frequencies(power, 0, true)));
        }
        return Collections.unmodifiableList(tables);
    }

    private static int[] powers(int decay) {
        int[] power = new int[EIGHTHS * (LARGEST + 2)];
        power[0] = ONE;
        for (int j = 1; j < power.length; j++) {
            power[j] = (int) ((long) power[j - 1] * decay >> 30);
        }
        return power;
    }

    private static int below(int[] power, int eighths) {
        long odds = power[Math.abs(eighths)];
        return (int) (TOTAL * (eighths < 0 ? odds : ONE) / (ONE + odds));
    }

    /** By residual plus {@link #ZERO}. */
    private static int[] frequencies(int[] power, int offset, boolean edge) {
        int[] frequencies = new int[SymbolTable.MAX_SYMBOLS];
        for (int e = edge ? 0 : -LARGEST; e <= LARGEST; e++) {
            int from = edge && e == 0 ? 0 : below(power, EIGHTHS * e - 4 - offset);
            int frequency = below(power, EIGHTHS * e + 4 - offset) - from;
            frequencies[e + ZERO] = Math.abs(e) <= ALWAYS ? Math.max(1, frequency) : frequency;
        }
        return frequencies;
    }

    private static SymbolTable table(int[] frequencies) {
        int first = ZERO;
        int last = ZERO;
        while (frequencies[first - 1] > 0) {
            first--;
        }
        while (last < SymbolTable.MAX_SYMBOLS - 1 && frequencies[last + 1] > 0) {
            last++;
        }
        int[] window = new int[last - first + 1];
        int escape = SymbolTable.SCALE;
        for (int i = 0; i < window.length; i++) {
            window[i] = frequencies[first + i];
            escape -= window[i];
        }
        return new SymbolTable(first, escape, window);
    }
}
