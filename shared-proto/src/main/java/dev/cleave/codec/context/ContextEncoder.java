package dev.cleave.codec.context;

/** The encoder half of {@link ContextCoder}: tables of all symbols first, then the symbols, last to first. Immutable. */
final class ContextEncoder {
    private final Predictor predictor;
    private final EncodingTables encoding;

    ContextEncoder(ContextModel model, Predictor predictor) {
        this.predictor = predictor;
        encoding = new EncodingTables(model.tables());
    }

    /** As {@link ContextCoder#encode}. */
    int encode(byte[] planar, Planes planes, int limit, ContextScratch scratch) {
        CodedWords words = scratch.words;
        if (!words.begin(limit)) {
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
        boolean fits = true;
        int grouped = planes.count() / Rans.LANES * Rans.LANES;
        for (int plane = planes.count() - 1; fits && plane >= grouped; plane--) {
            fits = encodePlane(planar, plane * area, area, plane - grouped, scratch);
        }
        for (int plane = grouped - Rans.LANES; fits && plane >= 0; plane -= Rans.LANES) {
            fits = encodeFour(planar, plane * area, area, scratch);
        }
        return fits && words.finish() ? limit - words.from() : -1;
    }

    /** Four planes at once. Lanes stand side by side, so that one lane's arithmetic hides another's. */
    private boolean encodeFour(byte[] planar, int from, int area, ContextScratch scratch) {
        byte[] tables = scratch.tables;
        CodedWords words = scratch.words;
        int state0 = words.states[0];
        int state1 = words.states[1];
        int state2 = words.states[2];
        int state3 = words.states[3];
        for (int i = from + area - 1; i >= from; i--) {
            if (!words.fits(Rans.LANES)) {
                return false;
            }
            int at2 = i + 2 * area;
            state3 = put(state3, tables[at2 + area], planar[at2 + area] & 0xff, words);
            state2 = put(state2, tables[at2], planar[at2] & 0xff, words);
            state1 = put(state1, tables[i + area], planar[i + area] & 0xff, words);
            state0 = put(state0, tables[i], planar[i] & 0xff, words);
        }
        words.states[0] = state0;
        words.states[1] = state1;
        words.states[2] = state2;
        words.states[3] = state3;
        return true;
    }

    private boolean encodePlane(byte[] planar, int from, int area, int lane, ContextScratch scratch) {
        CodedWords words = scratch.words;
        int state = words.states[lane];
        for (int i = from + area - 1; i >= from; i--) {
            if (!words.fits(1)) {
                return false;
            }
            state = put(state, scratch.tables[i], planar[i] & 0xff, words);
        }
        words.states[lane] = state;
        return true;
    }

    private int put(int state, int table, int symbol, CodedWords words) {
        long code = encoding.code(table, symbol);
        return code != 0 ? words.put(state, code) : words.putEscaped(state, encoding.escape(table), symbol);
    }
}
