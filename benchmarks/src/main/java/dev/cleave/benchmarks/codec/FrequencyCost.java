package dev.cleave.benchmarks.codec;

import java.util.List;

/**
 * What integers of frequencies would cost with tables made for them, as entropy: no coder of the product has such contexts. A
 * table for each class of equally lively coefficients and each sum of neighbours' sizes: in the blocks to the left and above,
 * and at the next lower frequencies.
 */
final class FrequencyCost {
    private static final int CLASSES = 40;
    private static final int CONTEXTS = 12;
    private static final int LARGEST = 64;
    /** Of an integer beyond. */
    private static final int OUTSIDE_BITS = 12;

    private static final int NEIGHBOUR_LIMIT = 8;
    private static final double SMOOTHING = 0.02;
    private static final double MARGINAL_WEIGHT = 2;

    private final BlockBasis basis;
    private final int[] classOf;
    private final double[][] bits;

    FrequencyCost(BlockBasis basis, List<int[]> learned) {
        this.basis = basis;
        classOf = classes(learned);
        double[][] counts = new double[CLASSES * CONTEXTS][2 * LARGEST + 1];
        for (int[] picture : learned) {
            for (int i = 0; i < picture.length; i++) {
                counts[context(picture, i)][index(picture[i])]++;
            }
        }
        bits = bits(counts);
    }

    private int[] classes(List<int[]> learned) {
        int kinds = basis.area() * basis.channels;
        double[] energies = new double[kinds];
        long count = (long) learned.size() * basis.blocks();
        for (int[] picture : learned) {
            for (int i = 0; i < picture.length; i++) {
                energies[i % kinds] += picture[i] * (double) picture[i] / count;
            }
        }
        int[] classes = new int[kinds];
        for (int i = 0; i < kinds; i++) {
            double size = Math.log(energies[i] + 1e-4) / Math.log(2);
            classes[i] = (int) Math.max(0, Math.min(CLASSES - 1, Math.round(1.5 * (size + 13))));
        }
        return classes;
    }

    private int context(int[] picture, int at) {
        int kinds = basis.area() * basis.channels;
        int across = basis.width / basis.side;
        int block = at / kinds;
        int coefficient = at % kinds / basis.channels;
        int sum = 0;
        sum += block % across > 0 ? size(picture[at - kinds]) : 0;
        sum += block >= across ? size(picture[at - across * kinds]) : 0;
        sum += coefficient % basis.side > 0 ? size(picture[at - basis.channels]) : 0;
        sum += coefficient >= basis.side ? size(picture[at - basis.side * basis.channels]) : 0;
        return classOf[at % kinds] * CONTEXTS + Math.min(CONTEXTS - 1, sum);
    }

    private static int size(int level) {
        return Math.min(NEIGHBOUR_LIMIT, Math.abs(level));
    }

    private static int index(int level) {
        return Math.max(-LARGEST, Math.min(LARGEST, level)) + LARGEST;
    }

    /** Tables of few counts lean on those of their class. */
    private static double[][] bits(double[][] counts) {
        double[][] bits = new double[counts.length][2 * LARGEST + 1];
        for (int first = 0; first < counts.length; first += CONTEXTS) {
            double[] marginal = new double[2 * LARGEST + 1];
            for (int s = 0; s < marginal.length; s++) {
                marginal[s] = SMOOTHING;
                for (int table = first; table < first + CONTEXTS; table++) {
                    marginal[s] += counts[table][s];
                }
            }
            for (int table = first; table < first + CONTEXTS; table++) {
                for (int s = 0; s < marginal.length; s++) {
                    double share = (counts[table][s] + MARGINAL_WEIGHT * marginal[s] / sum(marginal))
                            / (sum(counts[table]) + MARGINAL_WEIGHT);
                    bits[table][s] = -Math.log(share) / Math.log(2);
                }
            }
        }
        return bits;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /** Bits per integer. */
    double bits(List<int[]> pictures) {
        double sum = 0;
        long count = 0;
        for (int[] picture : pictures) {
            for (int i = 0; i < picture.length; i++) {
                sum += bits[context(picture, i)][index(picture[i])];
                sum += Math.abs(picture[i]) > LARGEST ? OUTSIDE_BITS : 0;
            }
            count += picture.length;
        }
        return sum / count;
    }
}
