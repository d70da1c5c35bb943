package dev.cleave.codec.context;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The decoder half of {@link ContextCoder}. Immutable. */
final class ContextDecoder {
    private static final int MASK = SymbolTable.SCALE - 1;
    /** An entry: symbol (8 bits), frequency (11), cumulative frequency (11). */
    private static final int FREQUENCY_AT = 8;

    private static final int CUMULATIVE_AT = FREQUENCY_AT + SymbolTable.SCALE_BITS;
    /** From a table's first slot to its first entry. */
    private static final int SLOT_TO_ENTRY = SymbolTable.SCALE_BITS - 8;

    private final ContextModel model;
    private final Predictor predictor;
    private final int levels;
    /** {@link Predictor#tableOf}, as the index of the table's first slot. */
    private final int[] slotsOf;
    /** By table and low bits of the state: which entry of the table; 0 is the escape. */
    private final byte[] slots;
    /** By table, 256 each. */
    private final int[] entries;

    ContextDecoder(ContextModel model, Predictor predictor, int levels) {
        this.model = model;
        this.predictor = predictor;
        this.levels = levels;
        int count = model.tables().size();
        slots = new byte[count << SymbolTable.SCALE_BITS];
        entries = new int[count << 8];
        for (int index = 0; index < count; index++) {
            SymbolTable table = model.tables().get(index);
            entries[index << 8] = table.escape() << FREQUENCY_AT;
            int cumulative = table.escape();
            for (int i = 0; i < table.size(); i++) {
                int frequency = table.frequency(i);
                entries[(index << 8) + i + 1] =
                        cumulative << CUMULATIVE_AT | frequency << FREQUENCY_AT | table.first() + i;
                int slot = (index << SymbolTable.SCALE_BITS) + cumulative;
                Arrays.fill(slots, slot, slot + frequency, (byte) (i + 1));
                cumulative += frequency;
            }
        }
        slotsOf = new int[predictor.tableOf.length];
        for (int i = 0; i < slotsOf.length; i++) {
            slotsOf[i] = predictor.tableOf[i] << SymbolTable.SCALE_BITS;
        }
    }

    /** As {@link ContextCoder#decode}, into planes. */
    String decode(ByteBuffer body, Planes planes, byte[] planar, ContextScratch scratch) {
        int end = body.remaining();
        if (!ContextCoder.possibleLength(end)) {
            return end + " bytes; expected an even number from " + Rans.HEADER_BYTES + " on";
        }
        scratch.roomForRows(planes);
        scratch.roomForBytes(end + 2);
        body.get(scratch.coded, 0, end);
        // Whoever reads beyond the end reads these; the end is checked once, afterwards.
        scratch.coded[end] = 0;
        scratch.coded[end + 1] = 0;
        scratch.at = Rans.HEADER_BYTES;
        scratch.corrupt = false;
        if (!readStates(scratch)) {
            return "a state below " + Rans.LOW;
        }
        int area = planes.area();
        int grouped = planes.count() / Rans.LANES * Rans.LANES;
        for (int plane = 0; plane < grouped && !scratch.corrupt; plane += Rans.LANES) {
            decodeFour(planes, plane, planar, end, scratch);
        }
        for (int plane = grouped; plane < planes.count() && !scratch.corrupt; plane++) {
            int channel = planes.channel(plane);
            for (int y = 0; y < planes.height(); y++) {
                int row = plane * area + y * planes.width();
                decodeRow(channel, row, y, planes.width(), planar, plane - grouped, end, scratch);
            }
        }
        return fault(end, scratch);
    }

    private static boolean readStates(ContextScratch scratch) {
        boolean good = true;
        for (int lane = 0; lane < Rans.LANES; lane++) {
            int state = 0;
            for (int i = 3; i >= 0; i--) {
                state = state << 8 | scratch.coded[lane * 4 + i] & 0xff;
            }
            scratch.states[lane] = state;
            good &= state >= Rans.LOW;
        }
        return good;
    }

    private static String fault(int end, ContextScratch scratch) {
        if (scratch.corrupt) {
            return "an escape that no encoder writes";
        }
        if (scratch.at != end) {
            return end + " bytes, of which its symbols take " + (scratch.at < end ? scratch.at : "more");
        }
        for (int state : scratch.states) {
            if (state != Rans.LOW) {
                return "symbols that end in state " + state + "; expected " + Rans.LOW;
            }
        }
        return null;
    }

