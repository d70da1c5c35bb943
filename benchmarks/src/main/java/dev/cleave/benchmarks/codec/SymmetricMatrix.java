package dev.cleave.benchmarks.codec;

import java.util.Arrays;
import java.util.Comparator;

/** Symmetric matrices of some hundred rows, as {@code double[row][column]}: what the study of transforms needs of them. */
final class SymmetricMatrix {
    private static final int MAX_SWEEPS = 30;
    private static final double CONVERGED = 1e-18;

    private SymmetricMatrix() {}

    /**
     * Eigenvalues, falling, and their vectors.
     *
     * @param vectors a vector per column
     */
    record Eigen(double[] values, double[][] vectors) {}

    /** By Jacobi's rotations. The matrix is left alone. */
    static Eigen eigen(double[][] matrix) {
        int n = matrix.length;
        double[][] a = new double[n][];
        double[][] v = new double[n][n];
        for (int i = 0; i < n; i++) {
            a[i] = matrix[i].clone();
            v[i][i] = 1;
        }
        for (int sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a) > CONVERGED * diagonal(a); sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotate(a, v, p, q);
                }
            }
        }
        return sorted(a, v);
    }

    private static void rotate(double[][] a, double[][] v, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cosine = 1 / Math.sqrt(tangent * tangent + 1);
        double sine = tangent * cosine;
        for (double[] row : a) {
            turn(row, p, q, cosine, sine);
        }
        for (int i = 0; i < a.length; i++) {
            double first = a[p][i];
            double second = a[q][i];
            a[p][i] = cosine * first - sine * second;
            a[q][i] = sine * first + cosine * second;
        }
        for (double[] row : v) {
            turn(row, p, q, cosine, sine);
        }
    }

    private static void turn(double[] row, int p, int q, double cosine, double sine) {
        double first = row[p];
        double second = row[q];
        row[p] = cosine * first - sine * second;
        row[q] = sine * first + cosine * second;
    }

    private static double offDiagonal(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += a[i][j] * a[i][j];
            }
        }
        return sum;
    }

    private static double diagonal(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i][i] * a[i][i];
        }
        return sum;
    }

    private static Eigen sorted(double[][] a, double[][] v) {
        int n = a.length;
        Integer[] order = new Integer[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        Arrays.sort(order, Comparator.comparingDouble(i -> -a[i][i]));
        double[] values = new double[n];
        double[][] vectors = new double[n][n];
        for (int i = 0; i < n; i++) {
            values[i] = a[order[i]][order[i]];
            for (int row = 0; row < n; row++) {
                vectors[row][i] = v[row][order[i]];
            }
        }
        return new Eigen(values, vectors);
    }

    /** Plus a share of its mean diagonal element on the diagonal. */
    static double[][] ridged(double[][] matrix, double share) {
        double trace = 0;
        for (int i = 0; i < matrix.length; i++) {
            trace += matrix[i][i];
        }
        double[][] ridged = new double[matrix.length][];
        for (int i = 0; i < matrix.length; i++) {
            ridged[i] = matrix[i].clone();
            ridged[i][i] += Math.max(share * trace / matrix.length, Double.MIN_NORMAL);
        }
        return ridged;
    }

    static double[][] product(double[][] left, double[][] right) {
        double[][] product = new double[left.length][right[0].length];
        for (int i = 0; i < left.length; i++) {
            for (int k = 0; k < right.length; k++) {
                for (int j = 0; j < right[0].length; j++) {
                    product[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return product;
    }

    static double[][] transposed(double[][] matrix) {
        double[][] transposed = new double[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                transposed[j][i] = matrix[i][j];
            }
        }
        return transposed;
    }

    /** The unit lower triangle L of {@code L' D L}, for a positive definite matrix. */
    static double[][] lowerFactor(double[][] matrix) {
        int n = matrix.length;
        double[][] rest = new double[n][];
        for (int i = 0; i < n; i++) {
            rest[i] = matrix[i].clone();
        }
        double[][] lower = new double[n][n];
        for (int last = n - 1; last >= 0; last--) {
            for (int j = 0; j <= last; j++) {
                lower[last][j] = rest[last][j] / rest[last][last];
            }
            for (int i = 0; i < last; i++) {
                for (int j = 0; j < last; j++) {
                    rest[i][j] -= lower[last][i] * rest[last][j];
                }
            }
        }
        return lower;
    }
}
