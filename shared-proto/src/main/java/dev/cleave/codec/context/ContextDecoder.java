package dev.cleave.codec.context;

import java.nio.ByteBuffer;

/** The decoder half of {@link ContextCoder}. Immutable. */
final class ContextDecoder {
    private static final int MASK = DecodingTables.MASK;
    private static final int SLOT_TO_ENTRY = DecodingTables.SLOT_TO_ENTRY;

    private final ContextModel model;
    private final Predictor predictor;
    private final int levels;
    /** {@link Predictor#tableOf}, as the index of the table's first slot. */
    private final int[] slotsOf;

    private final byte[] slots;
    private final int[] entries;

    ContextDecoder(ContextModel model, Predictor predictor, int levels) {
        this.model = model;
        this.predictor = predictor;
        this.levels = levels;
        DecodingTables decoding = new DecodingTables(model.tables());
        slots = decoding.slots;
        entries = decoding.entries;
        slotsOf = new int[predictor.tableOf.length];
        for (int i = 0; i < slotsOf.length; i++) {
            slotsOf[i] = predictor.tableOf[i] << SymbolTable.SCALE_BITS;
        }
    }

    /** As {@link ContextCoder#decode}, into planes. */
    String decode(ByteBuffer body, Planes planes, byte[] planar, ContextScratch scratch) {
        CodedWords words = scratch.words;
        scratch.roomForRows(planes);
        String unreadable = words.open(body);
        if (unreadable != null) {
            return unreadable;
        }
        int area = planes.area();
        int grouped = planes.count() / Rans.LANES * Rans.LANES;
        for (int plane = 0; plane < grouped && !words.isCorrupt(); plane += Rans.LANES) {
            decodeFour(planes, plane, planar, scratch);
        }
        for (int plane = grouped; plane < planes.count() && !words.isCorrupt(); plane++) {
            int channel = planes.channel(plane);
            for (int y = 0; y < planes.height(); y++) {
                int row = plane * area + y * planes.width();
                decodeRow(channel, row, y, planes.width(), planar, plane - grouped, scratch);
            }
        }
        return words.fault();
    }

    private void decodeRow(int channel, int row, int y, int width, byte[] planar, int lane, ContextScratch scratch) {
        CodedWords words = scratch.words;
        int[] north = scratch.north[0];
        int previous = predictor.north(planar, row, y, width, channel, north);
        int weight = predictor.west[channel];
        int bin = predictor.firstBin[channel];
        int state = words.states[lane];
        for (int x = 0; x < width; x++) {
            int table = slotsOf[bin + clamped(north[x] + weight * previous, predictor.lastBin)];
            int index = slots[table | state & MASK] & 0xff;
            int entry = entries[(table >> SLOT_TO_ENTRY) + index];
            state = words.advanced(state, entry);
            previous = entry & 0xff;
            if (index == 0) {
                previous = escaped(state, table, words);
                state = words.afterEscaped(state);
            }
            planar[row + x] = (byte) previous;
        }
        words.states[lane] = state;
    }

    /** The symbol that follows an escape in plain. */
    private int escaped(int state, int table, CodedWords words) {
        int symbol = CodedWords.escaped(state);
        if (symbol >= levels
                || model.tables().get(table >> SymbolTable.SCALE_BITS).has(symbol)) {
            words.corrupt();
        }
        return symbol;
    }

    private void decodeFour(Planes planes, int plane, byte[] planar, ContextScratch scratch) {
        int width = planes.width();
        int area = planes.area();
        for (int lane = 0; lane < Rans.LANES; lane++) {
            scratch.channels[lane] = planes.channel(plane + lane);
        }
        for (int y = 0; y < planes.height(); y++) {
            decodeFourRows(plane * area + y * width, y, width, area, planar, scratch);
        }
    }