    private void decodeRow(
            int channel, int row, int y, int width, byte[] planar, int lane, int end, ContextScratch scratch) {
        int[] north = scratch.north[0];
        int previous = predictor.north(planar, row, y, width, channel, north);
        int weight = predictor.west[channel];
        int bin = predictor.firstBin[channel];
        int state = scratch.states[lane];
        for (int x = 0; x < width; x++) {
            int table = slotsOf[bin + clamped(north[x] + weight * previous, predictor.lastBin)];
            int index = slots[table | state & MASK] & 0xff;
            int entry = entries[(table >> SLOT_TO_ENTRY) + index];
            state = advanced(state, entry, end, scratch);
            previous = entry & 0xff;
            if (index == 0) {
                previous = escaped(state, table, scratch);
                state = advanced(state, rawEntry(state), end, scratch);
            }
            planar[row + x] = (byte) previous;
        }
        scratch.states[lane] = state;
    }

    private static int advanced(int state, int entry, int end, ContextScratch scratch) {
        int next = (entry >>> FREQUENCY_AT & MASK) * (state >>> SymbolTable.SCALE_BITS)
                + (state & MASK)
                - (entry >>> CUMULATIVE_AT);
        return next < Rans.LOW ? next << Rans.WORD_BITS | word(end, scratch) : next;
    }

    private static int word(int end, ContextScratch scratch) {
        int from = Math.min(scratch.at, end);
        scratch.at = from + 2;
        return scratch.coded[from] & 0xff | (scratch.coded[from + 1] & 0xff) << 8;
    }

    /** The symbol that follows an escape in plain. */
    private int escaped(int state, int table, ContextScratch scratch) {
        int symbol = (state & MASK) >>> Rans.RAW_BITS;
        scratch.corrupt |= symbol >= levels
                || model.tables().get(table >> SymbolTable.SCALE_BITS).has(symbol);
        return symbol;
    }

    /** Its entry, as if from a table in which all symbols are equally frequent. */
    private static int rawEntry(int state) {
        int cumulative = state & MASK & -(1 << Rans.RAW_BITS);
        return cumulative << CUMULATIVE_AT | 1 << Rans.RAW_BITS << FREQUENCY_AT;
    }

    private void decodeFour(Planes planes, int plane, byte[] planar, int end, ContextScratch scratch) {
        int width = planes.width();
        int area = planes.area();
        for (int lane = 0; lane < Rans.LANES; lane++) {
            scratch.channels[lane] = planes.channel(plane + lane);
        }
        for (int y = 0; y < planes.height(); y++) {
            decodeFourRows(plane * area + y * width, y, width, area, planar, end, scratch);
        }
    }

    /**
     * A row of each of four planes. Long, because it is the loop that decoding's time goes into: lanes stand side by side,
     * so that one lane's table look-ups hide another's.
     */
    private void decodeFourRows(int row, int y, int width, int area, byte[] planar, int end, ContextScratch scratch) {
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
        int state0 = scratch.states[0];
        int state1 = scratch.states[1];
        int state2 = scratch.states[2];
        int state3 = scratch.states[3];
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
            state0 = advanced(state0, entry0, end, scratch);
            symbol0 = entry0 & 0xff;
            if (index0 == 0) {
                symbol0 = escaped(state0, table0, scratch);
                state0 = advanced(state0, rawEntry(state0), end, scratch);
            }
            state1 = advanced(state1, entry1, end, scratch);
            symbol1 = entry1 & 0xff;
            if (index1 == 0) {
                symbol1 = escaped(state1, table1, scratch);
                state1 = advanced(state1, rawEntry(state1), end, scratch);
            }
            state2 = advanced(state2, entry2, end, scratch);
            symbol2 = entry2 & 0xff;
            if (index2 == 0) {
                symbol2 = escaped(state2, table2, scratch);
                state2 = advanced(state2, rawEntry(state2), end, scratch);
            }
            state3 = advanced(state3, entry3, end, scratch);
            symbol3 = entry3 & 0xff;
            if (index3 == 0) {
                symbol3 = escaped(state3, table3, scratch);
                state3 = advanced(state3, rawEntry(state3), end, scratch);
            }
            planar[row + x] = (byte) symbol0;
            planar[row1 + x] = (byte) symbol1;
            planar[row2 + x] = (byte) symbol2;
            planar[row3 + x] = (byte) symbol3;
        }
        scratch.states[0] = state0;
        scratch.states[1] = state1;
        scratch.states[2] = state2;
        scratch.states[3] = state3;
    }

    private static int clamped(int prediction, int last) {
        return Math.max(0, Math.min(last, prediction >> ContextModel.PREDICTION_BITS));
    }
}
