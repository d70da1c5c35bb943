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
                predictor.tables(planar, row, y, width, channel, scratch.north[0], scratch.tables);
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

    private boolean encodePlane(byte[] planar, int from, int area, int lane, ContextScratch scratch) {
        for (int i = from + area - 1; i >= from; i--) {
            if (!put(planar[i] & 0xff, scratch.tables[i], lane, scratch)) {
                return false;
            }
        }
        return true;
    }

    private boolean put(int symbol, int table, int lane, ContextScratch scratch) {
        long code = codes[table * SymbolTable.MAX_SYMBOLS + symbol];
        if (code != 0) {
            return put(code, lane, scratch);
        }
        return put(Rans.code(symbol << Rans.RAW_BITS, 1 << Rans.RAW_BITS), lane, scratch)
                && put(escapes[table], lane, scratch);
    }

    private static boolean put(long code, int lane, ContextScratch scratch) {
        int state = scratch.states[lane];
        if (state >= Rans.frequency(code) << Rans.LIMIT_BITS) {
            if (scratch.at < 2) {
                return false;
            }
            scratch.coded[--scratch.at] = (byte) (state >>> 8);
            scratch.coded[--scratch.at] = (byte) state;
            state >>>= Rans.WORD_BITS;
        }
        scratch.states[lane] = Rans.put(state, code);
        return true;
    }

    /** Four planes at once, with their states in registers. */
    private boolean encodeFour(byte[] planar, int from, int area, ContextScratch scratch) {
        byte[] tables = scratch.tables;
        byte[] coded = scratch.coded;
        int[] states = scratch.states;
        int at = scratch.at;
        for (int i = from + area - 1; i >= from; i--) {
            if (at < Rans.LANES * 4) {
                return false;
            }
            for (int lane = Rans.LANES - 1; lane >= 0; lane--) {
                int index = i + lane * area;
                int table = tables[index];
                int symbol = planar[index] & 0xff;
                long code = codes[table * SymbolTable.MAX_SYMBOLS + symbol];
                if (code == 0) {
                    scratch.at = at;
                    put(symbol, table, lane, scratch);
                    at = scratch.at;
                } else {
                    int state = states[lane];
                    if (state >= Rans.frequency(code) << Rans.LIMIT_BITS) {
                        coded[at - 1] = (byte) (state >>> 8);
                        coded[at - 2] = (byte) state;
                        at -= 2;
                        state >>>= Rans.WORD_BITS;
                    }
                    states[lane] = Rans.put(state, code);
                }
            }
        }
        scratch.at = at;
        return true;
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