    /**
     * A row of each of four planes. Long, because it is the loop that decoding's time goes into: lanes stand side by side,
     * so that one lane's table look-ups hide another's.
     */
    private void decodeFourRows(int row, int y, int width, int area, byte[] planar, ContextScratch scratch) {
        CodedWords words = scratch.words;
        int channel0 = scratch.channels[0];
        int channel1 = scratch.channels[1];
        int channel2 = scratch.channels[2];
        int channel3 = scratch.channels[3];
        int[] north0 = scratch.north[0];
        int[] north1 = scratch.north[1];
        int[] north2 = scratch.north[2];
        int[] north3 = scratch.north[3];
        int row1 = row + area;
        int row2 = row1 + area;
        int row3 = row2 + area;
        int symbol0 = predictor.north(planar, row, y, width, channel0, north0);
        int symbol1 = predictor.north(planar, row1, y, width, channel1, north1);
        int symbol2 = predictor.north(planar, row2, y, width, channel2, north2);
        int symbol3 = predictor.north(planar, row3, y, width, channel3, north3);
        int west0 = predictor.west[channel0];
        int west1 = predictor.west[channel1];
        int west2 = predictor.west[channel2];
        int west3 = predictor.west[channel3];
        int bin0 = predictor.firstBin[channel0];
        int bin1 = predictor.firstBin[channel1];
        int bin2 = predictor.firstBin[channel2];
        int bin3 = predictor.firstBin[channel3];
        int last = predictor.lastBin;
        int[] slotsOf = this.slotsOf;
        byte[] slots = this.slots;
        int[] entries = this.entries;
        int state0 = words.states[0];
        int state1 = words.states[1];
        int state2 = words.states[2];
        int state3 = words.states[3];
        for (int x = 0; x < width; x++) {
            int table0 = slotsOf[bin0 + clamped(north0[x] + west0 * symbol0, last)];
            int table1 = slotsOf[bin1 + clamped(north1[x] + west1 * symbol1, last)];
            int table2 = slotsOf[bin2 + clamped(north2[x] + west2 * symbol2, last)];
            int table3 = slotsOf[bin3 + clamped(north3[x] + west3 * symbol3, last)];
            int index0 = slots[table0 | state0 & MASK] & 0xff;
            int index1 = slots[table1 | state1 & MASK] & 0xff;
            int index2 = slots[table2 | state2 & MASK] & 0xff;
            int index3 = slots[table3 | state3 & MASK] & 0xff;
            int entry0 = entries[(table0 >> SLOT_TO_ENTRY) + index0];
            int entry1 = entries[(table1 >> SLOT_TO_ENTRY) + index1];
            int entry2 = entries[(table2 >> SLOT_TO_ENTRY) + index2];
            int entry3 = entries[(table3 >> SLOT_TO_ENTRY) + index3];
            state0 = words.advanced(state0, entry0);
            symbol0 = entry0 & 0xff;
            if (index0 == 0) {
                symbol0 = escaped(state0, table0, words);
                state0 = words.afterEscaped(state0);
            }
            state1 = words.advanced(state1, entry1);
            symbol1 = entry1 & 0xff;
            if (index1 == 0) {
                symbol1 = escaped(state1, table1, words);
                state1 = words.afterEscaped(state1);
            }
            state2 = words.advanced(state2, entry2);
            symbol2 = entry2 & 0xff;
            if (index2 == 0) {
                symbol2 = escaped(state2, table2, words);
                state2 = words.afterEscaped(state2);
            }
            state3 = words.advanced(state3, entry3);
            symbol3 = entry3 & 0xff;
            if (index3 == 0) {
                symbol3 = escaped(state3, table3, words);
                state3 = words.afterEscaped(state3);
            }
            planar[row + x] = (byte) symbol0;
            planar[row1 + x] = (byte) symbol1;
            planar[row2 + x] = (byte) symbol2;
            planar[row3 + x] = (byte) symbol3;
        }
        words.states[0] = state0;
        words.states[1] = state1;
        words.states[2] = state2;
        words.states[3] = state3;
    }

    private static int clamped(int prediction, int last) {
        return Math.max(0, Math.min(last, prediction >> ContextModel.PREDICTION_BITS));
    }
}
