package dev.cleave.gateway.batch;

/**
 * How long a run of so many rows takes, learned from runs: one point for every power of two of rows, each a moving mean of what ran
 * there, and straight lines between the points. Times and sizes are both means, so runs of 5 and 7 rows make a point at 6.
 *
 * <p>A run of few rows takes no longer than one of more has taken: what was learned of a size when the process was cold would otherwise stay for ever
 * where, because of it, batches are never that small again.
 *
 * <p>Below the smallest size that has run a run is taken to be as long as there. Beyond the largest the last line goes on; from a single
 * point it is taken to grow with the rows, so that nothing is gained by more rows until a larger run has shown it. Not thread-safe.
 */
final class RunTimes {
    private static final int POINTS = 17;
    private static final double WEIGHT_OF_LATEST = 0.2;
    private static final double CLOSE = 0.95;
    private static final int RUNS_TO_BE_SURE = 8;
    private static final double DEVIATIONS = 2;

    private final double[] rowsAt = new double[POINTS];
    private final double[] nanosAt = new double[POINTS];
    /** Moving mean of how far runs were from what was expected of them, as a share of that. */
    private double deviation;

    private int runs;

    /** Takes note of a run. */
    void add(int rows, long nanos) {
        double expected = nanos(rows);
        if (expected > 0) {
            deviation += WEIGHT_OF_LATEST * (Math.abs(nanos - expected) / expected - deviation);
        }
        runs = Math.min(RUNS_TO_BE_SURE, runs + 1);
        int point = Math.min(POINTS - 1, 31 - Integer.numberOfLeadingZeros(rows));
        double weight = rowsAt[point] == 0 ? 1 : WEIGHT_OF_LATEST;
        rowsAt[point] += weight * (rows - rowsAt[point]);
        nanosAt[point] += weight * (nanos - nanosAt[point]);
    }

    /**
     * Nanoseconds that hardly any run falls below: two mean deviations less than expected (as TCP's timer adds them: Jacobson, 1988). 0 until some have run.
     */
    double least(double rows) {
        return runs < RUNS_TO_BE_SURE ? 0 : nanos(rows) * Math.max(0, 1 - DEVIATIONS * deviation);
    }

    /** Expected nanoseconds of a run; 0 while nothing has run. No more than those of a run of more rows. */
    double nanos(double rows) {
        double nanos = between(rows);
        for (int point = 0; point < POINTS; point++) {
            if (rowsAt[point] >= rows) {
                nanos = Math.min(nanos, nanosAt[point]);
            }
        }
        return nanos;
    }

    private double between(double rows) {
        int below = -1;
        int above = -1;
        int beforeBelow = -1;
        for (int point = 0; point < POINTS && above < 0; point++) {
            if (rowsAt[point] == 0) {
                continue;
            }
            if (rowsAt[point] <= rows) {
                beforeBelow = below;
                below = point;
            } else {
                above = point;
            }
        }
        if (below < 0) {
            return above < 0 ? 0 : nanosAt[above];
        }
        if (above >= 0) {
            return onLine(below, above, rows);
        }
        return beforeBelow < 0
                ? nanosAt[below] * rows / rowsAt[below]
                : Math.max(nanosAt[below], onLine(beforeBelow, below, rows));
    }

    /**
     * Rows beyond which a batch finishes no more rows per time: the smallest size that comes close to the best rate of all that have run. While
     * the largest is the best, as many as there may be, since nobody knows yet.
     *
     * @param limit most rows there may be
     */
    int worthJoining(int limit) {
        int last = -1;
        double best = 0;
        for (int point = 0; point < POINTS; point++) {
            if (rowsAt[point] > 0) {
                last = point;
                best = Math.max(best, rate(point));
            }
        }
        for (int point = 0; point < last; point++) {
            if (rowsAt[point] > 0 && rate(point) >= best * CLOSE) {
                return Math.min(limit, (int) Math.ceil(rowsAt[point]));
            }
        }
        return limit;
    }

    private double rate(int point) {
        return rowsAt[point] / nanosAt[point];
    }

    private double onLine(int from, int to, double rows) {
        double slope = (nanosAt[to] - nanosAt[from]) / (rowsAt[to] - rowsAt[from]);
        return nanosAt[from] + slope * (rows - rowsAt[from]);
    }
}
