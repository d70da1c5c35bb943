package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.DecodingTables;
import dev.cleave.codec.context.Planes;
import dev.cleave.codec.context.SymbolTable;
import java.util.List;

/** The decoder half of {@link TemporalCoder}. Immutable. */
final class TemporalDecoder {
    private static final int LANES = CodedWords.LANES;
    private static final int MASK = DecodingTables.MASK;
    private static final int SLOT_TO_ENTRY = DecodingTables.SLOT_TO_ENTRY;
    private static final int ZERO = ResidualTables.ZERO;

    /** Made when the first tensor is decoded: half a megabyte. */
    private static final class Tables {
        static final List<SymbolTable> RESIDUALS = ResidualTables.all();
        static final DecodingTables DECODING = new DecodingTables(RESIDUALS);
    }

    private final int levels;

    TemporalDecoder(int levels) {
        this.levels = levels;
    }

    /**
     * Decodes all planes; model and words are in the scratch already.
     *
     * @param reference plane by plane, as what was before it and the symbols
     */
    String decode(Planes planes, byte[] reference, byte[] before, byte[] symbols, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        int[] slotsOf = slotsOf(scratch.model);
        scratch.motion.begin(planes);
        for (int plane = 0; plane < planes.count() && !words.isCorrupt(); plane += LANES) {
            int lanes = Math.min(LANES, planes.count() - plane);
            scratch.motion.blur(planes);
            for (int lane = 0; lane < lanes; lane++) {
                scratch.lanes[lane].begin(
                        planes, plane + lane, reference, before, scratch.motion.blurred, scratch.model);
            }
            if (lanes == LANES) {
                decodeFour(planes, plane, slotsOf, symbols, scratch);
            } else {
                for (int lane = 0; lane < lanes; lane++) {
                    decodePlane(planes, plane + lane, lane, slotsOf, symbols, scratch);
                }
            }
            for (int lane = 0; lane < lanes; lane++) {
                scratch.motion.add(planes, scratch.lanes[lane].changed);
            }
        }
        return words.fault();
    }

    /** By context: the first slot of its table. */
    private static int[] slotsOf(FrameModel model) {
        int[] slotsOf = new int[FrameModel.CLASSES * ResidualTables.POSITIONS];
        for (int i = 0; i < slotsOf.length; i++) {
            int width = model.widths[i / ResidualTables.POSITIONS];
            slotsOf[i] = width * ResidualTables.POSITIONS + i % ResidualTables.POSITIONS << SymbolTable.SCALE_BITS;
        }
        return slotsOf;
    }

    private void decodePlane(
            Planes planes, int plane, int lane, int[] slotsOf, byte[] symbols, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        byte[] slots = Tables.DECODING.slots;
        int[] entries = Tables.DECODING.entries;
        Expectation expected = scratch.lanes[lane];
        int stride = Expectation.stride(planes);
        int w = scratch.model.weights[0];
        int n = scratch.model.weights[1];
        int last = (levels << 6) - 1;
        int to = plane * planes.area();
        int state = words.states[lane];
        int out = 0;
        for (int y = 1; y <= planes.height(); y++) {
            int west = 0;
            for (int i = y * stride + 1; i <= y * stride + planes.width(); i++) {
                int north = expected.changed[i - stride];
                int p = Math.max(0, Math.min(last, expected.base[i] + w * west + n * north));
                int activity = expected.activity[i] + (Math.abs(west) + Math.abs(north) << Expectation.CHANGE_SHIFT);
                int table = slotsOf[Expectation.context(p, activity)];
                int index = slots[table | state & MASK] & 0xff;
                int entry = entries[(table >> SLOT_TO_ENTRY) + index];
                int symbol = (p >> 6) + (entry & 0xff) - ZERO;
                state = words.advanced(state, entry);
                if (index == 0) {
                    symbol = escaped(state, p, table, words);
                    state = words.afterEscaped(state);
                }
                out |= symbol | levels - 1 - symbol;
                symbols[to++] = (byte) symbol;
                west = symbol - expected.reference[i];
                expected.changed[i] = west;
            }
        }
        words.states[lane] = state;
        if (out < 0) {
            words.corrupt();
        }
    }

    /** The symbol behind an escape: one that the table does not have. */
    private static int escaped(int state, int prediction, int table, CodedWords words) {
        int symbol = CodedWords.escaped(state);
        int residual = symbol - (prediction >> 6);
        if (Tables.RESIDUALS.get(table >> SymbolTable.SCALE_BITS).has(residual + ZERO)) {
            words.corrupt();
        }
        return symbol;
    }

    private void decodeFour(Planes planes, int plane, int[] slotsOf, byte[] symbols, TemporalScratch scratch) {
        int stride = Expectation.stride(planes);
        int to = plane * planes.area();
        for (int y = 1; y <= planes.height(); y++, to += planes.width()) {
            decodeFourRows(planes, y * stride + 1, to, slotsOf, symbols, scratch);
        }
    }

