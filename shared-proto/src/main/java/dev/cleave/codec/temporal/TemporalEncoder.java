package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.EncodingTables;
import dev.cleave.codec.context.Planes;

/**
 * The encoder half of {@link TemporalCoder}: chooses the symbols from first to last, then codes them from last to first.
 * Immutable.
 *
 * <p>Of the two symbols next to a value it takes the one with the smaller {@code error^2 + lambda * bits}: a change that is mere
 * noise is not worth its bits (G. Sullivan, T. Wiegand: Rate-distortion optimization for video compression, 1998).
 */
final class TemporalEncoder {
    private static final int CONTEXTS = FrameModel.CLASSES * ResidualTables.POSITIONS;
    /** Every so many rows are looked at for the next tensor's weights. */
    static final int ROWS_PER_SAMPLE = 4;

    /** Made when the first tensor is encoded: half a megabyte. */
    private static final class Tables {
        static final EncodingTables ENCODING = new EncodingTables(ResidualTables.all());
        static final ResidualCosts COSTS = new ResidualCosts(ResidualTables.all());
    }

    private final int levels;
    private final EncodingTables encoding = Tables.ENCODING;
    private final ResidualCosts costs = Tables.COSTS;

    TemporalEncoder(int levels) {
        this.levels = levels;
    }

    /** As {@link TemporalCoder#encode}; what was chosen is in {@code scratch.symbols}. */
    int encode(
            byte[] floors, byte[] fractions, Planes planes, int limit, TemporalTuning tuning, TemporalScratch scratch) {
        int elements = planes.count() * planes.area();
        scratch.roomForContexts(elements);
        scratch.roomForPlanar(planes.inOrder() ? 0 : elements);
        byte[] planarFloors = TemporalScratch.planar(planes, floors, scratch.planar);
        byte[] planarFractions = TemporalScratch.planar(planes, fractions, scratch.planarFractions);
        tuning.begin(scratch.model);
        Choice choice = new Choice(planes, planarFloors, planarFractions, tuning, scratch);
        for (int plane = 0; plane < planes.count(); plane++) {
            if (plane % CodedWords.LANES == 0) {
                for (int done = Math.max(0, plane - CodedWords.LANES); done < plane; done++) {
                    scratch.addMotion(planes, done);
                }
                scratch.lookAtMotion(planes);
            }
            choice.plane(plane);
        }
        tuning.end(scratch.model, costs, choice.counts, choice.excess, elements);
        return write(planes, limit, scratch);
    }

    /** The first pass over one tensor: symbols and their contexts. */
    private final class Choice {
        private final Planes planes;
        private final byte[] floors;
        private final byte[] fractions;
        private final TemporalTuning tuning;
        private final TemporalScratch scratch;
        private final int lambda;
        /** By context, then residual. */
        final int[] counts = new int[CONTEXTS * ResidualCosts.STRIDE];
        /** By how much squared errors, in 65536ths, are more than those of the nearest symbols. */
        long excess;

        /** By context: where in the costs its table begins. */
        private final int[] costsOf = new int[CONTEXTS];

        Choice(Planes planes, byte[] floors, byte[] fractions, TemporalTuning tuning, TemporalScratch scratch) {
            this.planes = planes;
            this.floors = floors;
            this.fractions = fractions;
            this.tuning = tuning;
            this.scratch = scratch;
            lambda = tuning.lambda();
            for (int i = 0; i < CONTEXTS; i++) {
                int width = scratch.model.widths[i / ResidualTables.POSITIONS];
                costsOf[i] = ResidualCosts.first(width * ResidualTables.POSITIONS + i % ResidualTables.POSITIONS);
            }
        }

        void plane(int plane) {
            int width = planes.width();
            int row = TemporalScratch.first(planes, plane);
            int ofPlane = Surroundings.ofPlane(scratch.reference, scratch.before, row, planes.height(), width);
            Surroundings around = scratch.rows[0];
            for (int y = 0; y < planes.height(); y++, row += width + 2) {
                around.take(scratch, row, width, ofPlane, y * width, scratch.model.weights);
                int from = plane * planes.area() + y * width;
                row(around, row, from, width);
                if ((plane + y) % ROWS_PER_SAMPLE == 0) {
                    tuning.fit().observe(scratch, around, row, width, floors, fractions, from);
                }
            }
        }

