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
            for (int y = 0; y < planes.height(); y++) {
                int row = plane * area + y * planes.width();
                decodeRow(planes.channel(plane), row, y, planes.width(), planar, plane - grouped, end, scratch);
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
        int[] north = scratch.north[lane];
        int previous = predictor.north(planar, row, y, width, channel, north);
        int weight = predictor.west[channel];
        int bin = predictor.firstBin[channel];
        for (int x = 0; x < width; x++) {
            int predicted = north[x] + weight * previous >> ContextModel.PREDICTION_BITS;
            int table = slotsOf[bin + Math.max(0, Math.min(predictor.lastBin, predicted))];
            int state = scratch.states[lane];
            int index = slots[table | state & MASK] & 0xff;
            int entry = entries[(table >> SLOT_TO_ENTRY) + index];
            scratch.states[lane] = advanced(state, entry, end, scratch);
            previous = index == 0 ? escaped(table, lane, end, scratch) : entry & 0xff;
            planar[row + x] = (byte) previous;
        }
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
    private int escaped(int table, int lane, int end, ContextScratch scratch) {
        int state = scratch.states[lane];
        int symbol = (state & MASK) >>> Rans.RAW_BITS;
        int frequency = 1 << Rans.RAW_BITS;
        int entry = (symbol << Rans.RAW_BITS) << CUMULATIVE_AT | frequency << FREQUENCY_AT;
        scratch.states[lane] = advanced(state, entry, end, scratch);
        scratch.corrupt |= symbol >= levels
                || model.tables().get(table >> SymbolTable.SCALE_BITS).has(symbol);
        return symbol;
    }

    /** Four planes at once. Long, because it is the loop that decoding's time goes into: lanes stand side by side, unrolled. */
    private void decodeFour(Planes planes, int plane, byte[] planar, int end, ContextScratch scratch) {
        int width = planes.width();
        int area = planes.area();
        for (int y = 0; y < planes.height(); y++) {
            int row = plane * area + y * width;
            decodeFourRows(planes, plane, row, y, planar, end, scratch);
        }
    }

    private void decodeFourRows(
            Planes planes, int plane, int row, int y, byte[] planar, int end, ContextScratch scratch) {
        int width = planes.width();
        int area = planes.area();
        int channel0 = planes.channel(plane);
        int channel1 = planes.channel(plane + 1);
        int channel2 = planes.channel(plane + 2);
        int channel3 = planes.channel(plane + 3);
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
        int[] states = scratch.states;
        for (int x = 0; x < width; x++) {
            int table0 = slotsOf[bin0 + clamped(north0[x] + west0 * symbol0, last)];
            int table1 = slotsOf[bin1 + clamped(north1[x] + west1 * symbol1, last)];
            int table2 = slotsOf[bin2 + clamped(north2[x] + west2 * symbol2, last)];
            int table3 = slotsOf[bin3 + clamped(north3[x] + west3 * symbol3, last)];
            int index0 = slots[table0 | states[0] & MASK] & 0xff;
            int index1 = slots[table1 | states[1] & MASK] & 0xff;
            int index2 = slots[table2 | states[2] & MASK] & 0xff;
            int index3 = slots[table3 | states[3] & MASK] & 0xff;
            int entry0 = entries[(table0 >> SLOT_TO_ENTRY) + index0];
            int entry1 = entries[(table1 >> SLOT_TO_ENTRY) + index1];
            int entry2 = entries[(table2 >> SLOT_TO_ENTRY) + index2];
            int entry3 = entries[(table3 >> SLOT_TO_ENTRY) + index3];
            states[0] = advanced(states[0], entry0, end, scratch);
            symbol0 = index0 == 0 ? escaped(table0, 0, end, scratch) : entry0 & 0xff;
            states[1] = advanced(states[1], entry1, end, scratch);
            symbol1 = index1 == 0 ? escaped(table1, 1, end, scratch) : entry1 & 0xff;
            states[2] = advanced(states[2], entry2, end, scratch);
            symbol2 = index2 == 0 ? escaped(table2, 2, end, scratch) : entry2 & 0xff;
            states[3] = advanced(states[3], entry3, end, scratch);
            symbol3 = index3 == 0 ? escaped(table3, 3, end, scratch) : entry3 & 0xff;
            planar[row + x] = (byte) symbol0;
            planar[row1 + x] = (byte) symbol1;
            planar[row2 + x] = (byte) symbol2;
            planar[row3 + x] = (byte) symbol3;
        }
    }

    private static int clamped(int prediction, int last) {
        return Math.max(0, Math.min(last, prediction >> ContextModel.PREDICTION_BITS));
    }
}
