package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.DecodingTables;
import dev.cleave.codec.context.Planes;
import dev.cleave.codec.context.SymbolTable;
import java.util.List;

/** The decoder half of {@link TemporalCoder}. Immutable. */
final class TemporalDecoder {
    private static final int MASK = DecodingTables.MASK;
    private static final int SLOT_TO_ENTRY = DecodingTables.SLOT_TO_ENTRY;

    /** Made when the first tensor is decoded: half a megabyte. */
    private static final class Tables {
        static final List<SymbolTable> RESIDUALS = ResidualTables.all();
        static final DecodingTables DECODING = new DecodingTables(RESIDUALS);
    }

    private final int levels;
    private final byte[] slots = Tables.DECODING.slots;
    private final int[] entries = Tables.DECODING.entries;

    TemporalDecoder(int levels) {
        this.levels = levels;
    }

    /** Decodes all planes into {@code scratch.symbols}; the reference, the model and the words are there already. */
    String decode(Planes planes, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        int[] slotsOf = slotsOf(scratch.model);
        int grouped = planes.count() / CodedWords.LANES * CodedWords.LANES;
        for (int plane = 0; plane < planes.count() && !words.isCorrupt(); plane += CodedWords.LANES) {
            scratch.lookAtMotion(planes);
            if (plane < grouped) {
                decodeFour(planes, plane, slotsOf, scratch);
            } else {
                for (int lane = 0; plane + lane < planes.count(); lane++) {
                    decodePlane(planes, plane + lane, lane, slotsOf, scratch);
                }
            }
            for (int done = plane; done < Math.min(plane + CodedWords.LANES, planes.count()); done++) {
                scratch.addMotion(planes, done);
            }
        }
        return words.fault();
    }

    /** By class, then position: the first slot of the table. */
    private static int[] slotsOf(FrameModel model) {
        int[] slotsOf = new int[FrameModel.CLASSES * ResidualTables.POSITIONS];
        for (int i = 0; i < slotsOf.length; i++) {
            int width = model.widths[i / ResidualTables.POSITIONS];
            slotsOf[i] = width * ResidualTables.POSITIONS + i % ResidualTables.POSITIONS << SymbolTable.SCALE_BITS;
        }
        return slotsOf;
    }

    private void decodePlane(Planes planes, int plane, int lane, int[] slotsOf, TemporalScratch scratch) {
        int width = planes.width();
        int row = TemporalScratch.first(planes, plane);
        int ofPlane = Surroundings.ofPlane(scratch.reference, scratch.before, row, planes.height(), width);
        Surroundings around = scratch.rows[0];
        for (int y = 0; y < planes.height(); y++, row += width + 2) {
            around.take(scratch, row, width, ofPlane, y * width, scratch.model.weights);
            decodeRow(around, row, width, lane, slotsOf, scratch);
        }
    }

    private void decodeRow(Surroundings around, int row, int width, int lane, int[] slotsOf, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        byte[] reference = scratch.reference;
        byte[] symbols = scratch.symbols;
        int[] base = around.base;
        int[] west = around.west;
        int[] activity = around.activity;
        int last = (levels << 6) - 1;
        int state = words.states[lane];
        int changed = 0;
        for (int x = 0; x < width; x++) {
            int p = Math.max(0, Math.min(last, base[x] + west[x] * changed));
            int table = slotsOf[TemporalCoder.context(p, activity[x] + Surroundings.WEST * Math.abs(changed))];
            int index = slots[table | state & MASK] & 0xff;
            int entry = entries[(table >> SLOT_TO_ENTRY) + index];
            state = words.advanced(state, entry);
            int symbol = (p >> 6) + (entry & 0xff) - ResidualTables.ZERO;
            if (index == 0) {
                symbol = CodedWords.escaped(state);
                state = words.afterEscaped(state);
            }
            check(symbol, index, p, table, words);
            symbols[row + x] = (byte) symbol;
            changed = (symbol & 0xff) - (reference[row + x] & 0xff);
        }
        words.states[lane] = state;
    }

    /** Notes symbols out of range, and those behind an escape that the table has. */
    private void check(int symbol, int index, int prediction, int table, CodedWords words) {
        if (symbol < 0 || symbol >= levels || index == 0 && isListed(symbol - (prediction >> 6), table)) {
            words.corrupt();
        }
    }

    private static boolean isListed(int residual, int table) {
        return Tables.RESIDUALS.get(table >> SymbolTable.SCALE_BITS).has(residual + ResidualTables.ZERO);
    }

    private void decodeFour(Planes planes, int plane, int[] slotsOf, TemporalScratch scratch) {
        int width = planes.width();
        int[] ofPlane = new int[CodedWords.LANES];
        for (int lane = 0; lane < CodedWords.LANES; lane++) {
            int first = TemporalScratch.first(planes, plane + lane);
            ofPlane[lane] = Surroundings.ofPlane(scratch.reference, scratch.before, first, planes.height(), width);
        }
        for (int y = 0; y < planes.height(); y++) {
            int row = TemporalScratch.first(planes, plane) + y * (width + 2);
            for (int lane = 0; lane < CodedWords.LANES; lane++) {
                int at = row + lane * TemporalScratch.paddedArea(planes);
                scratch.rows[lane].take(scratch, at, width, ofPlane[lane], y * width, scratch.model.weights);
            }
            decodeFourRows(row, width, TemporalScratch.paddedArea(planes), slotsOf, scratch);
        }
    }

