package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.Planes;
import java.util.Arrays;

/**
 * The choice of one tensor's symbols, and what they cost: of the two symbols next to a value, the one with the smaller {@code error^2 +
 * lambda * bits}. A change that is mere noise is not worth its bits (G. Sullivan, T. Wiegand: Rate-distortion optimization for
 * video compression, IEEE Signal Processing Magazine 15, 1998). A value that is a symbol stays it, so nothing wakes the zeros
 * behind a Relu. One thread.
 *
 * <p>With {@code a} the fraction of the value in 256ths, the upper one is the better from {@code (256 - a)^2 - a^2 <= lambda *
 * (bits below - bits above)} on, which is a bound for {@code a} that depends on the context and on the residual only.
 */
final class SymbolChoice {
    private static final int LANES = CodedWords.LANES;
    private static final int CONTEXTS = FrameModel.CLASSES * ResidualTables.POSITIONS;
    private static final int STRIDE = ResidualCosts.STRIDE;
    /** Places per tensor, about, from which the next one's weights are learned. */
    private static final int SAMPLES = 1536;
    /** Residuals either way that have bounds of their own; bits grow evenly with those beyond. */
    private static final int REACH = 8;

    private static final int NEAREST = 128;

    private final Planes planes;
    private final int last;
    private final byte[] floors;
    private final byte[] fractions;
    private final byte[] symbols;
    private final WeightFit fit;
    private final TemporalScratch scratch;
    private final int rowsPerSample;
    /** By context, then residual of the lower symbol: the least fraction that goes up. */
    private final short[] bounds;

    private long excess;

    SymbolChoice(
            Planes planes,
            int levels,
            byte[] floors,
            byte[] fractions,
            byte[] symbols,
            ResidualCosts costs,
            TemporalTuning tuning,
            TemporalScratch scratch) {
        this.planes = planes;
        this.last = (levels << 6) - 1;
        this.floors = floors;
        this.fractions = fractions;
        this.symbols = symbols;
        this.fit = tuning.fit();
        this.scratch = scratch;
        rowsPerSample = Math.max(1, planes.count() * planes.area() / SAMPLES);
        bounds = scratch.bounds;
        Arrays.fill(scratch.counts, 0);
        for (int context = 0; context < CONTEXTS; context++) {
            int width = scratch.model.widths[context / ResidualTables.POSITIONS];
            int table = width * ResidualTables.POSITIONS + context % ResidualTables.POSITIONS;
            bound(context, ResidualCosts.first(table), costs, tuning.lambda());
        }
    }

    private void bound(int context, int first, ResidualCosts costs, int lambda) {
        for (int residual = -REACH; residual < REACH; residual++) {
            int saved =
                    costs.of(first, ResidualCosts.index(residual)) - costs.of(first, ResidualCosts.index(residual + 1));
            int bound = NEAREST - (int) ((long) lambda * saved >> 8 + 9);
            bounds[context * 2 * REACH + residual + REACH] = (short) Math.max(1, Math.min(256, bound));
        }
    }

    /** Room for the bounds. */
    static short[] roomForBounds() {
        return new short[CONTEXTS * 2 * REACH];
    }

    /** By how much squared errors, in 65536ths of a squared step, are more than those of the nearest symbols, in all. */
    long excess() {
        return excess;
    }

    /** Chooses some planes' symbols, of which the scratch's lanes know what to expect. */
    void choose(int plane, int lanes) {
        int width = planes.width();
        for (int y = 0; y < planes.height(); y++) {
            int row = (y + 1) * Expectation.stride(planes) + 1;
            int from = plane * planes.area() + y * width;
            if (lanes == LANES) {
                fourRows(row, from);
            } else {
                for (int lane = 0; lane < lanes; lane++) {
                    row(scratch.lanes[lane], row, from + lane * planes.area());
                }
            }
            for (int lane = 0; lane < lanes; lane++) {
                if (((plane + lane) * planes.height() + y) % rowsPerSample == 0) {
                    fit.observe(scratch.lanes[lane], row, width, floors, fractions, from + lane * planes.area());
                }
            }
        }
    }

    private void row(Expectation expected, int row, int from) {
        int stride = Expectation.stride(planes);
        int w = scratch.model.weights[0];
        int n = scratch.model.weights[1];
        int west = 0;
        for (int x = 0; x < planes.width(); x++) {
            int i = row + x;
            int north = expected.changed[i - stride];
            int p = Math.max(0, Math.min(last, expected.base[i] + w * west + n * north));
            int activity = expected.activity[i] + (Math.abs(west) + Math.abs(north) << Expectation.CHANGE_SHIFT);
            int symbol = choose(from + x, p >> 6, Expectation.context(p, activity));
            west = symbol - expected.reference[i];
            expected.changed[i] = west;
        }
    }

    private int choose(int at, int predicted, int context) {
        int fraction = fractions[at] & 0xff;
        int residual = (floors[at] & 0xff) - predicted;
        int near = Math.max(0, Math.min(2 * REACH - 1, residual + REACH));
        int up = fraction >= bounds[context * 2 * REACH + near] ? 1 : 0;
        if (up != fraction >> 7) {
            excess += Math.abs((NEAREST - fraction) << 9);
        }
        return note(at, predicted, context, residual + up);
    }

    private int note(int at, int predicted, int context, int residual) {
        int index = ResidualCosts.index(residual);
        scratch.contexts[at] = (byte) context;
        scratch.residuals[at] = (byte) index;
        scratch.counts[context * STRIDE + index]++;
        symbols[at] = (byte) (predicted + residual);
        return predicted + residual;
    }

    /**
     * A row of each of four planes. Lanes stand side by side, so that one does not wait for its left neighbour while another could
     * go on.
     */
    private void fourRows(int row, int from) {
        int area = planes.area();
        int width = planes.width();
        int stride = width + 2;
        int w = scratch.model.weights[0];
        int n = scratch.model.weights[1];
        int last = this.last;
        Expectation expected0 = scratch.lanes[0];
        Expectation expected1 = scratch.lanes[1];
        Expectation expected2 = scratch.lanes[2];
        Expectation expected3 = scratch.lanes[3];
        int[] changed0 = expected0.changed;
        int[] changed1 = expected1.changed;
        int[] changed2 = expected2.changed;
        int[] changed3 = expected3.changed;
        int west0 = 0;
        int west1 = 0;
        int west2 = 0;
        int west3 = 0;
        for (int x = 0; x < width; x++) {
            int i = row + x;
            int at = from + x;
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
            west0 = choose(at, p0 >> 6, Expectation.context(p0, activity0)) - expected0.reference[i];
            west1 = choose(at + area, p1 >> 6, Expectation.context(p1, activity1)) - expected1.reference[i];
            west2 = choose(at + 2 * area, p2 >> 6, Expectation.context(p2, activity2)) - expected2.reference[i];
            west3 = choose(at + 3 * area, p3 >> 6, Expectation.context(p3, activity3)) - expected3.reference[i];
            changed0[i] = west0;
            changed1[i] = west1;
            changed2[i] = west2;
            changed3[i] = west3;
        }
    }
}
