package dev.cleave.gateway.batch;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The sizes that runs are padded to: some devices have kernels for few numbers of rows, so that a run of 5 may take longer than one of 8.
 * Learned from runs alone: rows are padded to a larger size if runs of that size have taken clearly less time, and now and then they are run as they
 * are, to see whether that still holds. So where nothing is gained, as on a CPU, nothing is padded, and no size is run that did not come by
 * itself or from the warm-up.
 *
 * <p>The first run of a size is left out, since it pays for what later ones find done. Of a run that took far longer than others of its
 * size a part is believed: the machine may have paused. Not thread-safe.
 */
public final class PaddedSizes {
    private static final int RUNS_TO_KNOW = 4;
    private static final double WEIGHT_OF_LATEST = 0.2;
    private static final double MOST_BELIEVED = 2;
    private static final double CLEARLY_LESS = 0.9;
    private static final int LOOK_AGAIN = 32;

    private final NavigableMap<Integer, Size> sizes = new TreeMap<>();

    /** What is known of one size. */
    private static final class Size {
        /** A moving mean. */
        private double nanos;

        private int runs;
        private int padded;

        void ran(long latest) {
            runs = Math.min(RUNS_TO_KNOW, runs + 1);
            if (runs == 2) {
                nanos = latest;
            } else if (runs > 2) {
                nanos += WEIGHT_OF_LATEST * (Math.min(latest, MOST_BELIEVED * nanos) - nanos);
            }
        }

        boolean isKnown() {
            return runs == RUNS_TO_KNOW;
        }
    }

    /** How many rows to run in place of so many: as many, or a size that has run and was faster. */
    public int of(int rows) {
        Size own = sizes.get(rows);
        if (own == null || !own.isKnown()) {
            return rows;
        }
        int best = rows;
        double least = CLEARLY_LESS * own.nanos;
        for (Map.Entry<Integer, Size> larger : sizes.tailMap(rows, false).entrySet()) {
            Size size = larger.getValue();
            if (size.isKnown() && size.nanos < least) {
                best = larger.getKey();
                least = size.nanos;
            }
        }
        if (best == rows) {
            return rows;
        }
        own.padded = (own.padded + 1) % LOOK_AGAIN;
        return own.padded == 0 ? rows : best;
    }

    /**
     * Takes note of a run that has ended well.
     *
     * @param rows that were run, padding included
     */
    public void ran(int rows, long nanos) {
        sizes.computeIfAbsent(rows, any -> new Size()).ran(nanos);
    }
}