    /**
     * A row of each of four planes. Long, because it is the loop that decoding's time goes into: lanes stand side by side,
     * so that one lane's table look-ups hide another's.
     */
    private void decodeFourRows(int row, int width, int area, int[] slotsOf, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        byte[] reference = scratch.reference;
        byte[] symbols = scratch.symbols;
        byte[] slots = this.slots;
        int[] entries = this.entries;
        int last = (levels << 6) - 1;
        Surroundings around0 = scratch.rows[0];
        Surroundings around1 = scratch.rows[1];
        Surroundings around2 = scratch.rows[2];
        Surroundings around3 = scratch.rows[3];
        int state0 = words.states[0];
        int state1 = words.states[1];
        int state2 = words.states[2];
        int state3 = words.states[3];
        int changed0 = 0;
        int changed1 = 0;
        int changed2 = 0;
        int changed3 = 0;
        for (int x = 0; x < width; x++) {
            int p0 = Math.max(0, Math.min(last, around0.base[x] + around0.west[x] * changed0));
            int p1 = Math.max(0, Math.min(last, around1.base[x] + around1.west[x] * changed1));
            int p2 = Math.max(0, Math.min(last, around2.base[x] + around2.west[x] * changed2));
            int p3 = Math.max(0, Math.min(last, around3.base[x] + around3.west[x] * changed3));
            int activity0 = around0.activity[x] + Surroundings.WEST * Math.abs(changed0);
            int activity1 = around1.activity[x] + Surroundings.WEST * Math.abs(changed1);
            int activity2 = around2.activity[x] + Surroundings.WEST * Math.abs(changed2);
            int activity3 = around3.activity[x] + Surroundings.WEST * Math.abs(changed3);
            int table0 = slotsOf[TemporalCoder.context(p0, activity0)];
            int table1 = slotsOf[TemporalCoder.context(p1, activity1)];
            int table2 = slotsOf[TemporalCoder.context(p2, activity2)];
            int table3 = slotsOf[TemporalCoder.context(p3, activity3)];
            int index0 = slots[table0 | state0 & MASK] & 0xff;
            int index1 = slots[table1 | state1 & MASK] & 0xff;
            int index2 = slots[table2 | state2 & MASK] & 0xff;
            int index3 = slots[table3 | state3 & MASK] & 0xff;
            int entry0 = entries[(table0 >> SLOT_TO_ENTRY) + index0];
            int entry1 = entries[(table1 >> SLOT_TO_ENTRY) + index1];
            int entry2 = entries[(table2 >> SLOT_TO_ENTRY) + index2];
            int entry3 = entries[(table3 >> SLOT_TO_ENTRY) + index3];
            int symbol0 = (p0 >> 6) + (entry0 & 0xff) - ResidualTables.ZERO;
            int symbol1 = (p1 >> 6) + (entry1 & 0xff) - ResidualTables.ZERO;
            int symbol2 = (p2 >> 6) + (entry2 & 0xff) - ResidualTables.ZERO;
            int symbol3 = (p3 >> 6) + (entry3 & 0xff) - ResidualTables.ZERO;
            state0 = words.advanced(state0, entry0);
            if (index0 == 0) {
                symbol0 = CodedWords.escaped(state0);
                state0 = words.afterEscaped(state0);
            }
            state1 = words.advanced(state1, entry1);
            if (index1 == 0) {
                symbol1 = CodedWords.escaped(state1);
                state1 = words.afterEscaped(state1);
            }
            state2 = words.advanced(state2, entry2);
            if (index2 == 0) {
                symbol2 = CodedWords.escaped(state2);
                state2 = words.afterEscaped(state2);
            }
            state3 = words.advanced(state3, entry3);
            if (index3 == 0) {
                symbol3 = CodedWords.escaped(state3);
                state3 = words.afterEscaped(state3);
            }
            check(symbol0, index0, p0, table0, words);
            check(symbol1, index1, p1, table1, words);
            check(symbol2, index2, p2, table2, words);
            check(symbol3, index3, p3, table3, words);
            int at = row + x;
            symbols[at] = (byte) symbol0;
            symbols[at + area] = (byte) symbol1;
            symbols[at + 2 * area] = (byte) symbol2;
            symbols[at + 3 * area] = (byte) symbol3;
            changed0 = (symbol0 & 0xff) - (reference[at] & 0xff);
            changed1 = (symbol1 & 0xff) - (reference[at + area] & 0xff);
            changed2 = (symbol2 & 0xff) - (reference[at + 2 * area] & 0xff);
            changed3 = (symbol3 & 0xff) - (reference[at + 3 * area] & 0xff);
        }
        words.states[0] = state0;
        words.states[1] = state1;
        words.states[2] = state2;
        words.states[3] = state3;
    }
}
