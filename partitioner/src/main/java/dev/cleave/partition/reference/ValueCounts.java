package dev.cleave.partition.reference;

import dev.cleave.answer.Values;
import dev.cleave.bundle.ValueHistogram;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the numbers of tensors, and makes a {@link ValueHistogram} of about equally full bins of them. One thread.
 *
 * <p>One pass is enough, in memory that does not grow with the numbers: each is counted in the cell of its bfloat16, the
 * upper half of a 32-bit float, rounded towards minus infinity. There are 65,536 cells, kept in pages of which few are
 * ever used. Cells keep the order of the numbers, so quantiles are right to one part in 128, and as the edges of the
 * histogram are edges of cells, its counts are exact.
 */
final class ValueCounts {
    /** Of equal size, as far as numbers differ; the outer two of them are cut again where the rare numbers begin. */
    private static final int BINS = 32;

    private static final double RARE = 1e-3;
    private static final int CELLS = 1 << 16;
    private static final int PAGE = 1 << 8;
    /** The cell of +0; what is below it is negative. */
    private static final int ZERO = CELLS / 2;

    private final long[][] pages = new long[CELLS / PAGE][];
    private long count;
    private long zeros;
    private long nonFinite;
    private double mean;
    private double squares;

    void add(Tensor tensor) {
        ByteBuffer data = tensor.data();
        for (int i = 0; i < tensor.elements(); i++) {
            add((float) Values.get(tensor, data, i));
        }
    }

    void add(float value) {
        if (!Float.isFinite(value)) {
            nonFinite++;
            return;
        }
        int cell = cell(value);
        long[] page = pages[cell / PAGE];
        if (page == null) {
            page = new long[PAGE];
            pages[cell / PAGE] = page;
        }
        page[cell % PAGE]++;
        count++;
        zeros += value == 0 ? 1 : 0;
        // Welford (1962): sums of squares would lose the deviation of numbers that are far from 0.
        double apart = value - mean;
        mean += apart / count;
        squares += apart * (value - mean);
    }

    private static int cell(float value) {
        int magnitude = Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
        return value < 0 ? ZERO - (magnitude + 0xffff >>> 16) : ZERO + (magnitude >>> 16);
    }

    /** The smallest number of a cell; minus infinity for the lowest one. */
    private static float low(int cell) {
        return cell < ZERO ? -Float.intBitsToFloat(ZERO - cell << 16) : Float.intBitsToFloat(cell - ZERO << 16);
    }

    /** Edges are the smallest number, quantiles, and a number just above the largest. */
    ValueHistogram histogram() {
        List<Float> edges = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        long below = 0;
        long counted = 0;
        int quantile = 0;
        int end = 0;
        for (int cell = 0; cell < CELLS; cell++) {
            long here = at(cell);
            boolean edge = false;
            // A quantile that lies in this cell makes its low end an edge.
            for (; here > 0 && quantile <= BINS + 1 && below + here > share(quantile) * count; quantile++) {
                edge = true;
            }
            if (here > 0) {
                end = cell + 1;
            }
            if (edge && Float.isFinite(low(cell))) {
                edges.add(low(cell));
                counts.add(below - counted);
                counted = below;
            }
            below += here;
        }
        if (count > 0 && Float.isFinite(low(end))) {
            edges.add(low(end));
            counts.add(below - counted);
            counted = below;
        }
        counts.add(below - counted);
        double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
        return new ValueHistogram(edges, counts, zeros, nonFinite, mean, deviation);
    }

    private static double share(int quantile) {
        if (quantile == 0) {
            return 0;
        }
        return quantile == 1 ? RARE : quantile == BINS + 1 ? 1 - RARE : (quantile - 1.0) / BINS;
    }

    private long at(int cell) {
        long[] page = pages[cell / PAGE];
        return page == null ? 0 : page[cell % PAGE];
    }
}