        private void row(Surroundings around, int row, int from, int width) {
            byte[] reference = scratch.reference;
            byte[] symbols = scratch.symbols;
            int last = (levels << 6) - 1;
            int changed = 0;
            for (int x = 0; x < width; x++) {
                int p = Math.max(0, Math.min(last, around.base[x] + around.west[x] * changed));
                int context = TemporalCoder.context(p, around.activity[x] + Surroundings.WEST * Math.abs(changed));
                int floor = floors[from + x] & 0xff;
                int below = Math.min(levels - 2, floor);
                int above = (fractions[from + x] & 0xff) + (floor - below << 8);
                int residual = below - (p >> 6);
                int up = nextUp(above, costsOf[context], residual);
                int index = ResidualCosts.index(residual + up);
                scratch.contexts[from + x] = (byte) context;
                scratch.residuals[from + x] = (byte) index;
                symbols[row + x] = (byte) (below + up);
                counts[context * ResidualCosts.STRIDE + index]++;
                changed = below + up - (reference[row + x] & 0xff);
            }
        }

        /** 1 if a value is to be the symbol above it, 0 if the one below. */
        private int nextUp(int above, int costs, int residual) {
            int beneath = 256 - above;
            int nearest = above < beneath ? above : beneath;
            long down = (long) above * above + bits(costs, residual);
            long up = (long) beneath * beneath + bits(costs, residual + 1);
            int chosen = up <= down ? beneath : above;
            excess += (long) chosen * chosen - (long) nearest * nearest;
            return up <= down ? 1 : 0;
        }

        private long bits(int first, int residual) {
            return (long) lambda * costs.of(first, ResidualCosts.index(residual)) >> 8;
        }
    }

    private int write(Planes planes, int limit, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        if (!words.begin(limit)) {
            return -1;
        }
        boolean fits = true;
        int grouped = planes.count() / CodedWords.LANES * CodedWords.LANES;
        for (int plane = planes.count() - 1; fits && plane >= grouped; plane--) {
            fits = writePlanes(planes, plane, 1, plane - grouped, scratch);
        }
        for (int plane = grouped - CodedWords.LANES; fits && plane >= 0; plane -= CodedWords.LANES) {
            fits = writePlanes(planes, plane, CodedWords.LANES, 0, scratch);
        }
        byte[] header = new byte[FrameModel.MAX_HEADER_BYTES];
        int headerBytes = scratch.model.write(header);
        return fits && words.finish() && words.prepend(header, headerBytes) ? limit - words.from() : -1;
    }

    /** Some planes from last symbol to first, their lanes in turn. */
    private boolean writePlanes(Planes planes, int plane, int lanes, int lane, TemporalScratch scratch) {
        CodedWords words = scratch.words;
        int area = planes.area();
        int width = planes.width();
        int paddedArea = TemporalScratch.paddedArea(planes);
        int[] widths = scratch.model.widths;
        for (int y = planes.height() - 1; y >= 0; y--) {
            int row = TemporalScratch.first(planes, plane) + y * (width + 2);
            int from = plane * area + y * width;
            for (int x = width - 1; x >= 0; x--) {
                if (!words.fits(lanes)) {
                    return false;
                }
                for (int l = lanes - 1; l >= 0; l--) {
                    int i = from + l * area + x;
                    int context = scratch.contexts[i];
                    int position = context % ResidualTables.POSITIONS;
                    int table = widths[context / ResidualTables.POSITIONS] * ResidualTables.POSITIONS + position;
                    int residual = scratch.residuals[i] & 0xff;
                    long code = encoding.code(table, residual);
                    int state = words.states[lane + l];
                    words.states[lane + l] = code != 0
                            ? words.put(state, code)
                            : words.putEscaped(
                                    state, encoding.escape(table), scratch.symbols[row + l * paddedArea + x] & 0xff);
                }
            }
        }
        return true;
    }
}
