package dev.cleave.codec.temporal;

/**
 * Which weights would have predicted best, of a sample of places: least squares of each set, drawn towards the usual weights where
 * there is little to go by. Older tensors count half as much with every newer one. One thread.
 */
final class WeightFit {
    private static final int TERMS = FrameModel.TERMS;
    private static final double UNIT = 64;
    /** Observations that the usual weights count for, of terms of one symbol. */
    private static final double RIDGE = 40;
    /** Squared error of rounding, which no prediction takes away. */
    private static final double ROUNDING = 1 / 12.0;

    /** What weights of a set's own take in the coded bytes, and a little more to be worth the trouble. */
    private static final double WORTH_BITS = 8 * TERMS + 8;

    /** By set: products of the terms, the last being what they are to give. */
    private final double[][][] products = new double[FrameModel.SETS][TERMS + 1][TERMS + 1];

    private final double[] counts = new double[FrameModel.SETS];
    private final double[] terms = new double[TERMS + 1];

    /** Takes in a row whose symbols are chosen. */
    void observe(
            TemporalScratch scratch,
            Surroundings around,
            int row,
            int width,
            byte[] floors,
            byte[] fractions,
            int from) {
        byte[] reference = scratch.reference;
        byte[] symbols = scratch.symbols;
        int stride = width + 2;
        for (int x = 0; x < width; x++) {
            int i = row + x;
            int here = reference[i] & 0xff;
            terms[0] = (symbols[i - 1] & 0xff) - (reference[i - 1] & 0xff);
            terms[1] = (symbols[i - stride] & 0xff) - (reference[i - stride] & 0xff);
            terms[2] = (reference[i - 1] & 0xff) - here;
            terms[3] = (reference[i - stride] & 0xff) - here;
            terms[4] = (reference[i + 1] & 0xff) - here;
            terms[5] = (reference[i + stride] & 0xff) - here;
            terms[6] = (scratch.before[i] & 0xff) - here;
            terms[TERMS] = (floors[from + x] & 0xff) + (fractions[from + x] & 0xff) / 256.0 - here;
            counts[around.set[x]]++;
            add(products[around.set[x]]);
        }
    }

    private void add(double[][] sums) {
        for (int row = 0; row <= TERMS; row++) {
            double term = terms[row];
            if (term != 0) {
                for (int column = row; column <= TERMS; column++) {
                    sums[row][column] += term * terms[column];
                }
            }
        }
    }

    /**
     * Gives a model the weights that were best, where they save more than they cost.
     *
     * @param sampled how many places there are to each that was observed
     */
    void into(FrameModel model, int sampled) {
        for (int set = 0; set < FrameModel.SETS; set++) {
            int[] fitted = fitted(set);
            int[] usual = new int[TERMS];
            for (int term = 0; term < TERMS; term++) {
                usual[term] = FrameModel.usual(set, term);
            }
            double saved = counts[set] * sampled / 4 * log2(error(set, usual) / error(set, fitted));
            if (saved > WORTH_BITS) {
                model.set(set, fitted);
            } else {
                model.unset(set);
            }
        }
    }

    /** Half of what was seen is forgotten. */
    void age() {
        for (int set = 0; set < FrameModel.SETS; set++) {
            counts[set] /= 2;
            for (double[] row : products[set]) {
                for (int column = 0; column < row.length; column++) {
                    row[column] /= 2;
                }
            }
        }
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    /** Mean square error of a set's predictions, rounding included. */
    private double error(int set, int[] weights) {
        double[][] sums = products[set];
        double error = sums[TERMS][TERMS];
        for (int i = 0; i < TERMS; i++) {
            double weight = weights[i] / UNIT;
            error += weight * (weight * sums[i][i] - 2 * sums[i][TERMS]);
            for (int j = i + 1; j < TERMS; j++) {
                error += 2 * weight * weights[j] / UNIT * sums[i][j];
            }
        }
        return Math.max(0, error) / Math.max(1, counts[set]) + ROUNDING;
    }

    /** Gaussian elimination of the symmetric, positive definite normal equations. */
    private int[] fitted(int set) {
        double[][] left = new double[TERMS][TERMS + 1];
        for (int row = 0; row < TERMS; row++) {
            for (int column = 0; column <= TERMS; column++) {
                left[row][column] = products[set][Math.min(row, column)][Math.max(row, column)];
            }
            left[row][row] += RIDGE;
            left[row][TERMS] += RIDGE * FrameModel.usual(set, row) / UNIT;
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
        int[] weights = new int[TERMS];
        for (int row = TERMS - 1; row >= 0; row--) {
            double rest = left[row][TERMS];
            for (int column = row + 1; column < TERMS; column++) {
                rest -= left[row][column] * solution[column];
            }
            solution[row] = rest / left[row][row];
            weights[row] = (int) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, Math.round(solution[row] * UNIT)));
        }
        return weights;
    }
}
