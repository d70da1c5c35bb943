package dev.cleave.gateway.batch;

/**
 * How many rows come within a time after a batch could have run, learned from what came after such moments before.
 *
 * <p>An observation begins when an executor is idle and a batch could run, and ends with the run that follows: what comes later comes
 * because of its answers, and says nothing about waiting. Whatever came in between is counted by how long it took, whether the batch had
 * been closed by then or not. So the curve is learned without ever waiting for its sake.
 *
 * <p>The times are a geometric grid; each holds a moving mean of the rows that had come by then, over the observations that lasted that
 * long. Not thread-safe.
 */
final class Followers {
    private static final long FIRST_EDGE_NANOS = 25_000;
    private static final double RATIO = Math.sqrt(2);
    private static final int EDGES = 26;
    private static final double WEIGHT_OF_LATEST = 0.1;
    private static final long[] EDGE_NANOS = edges();

    private final double[] expected = new double[EDGES];
    private final int[] observations = new int[EDGES];
    private final int[] came = new int[EDGES];
    private int arrived;
    private long begunNanos;
    private boolean open;

    private static long[] edges() {
        long[] edges = new long[EDGES];
        for (int i = 0; i < EDGES; i++) {
            edges[i] = Math.round(FIRST_EDGE_NANOS * Math.pow(RATIO, i));
        }
        return edges;
    }

    static int edges(long uptoNanos) {
        int count = 0;
        while (count < EDGES && EDGE_NANOS[count] <= uptoNanos) {
            count++;
        }
        return count;
    }

    static long edgeNanos(int edge) {
        return EDGE_NANOS[edge];
    }

    /** A batch could run from now on. */
    void begin(long nowNanos) {
        end(nowNanos);
        open = true;
        begunNanos = nowNanos;
    }

    void arrived(int rows, long nowNanos) {
        if (!open) {
            return;
        }
        int edge = edges(nowNanos - begunNanos);
        if (edge < EDGES) {
            came[edge] += rows;
        }
        arrived += rows;
    }

    /** Rows that have come since {@link #begin}. */
    int arrived() {
        return arrived;
    }

    /** The run is over. */
    void end(long nowNanos) {
        if (!open) {
            return;
        }
        open = false;
        arrived = 0;
        int complete = edges(nowNanos - begunNanos);
        int sum = 0;
        for (int edge = 0; edge < EDGES; edge++) {
            sum += came[edge];
            came[edge] = 0;
            if (edge < complete) {
                observations[edge]++;
                double weight = Math.max(WEIGHT_OF_LATEST, 1.0 / observations[edge]);
                expected[edge] += weight * (sum - expected[edge]);
            }
        }
    }

    /** Rows expected from {@link #begin} to an edge of the grid. */
    double expected(int edge) {
        return expected[edge];
    }

    /** Rows expected from {@link #begin} until so much later: straight lines between the edges. */
    double expectedBy(long nanos) {
        int above = edges(nanos);
        if (above == EDGES) {
            return expected[EDGES - 1];
        }
        long from = above == 0 ? 0 : EDGE_NANOS[above - 1];
        double low = above == 0 ? 0 : expected[above - 1];
        double share = (nanos - from) / (double) (EDGE_NANOS[above] - from);
        return low + share * (expected[above] - low);
    }
}
