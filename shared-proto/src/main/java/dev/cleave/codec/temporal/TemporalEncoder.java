package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.EncodingTables;
import dev.cleave.codec.context.Planes;

/**
 * The encoder half of {@link TemporalCoder}: chooses the symbols from first to last, then codes them from last to first.
 * Immutable.
 */
final class TemporalEncoder {
    private static final int CONTEXTS = FrameModel.CLASSES * ResidualTables.POSITIONS;
    private static final int LANES = CodedWords.LANES;

    /** Made when the first tensor is encoded: half a megabyte. */
    private static final class Tables {
        static final EncodingTables ENCODING = new EncodingTables(ResidualTables.all());
        static final ResidualCosts COSTS = new ResidualCosts(ResidualTables.all());
    }

    private final int levels;

    TemporalEncoder(int levels) {
        this.levels = levels;
    }

    /**
     * As {@link TemporalCoder#encode}, with all tensors plane by plane.
     *
     * @param before what was before the reference
     * @param symbols takes those that were chosen
     */
    int encode(
            Planes planes,
            byte[] floors,
            byte[] fractions,
            byte[] reference,
            byte[] before,
            int limit,
            byte[] symbols,
            TemporalTuning tuning,
            TemporalScratch scratch) {
        int elements = planes.count() * planes.area();
        scratch.roomForContexts(elements);
        tuning.begin(scratch.model);
        ResidualCosts costs = Tables.COSTS;
        SymbolChoice choice = new SymbolChoice(planes, levels, floors, fractions, symbols, costs, tuning, scratch);
        Motion motion = scratch.motion;
        motion.begin(planes);
        for (int plane = 0; plane < planes.count(); plane += LANES) {
            int lanes = Math.min(LANES, planes.count() - plane);
            motion.blur(planes);
            for (int lane = 0; lane < lanes; lane++) {
                scratch.lanes[lane].begin(planes, plane + lane, reference, before, motion.blurred, scratch.model);
            }
            choice.choose(plane, lanes);
            for (int lane = 0; lane < lanes; lane++) {
                motion.add(planes, scratch.lanes[lane].changed);
            }
        }
        tuning.end(scratch.model, costs, scratch.counts, choice.excess(), elements);
        return write(planes, symbols, limit, scratch);
    }

    private int write(Planes planes, byte[] symbols, int limit, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        if (!words.begin(limit)) {
            return -1;
        }
        int[] tableOf = new int[CONTEXTS];
        for (int i = 0; i < CONTEXTS; i++) {
            int width = scratch.model.widths[i / ResidualTables.POSITIONS];
            tableOf[i] = width * ResidualTables.POSITIONS + i % ResidualTables.POSITIONS;
        }
        int area = planes.area();
        int grouped = planes.count() / LANES * LANES;
        boolean fits = true;
        for (int plane = planes.count() - 1; fits && plane >= grouped; plane--) {
            fits = writePlane(symbols, plane * area, area, plane - grouped, tableOf, scratch);
        }
        for (int plane = grouped - LANES; fits && plane >= 0; plane -= LANES) {
            fits = writeFour(symbols, plane * area, area, tableOf, scratch);
        }
        scratch.model.write(scratch.header);
        return fits && words.finish() && words.prepend(scratch.header, FrameModel.BYTES) ? limit - words.from() : -1;
    }

    private boolean writeFour(byte[] symbols, int from, int area, int[] tableOf, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        int state0 = words.states[0];
        int state1 = words.states[1];
        int state2 = words.states[2];
        int state3 = words.states[3];
        for (int i = from + area - 1; i >= from; i--) {
            if (!words.fits(LANES)) {
                return false;
            }
            int i2 = i + 2 * area;
            state3 = put(state3, i2 + area, symbols, tableOf, scratch);
            state2 = put(state2, i2, symbols, tableOf, scratch);
            state1 = put(state1, i + area, symbols, tableOf, scratch);
            state0 = put(state0, i, symbols, tableOf, scratch);
        }
        words.states[0] = state0;
        words.states[1] = state1;
        words.states[2] = state2;
        words.states[3] = state3;
        return true;
    }

    private boolean writePlane(byte[] symbols, int from, int area, int lane, int[] tableOf, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        for (int i = from + area - 1; i >= from; i--) {
            if (!words.fits(1)) {
                return false;
            }
            words.states[lane] = put(words.states[lane], i, symbols, tableOf, scratch);
        }
        return true;
    }

    private int put(int state, int i, byte[] symbols, int[] tableOf, TemporalScratch scratch) {
        int table = tableOf[scratch.contexts[i]];
        long code = Tables.ENCODING.code(table, scratch.residuals[i] & 0xff);
        return code != 0
                ? scratch.words.put(state, code)
                : scratch.words.putEscaped(state, Tables.ENCODING.escape(table), symbols[i] & 0xff);
    }
}
