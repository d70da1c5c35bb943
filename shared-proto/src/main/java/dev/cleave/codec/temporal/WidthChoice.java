package dev.cleave.codec.temporal;

/** Chooses for each class of a tensor the width with which its residuals cost least. */
final class WidthChoice {
    private static final int STRIDE = ResidualCosts.STRIDE;
    private static final int POSITIONS = ResidualTables.POSITIONS;

    private WidthChoice() {}

    /**
     * @param widths by class: those to begin with, and the best ones afterwards; classes without residuals keep theirs
     * @param counts by class, position, and {@link ResidualCosts#index}
     */
    static void choose(int[] widths, int[] counts, ResidualCosts costs) {
        for (int c = 0; c < widths.length; c++) {
            int from = c * POSITIONS * STRIDE;
            int[] used = used(counts, from);
            if (used.length > 0) {
                widths[c] = descend(widths[c], counts, from, used, costs);
            }
        }
    }

    private static int[] used(int[] counts, int from) {
        int[] used = new int[POSITIONS * STRIDE];
        int size = 0;
        for (int i = 0; i < used.length; i++) {
            if (counts[from + i] > 0) {
                used[size++] = i;
            }
        }
        return java.util.Arrays.copyOf(used, size);
    }

    /** Costs have one valley: downhill from a width to the lowest. */
    private static int descend(int start, int[] counts, int from, int[] used, ResidualCosts costs) {
        int best = start;
        long least = cost(best, counts, from, used, costs);
        for (int step = -1; step <= 1; step += 2) {
            for (int next = best + step; next >= 0 && next < ResidualTables.WIDTHS; next += step) {
                long cost = cost(next, counts, from, used, costs);
                if (cost >= least) {
                    break;
                }
                least = cost;
                best = next;
            }
        }
        return best;
    }

    private static long cost(int width, int[] counts, int from, int[] used, ResidualCosts costs) {
        int first = ResidualCosts.first(width * POSITIONS);
        long sum = 0;
        for (int i : used) {
            sum += (long) counts[from + i] * costs.of(first, i);
        }
        return sum;
    }
}