    /**
     * A row of each of four planes. Long, because it is the loop that decoding's time goes into: lanes stand side by side,
     * so that one lane's table look-ups hide another's.
     */
    private void decodeFourRows(
            Planes planes, int row, int to, int[] slotsOf, byte[] symbols, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        byte[] slots = Tables.DECODING.slots;
        int[] entries = Tables.DECODING.entries;
        int width = planes.width();
        int stride = width + 2;
        int to1 = to + planes.area();
        int to2 = to1 + planes.area();
        int to3 = to2 + planes.area();
        int w = scratch.model.weights[0];
        int n = scratch.model.weights[1];
        int levels = this.levels;
        int last = (levels << 6) - 1;
        Expectation expected0 = scratch.lanes[0];
        Expectation expected1 = scratch.lanes[1];
        Expectation expected2 = scratch.lanes[2];
        Expectation expected3 = scratch.lanes[3];
        int[] changed0 = expected0.changed;
        int[] changed1 = expected1.changed;
        int[] changed2 = expected2.changed;
        int[] changed3 = expected3.changed;
        int state0 = words.states[0];
        int state1 = words.states[1];
        int state2 = words.states[2];
        int state3 = words.states[3];
        int west0 = 0;
        int west1 = 0;
        int west2 = 0;
        int west3 = 0;
        int out = 0;
        for (int x = 0; x < width; x++) {
            int i = row + x;
            int north0 = changed0[i - stride];
            int north1 = changed1[i - stride];
            int north2 = changed2[i - stride];
            int north3 = changed3[i - stride];
            int p0 = Math.max(0, Math.min(last, expected0.base[i] + w * west0 + n * north0));
            int p1 = Math.max(0, Math.min(last, expected1.base[i] + w * west1 + n * north1));
            int p2 = Math.max(0, Math.min(last, expected2.base[i] + w * west2 + n * north2));
            int p3 = Math.max(0, Math.min(last, expected3.base[i] + w * west3 + n * north3));
            int activity0 = expected0.activity[i] + (Math.abs(west0) + Math.abs(north0) << Expectation.CHANGE_SHIFT);
            int activity1 = expected1.activity[i] + (Math.abs(west1) + Math.abs(north1) << Expectation.CHANGE_SHIFT);
            int activity2 = expected2.activity[i] + (Math.abs(west2) + Math.abs(north2) << Expectation.CHANGE_SHIFT);
            int activity3 = expected3.activity[i] + (Math.abs(west3) + Math.abs(north3) << Expectation.CHANGE_SHIFT);
            int table0 = slotsOf[Expectation.context(p0, activity0)];
            int table1 = slotsOf[Expectation.context(p1, activity1)];
            int table2 = slotsOf[Expectation.context(p2, activity2)];
            int table3 = slotsOf[Expectation.context(p3, activity3)];
            int index0 = slots[table0 | state0 & MASK] & 0xff;
            int index1 = slots[table1 | state1 & MASK] & 0xff;
            int index2 = slots[table2 | state2 & MASK] & 0xff;
            int index3 = slots[table3 | state3 & MASK] & 0xff;
            int entry0 = entries[(table0 >> SLOT_TO_ENTRY) + index0];
            int entry1 = entries[(table1 >> SLOT_TO_ENTRY) + index1];
            int entry2 = entries[(table2 >> SLOT_TO_ENTRY) + index2];
            int entry3 = entries[(table3 >> SLOT_TO_ENTRY) + index3];
            int symbol0 = (p0 >> 6) + (entry0 & 0xff) - ZERO;
            int symbol1 = (p1 >> 6) + (entry1 & 0xff) - ZERO;
            int symbol2 = (p2 >> 6) + (entry2 & 0xff) - ZERO;
            int symbol3 = (p3 >> 6) + (entry3 & 0xff) - ZERO;
            state0 = words.advanced(state0, entry0);
            if (index0 == 0) {
                symbol0 = escaped(state0, p0, table0, words);
                state0 = words.afterEscaped(state0);
            }
            state1 = words.advanced(state1, entry1);
            if (index1 == 0) {
                symbol1 = escaped(state1, p1, table1, words);
                state1 = words.afterEscaped(state1);
            }
            state2 = words.advanced(state2, entry2);
            if (index2 == 0) {
                symbol2 = escaped(state2, p2, table2, words);
                state2 = words.afterEscaped(state2);
            }
            state3 = words.advanced(state3, entry3);
            if (index3 == 0) {
                symbol3 = escaped(state3, p3, table3, words);
                state3 = words.afterEscaped(state3);
            }
            out |= symbol0 | symbol1 | symbol2 | symbol3;
            out |= levels - 1 - symbol0 | levels - 1 - symbol1 | levels - 1 - symbol2 | levels - 1 - symbol3;
            symbols[to + x] = (byte) symbol0;
            symbols[to1 + x] = (byte) symbol1;
            symbols[to2 + x] = (byte) symbol2;
            symbols[to3 + x] = (byte) symbol3;
            west0 = symbol0 - expected0.reference[i];
            west1 = symbol1 - expected1.reference[i];
            west2 = symbol2 - expected2.reference[i];
            west3 = symbol3 - expected3.reference[i];
            changed0[i] = west0;
            changed1[i] = west1;
            changed2[i] = west2;
            changed3[i] = west3;
        }
        words.states[0] = state0;
        words.states[1] = state1;
        words.states[2] = state2;
        words.states[3] = state3;
        if (out < 0) {
            words.corrupt();
        }
    }
}
