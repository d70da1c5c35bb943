package dev.cleave.codec.context;

import dev.cleave.codec.context.ContextModel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Seeded context models and symbols for tests. */
public final class SampleModels {
    private SampleModels() {}

    /** Each neighbour counts a fourth; a table per bin, its window around the bin's symbols. */
    public static ContextModel smooth(int axis, int channels, int levels) {
        int bins = Math.min(ContextModel.MAX_BINS, levels);
        int quarter = 64 * (bins - 1) / (levels - 1);
        List<Channel> all = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            all.add(new Channel(c % levels, c % 2, 128, quarter, quarter, quarter, quarter));
        }
        List<Integer> tableOf = new ArrayList<>();
        List<SymbolTable> tables = new ArrayList<>();
        for (int bin = 0; bin < bins; bin++) {
            tables.add(peaked(bin * (levels - 1) / Math.max(1, bins - 1), levels));
        }
        for (int context = 0; context < 2 * bins; context++) {
            tableOf.add(context % bins);
        }
        return new ContextModel(axis, all, bins, tableOf, tables);
    }

    private static SymbolTable peaked(int middle, int levels) {
        int first = Math.max(0, middle - 3);
        int last = Math.min(levels - 1, middle + 3);
        int[] frequencies = new int[last - first + 1];
        int left = SymbolTable.SCALE - 5;
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 + 200 / (1 + Math.abs(first + i - middle));
            left -= frequencies[i];
        }
        frequencies[middle - first] += left;
        return new SymbolTable(first, 5, frequencies);
    }

    /** Planes whose neighbours are alike: slopes up and down, an eighth of the symbols one higher. */
    public static byte[] slopes(int count, int height, int width, int levels, long seed) {
        Random random = new Random(seed);
        byte[] symbols = new byte[count];
        for (int i = 0; i < count; i++) {
            int along = (i % width + i / width % height) / 3 + i / (width * height);
            int slope = Math.abs(along % (2 * levels - 2) - (levels - 1));
            symbols[i] = (byte) Math.min(levels - 1, slope + (random.nextInt(8) == 0 ? 1 : 0));
        }
        return symbols;
    }

    /** Symbols that wander: mostly near the one before, sometimes anywhere. */
    public static byte[] wandering(int count, int levels, long seed) {
        Random random = new Random(seed);
        byte[] symbols = new byte[count];
        int at = levels / 2;
        for (int i = 0; i < count; i++) {
            at = random.nextInt(40) == 0 ? random.nextInt(levels) : at + random.nextInt(3) - 1;
            at = Math.max(0, Math.min(levels - 1, at));
            symbols[i] = (byte) at;
        }
        return symbols;
    }
}
