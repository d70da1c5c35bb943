package dev.cleave.partition.context;

/**
 * Least squares of one channel: a symbol from a constant and its four neighbours. Ridge regression with a small penalty, so
 * that a channel that never changes has a solution too. One thread.
 */
final class NeighbourRegression {
    private static final int TERMS = 5;
    private static final double RIDGE = 1;

    private final int start;
    /** Sums of products of the terms, the symbol being the last. */
    private final double[][] products = new double[TERMS + 1][TERMS + 1];

    private final double[] weights = new double[TERMS];

    /** @param start the symbol above a plane's first row: the channel's mean */
    NeighbourRegression(int start) {
        this.start = start;
    }

    int start() {
        return start;
    }

    void observe(int symbol, int[] neighbours) {
        // Around the mean, which keeps the sums small and the constant out of the ridge's way.
        double west = neighbours[0] - start;
        double north = neighbours[1] - start;
        double northWest = neighbours[2] - start;
        double northEast = neighbours[3] - start;
        double value = symbol - start;
        add(0, 1, west, north, northWest, northEast, value);
        add(1, west, west, north, northWest, northEast, value);
        add(2, north, west, north, northWest, northEast, value);
        add(3, northWest, west, north, northWest, northEast, value);
        add(4, northEast, west, north, northWest, northEast, value);
        products[5][5] += value * value;
    }

    private void add(int row, double term, double w, double n, double nw, double ne, double value) {
        double[] sums = products[row];
        sums[0] += term;
        sums[1] += term * w;
        sums[2] += term * n;
        sums[3] += term * nw;
        sums[4] += term * ne;
        sums[5] += term * value;
    }

    /** Gaussian elimination of the symmetric, positive definite normal equations. */
    void solve() {
        double[][] left = new double[TERMS][];
        for (int row = 0; row < TERMS; row++) {
            left[row] = products[row].clone();
            left[row][row] += RIDGE;
        }
        for (int pivot = 0; pivot < TERMS; pivot++) {
            for (int row = pivot + 1; row < TERMS; row++) {
                double factor = left[row][pivot] / left[pivot][pivot];
                for (int column = pivot; column <= TERMS; column++) {
                    left[row][column] -= factor * left[pivot][column];
                }
            }
        }
        for (int row = TERMS - 1; row >= 0; row--) {
            double rest = left[row][TERMS];
            for (int column = row + 1; column < TERMS; column++) {
                rest -= left[row][column] * weights[column];
            }
            weights[row] = rest / left[row][row];
        }
    }

    /** Of the constant (0), W, N, NW, NE, in symbols. */
    double weight(int term) {
        if (term > 0) {
            return weights[term];
        }
        return weights[0] + start * (1 - weights[1] - weights[2] - weights[3] - weights[4]);
    }

    /** Of the solution, in squared symbols. */
    double meanSquareError() {
        double error = products[TERMS][TERMS];
        for (int row = 0; row < TERMS; row++) {
            error -= weights[row] * products[row][TERMS];
        }
        return error / Math.max(1, products[0][0]);
    }
}
