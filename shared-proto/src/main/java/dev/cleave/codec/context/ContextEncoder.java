package dev.cleave.codec.context;

import java.util.Arrays;

/** The encoder half of {@link ContextCoder}: tables of all symbols first, then the symbols, last to first. Immutable. */
final class ContextEncoder {
    private final Predictor predictor;
    /** By table, then symbol: {@link Rans#code}, or 0 outside of the table's window. */
    private final long[] codes;
    /** Of the escape, by table. */
    private final long[] escapes;

    ContextEncoder(ContextModel model, Predictor predictor) {
        this.predictor = predictor;
        codes = new long[model.tables().size() * SymbolTable.MAX_SYMBOLS];
        escapes = new long[model.tables().size()];
        for (int index = 0; index < escapes.length; index++) {
            SymbolTable table = model.tables().get(index);
            escapes[index] = Rans.code(0, table.escape());
            int cumulative = table.escape();
            for (int i = 0; i < table.size(); i++) {
                codes[index * SymbolTable.MAX_SYMBOLS + table.first() + i] = Rans.code(cumulative, table.frequency(i));
                cumulative += table.frequency(i);
            }
        }
    }

    /** As {@link ContextCoder#encode}. */
    int encode(byte[] planar, Planes planes, int limit, ContextScratch scratch) {
        if (limit < Rans.HEADER_BYTES) {
            return -1;
        }
        int area = planes.area();
        int width = planes.width();
        scratch.roomForTables(planes.count() * area);
        for (int plane = 0, row = 0; plane < planes.count(); plane++) {
            int channel = planes.channel(plane);
            for (int y = 0; y < planes.height(); y++, row += width) {
                predictor.tables(planar, row, y, width, channel, scratch.tables);
            }
        }
        scratch.roomForBytes(limit);
        scratch.at = limit;
        Arrays.fill(scratch.states, Rans.LOW);
        boolean fits = true;
        int grouped = planes.count() / Rans.LANES * Rans.LANES;
        for (int plane = planes.count() - 1; fits && plane >= grouped; plane--) {
            fits = encodePlane(planar, plane * area, area, plane - grouped, scratch);
        }
        for (int plane = grouped - Rans.LANES; fits && plane >= 0; plane -= Rans.LANES) {
            fits = encodeFour(planar, plane * area, area, scratch);
        }
        return fits && writeStates(scratch) ? limit - scratch.at : -1;
    }

    /** Four planes at once. Lanes stand side by side, so that one lane's arithmetic hides another's. */
    private boolean encodeFour(byte[] planar, int from, int area, ContextScratch scratch) {
        byte[] tables = scratch.tables;
        int state0 = scratch.states[0];
        int state1 = scratch.states[1];
        int state2 = scratch.states[2];
        int state3 = scratch.states[3];
        for (int i = from + area - 1; i >= from; i--) {
            if (scratch.at < 2 * 2 * Rans.LANES) {
                return false;
            }
            int at2 = i + 2 * area;
            state3 = put(state3, tables[at2 + area], planar[at2 + area] & 0xff, scratch);
            state2 = put(state2, tables[at2], planar[at2] & 0xff, scratch);
            state1 = put(state1, tables[i + area], planar[i + area] & 0xff, scratch);
            state0 = put(state0, tables[i], planar[i] & 0xff, scratch);
        }
        scratch.states[0] = state0;
        scratch.states[1] = state1;
        scratch.states[2] = state2;
        scratch.states[3] = state3;
        return true;
    }

    private boolean encodePlane(byte[] planar, int from, int area, int lane, ContextScratch scratch) {
        int state = scratch.states[lane];
        for (int i = from + area - 1; i >= from; i--) {
            if (scratch.at < 2 * 2) {
                return false;
            }
            state = put(state, scratch.tables[i], planar[i] & 0xff, scratch);
        }
        scratch.states[lane] = state;
        return true;
    }

    /** Writes two words at most. */
    private int put(int state, int table, int symbol, ContextScratch scratch) {
        long code = codes[table * SymbolTable.MAX_SYMBOLS + symbol];
        return code != 0 ? put(state, code, scratch) : putEscaped(state, table, symbol, scratch);
    }

    private int putEscaped(int state, int table, int symbol, ContextScratch scratch) {
        long raw = Rans.code(symbol << Rans.RAW_BITS, 1 << Rans.RAW_BITS);
        return put(put(state, raw, scratch), escapes[table], scratch);
    }

    private static int put(int state, long code, ContextScratch scratch) {
        int room = state;
        if (state >= Rans.frequency(code) << Rans.LIMIT_BITS) {
            int at = scratch.at - 2;
            scratch.coded[at] = (byte) state;
            scratch.coded[at + 1] = (byte) (state >>> 8);
            scratch.at = at;
            room = state >>> Rans.WORD_BITS;
        }
        return Rans.put(room, code);
    }

    private static boolean writeStates(ContextScratch scratch) {
        if (scratch.at <= Rans.HEADER_BYTES) {
            return false;
        }
        for (int lane = Rans.LANES - 1; lane >= 0; lane--) {
            int state = scratch.states[lane];
            for (int shift = 24; shift >= 0; shift -= 8) {
                scratch.coded[--scratch.at] = (byte) (state >>> shift);
            }
        }
        return true;
    }
}
