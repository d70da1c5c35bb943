package dev.cleave.codec.temporal;

/**
 * Which weights would have predicted best, of a sample of places: least squares, drawn towards the usual weights where there is little
 * to go by. A place counts the less, the more is going on around it, as an error costs fewer bits there; older tensors count half
 * as much with every newer one. One thread.
 */
final class WeightFit {
    private static final int TERMS = FrameModel.TERMS;
    private static final double UNIT = 64;
    /** What the usual weights count for, in places where nothing moves that differ by a symbol in one term. */
    private static final double RIDGE = 40;
    /** Squared activity, in symbols, below which places count alike. */
    private static final double QUIET = 0.05;

    /** Products of the terms, the last being what they are to give. */
    private final double[][] products = new double[TERMS + 1][TERMS + 1];

    private final double[] terms = new double[TERMS + 1];

    /**
     * Takes in a row whose symbols are chosen.
     *
     * @param row its first place in the padded plane
     * @param from its first value
     */
    void observe(Expectation expected, int row, int width, byte[] floors, byte[] fractions, int from) {
        int[] reference = expected.reference;
        int stride = width + 2;
        for (int x = 0; x < width; x++) {
            int i = row + x;
            int here = reference[i];
            terms[0] = expected.changed[i - 1];
            terms[1] = expected.changed[i - stride];
            terms[2] = reference[i - 1] - here;
            terms[3] = reference[i - stride] - here;
            terms[4] = reference[i + 1] - here;
            terms[5] = reference[i + stride] - here;
            terms[6] = expected.before[i] - here;
            terms[TERMS] = (floors[from + x] & 0xff) + (fractions[from + x] & 0xff) / 256.0 - here;
            double activity = expected.activity[i] / 256.0;
            add(1 / (activity * activity + QUIET));
        }
    }

    private void add(double weight) {
        for (int row = 0; row < TERMS; row++) {
            double term = weight * terms[row];
            if (term != 0) {
                double[] sums = products[row];
                for (int column = row; column <= TERMS; column++) {
                    sums[column] += term * terms[column];
                }
            }
        }
    }

    /** Half of what was seen is forgotten. */
    void age() {
        for (double[] row : products) {
            for (int column = 0; column <= TERMS; column++) {
                row[column] /= 2;
            }
        }
    }

    /** Gives the best weights, by Gaussian elimination of the symmetric, positive definite normal equations. */
    void into(int[] weights) {
        double[][] left = new double[TERMS][TERMS + 1];
        for (int row = 0; row < TERMS; row++) {
            for (int column = 0; column <= TERMS; column++) {
                left[row][column] = products[Math.min(row, column)][Math.max(row, column)];
            }
            left[row][row] += RIDGE;
            left[row][TERMS] += RIDGE * FrameModel.usual(row) / UNIT;
        }
        for (int pivot = 0; pivot < TERMS; pivot++) {
            for (int row = pivot + 1; row < TERMS; row++) {
                double factor = left[row][pivot] / left[pivot][pivot];
                for (int column = pivot; column <= TERMS; column++) {
                    left[row][column] -= factor * left[pivot][column];
                }
            }
        }
        double[] solution = new double[TERMS];
        for (int row = TERMS - 1; row >= 0; row--) {
            double rest = left[row][TERMS];
            for (int column = row + 1; column < TERMS; column++) {
                rest -= left[row][column] * solution[column];
            }
            solution[row] = rest / left[row][row];
            long rounded = Math.round(solution[row] * UNIT);
            weights[row] = (int) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, rounded));
        }
    }
}
