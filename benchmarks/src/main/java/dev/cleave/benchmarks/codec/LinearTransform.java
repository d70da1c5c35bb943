package dev.cleave.benchmarks.codec;

import dev.cleave.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A Karhunen-Loeve transform over channels, one for each band of frequencies, quantised in equal steps; weighted, the
 * components are scaled by what the tail reads of them, so that equal steps cost equal errors of the scores.
 *
 * <p>With V the covariance of a band's coefficients and S the tail's sensitivity (identity if not weighted), S = R R', and the
 * components are those of R' V R: z = (x - mean) R U. Where the tail reads nothing, R is next to 0, and nothing is sent.
 */
final class LinearTransform implements CodingForm {
    private static final double RIDGE = 1e-6;
    /** Upper ends of bands of frequencies; the mean is a band of its own. */
    private static final double[] BANDS = {0, 0.13, 0.2, 0.26, 0.36, 0.5, 0.7, 2};

    /** Of the scores, as a share of their deviation, at the finest step. */
    private static final double FINEST_ERROR = 0.01;

    private record Band(boolean[] coefficients, float[][] forward, float[][] back) {}

    private final String label;
    private final BlockBasis basis;
    private final float[] means;
    private final List<Band> bands = new ArrayList<>();
    private final double finest;

    LinearTransform(String label, StudiedCut cut, BlockBasis basis, boolean weighted, Random random)
            throws EngineException {
        this.label = label;
        this.basis = basis;
        means = means(cut);
        List<float[]> coefficients = new ArrayList<>();
        cut.learned.forEach(picture -> coefficients.add(basis.forward(centred(picture))));
        double below = -1;
        for (double above : BANDS) {
            boolean[] members = members(below, above);
            below = above;
            if (members != null) {
                double[][] form =
                        weighted ? new TailSensitivity(cut, basis).of(members, random) : identity(cut.channels);
                add(members, form, covariance(coefficients, members));
            }
        }
        finest = weighted ? cut.stepForError(FINEST_ERROR) : cut.deviation() / 16;
    }

    private boolean[] members(double below, double above) {
        boolean[] members = new boolean[basis.area()];
        boolean any = false;
        for (int i = 0; i < members.length; i++) {
            members[i] = basis.frequency(i) > below && basis.frequency(i) <= above;
            any |= members[i];
        }
        return any ? members : null;
    }

    private static double[][] identity(int size) {
        double[][] identity = new double[size][size];
        for (int i = 0; i < size; i++) {
            identity[i][i] = 1;
        }
        return identity;
    }

    private float[] means(StudiedCut cut) {
        double[] sums = new double[cut.channels];
        for (float[] picture : cut.learned) {
            for (int i = 0; i < picture.length; i++) {
                sums[i % cut.channels] += picture[i];
            }
        }
        float[] means = new float[cut.channels];
        for (int c = 0; c < means.length; c++) {
            means[c] = (float) (sums[c] / cut.learned.size() / (cut.height * cut.width));
        }
        return means;
    }

    private float[] centred(float[] picture) {
        float[] centred = new float[picture.length];
        for (int i = 0; i < picture.length; i++) {
            centred[i] = picture[i] - means[i % means.length];
        }
        return centred;
    }

    private double[][] covariance(List<float[]> coefficients, boolean[] members) {
        int channels = basis.channels;
        double[][] sums = new double[channels][channels];
        long count = 0;
        for (float[] picture : coefficients) {
            for (int from = 0; from < picture.length; from += channels) {
                if (members[from / channels % basis.area()]) {
                    count++;
                    for (int a = 0; a < channels; a++) {
                        double value = picture[from + a];
                        for (int b = 0; b <= a; b++) {
                            sums[a][b] += value * picture[from + b];
                        }
                    }
                }
            }
        }
        for (int a = 0; a < channels; a++) {
            for (int b = 0; b <= a; b++) {
                sums[a][b] /= count;
                sums[b][a] = sums[a][b];
            }
        }
        return sums;
    }

    private void add(boolean[] members, double[][] form, double[][] covariance) {
        int channels = form.length;
        SymmetricMatrix.Eigen reading = SymmetricMatrix.eigen(SymmetricMatrix.ridged(form, RIDGE));
        double[][] root = new double[channels][channels];
        double[][] inverseRoot = new double[channels][channels];
        for (int i = 0; i < channels; i++) {
            double scale = Math.sqrt(Math.max(reading.values()[i], Double.MIN_NORMAL));
            for (int c = 0; c < channels; c++) {
                root[c][i] = reading.vectors()[c][i] * scale;
                inverseRoot[i][c] = reading.vectors()[c][i] / scale;
            }
        }
        double[][] weighted =
                SymmetricMatrix.product(SymmetricMatrix.product(SymmetricMatrix.transposed(root), covariance), root);
        SymmetricMatrix.Eigen components = SymmetricMatrix.eigen(weighted);
        bands.add(new Band(
                members,
                floats(SymmetricMatrix.product(root, components.vectors())),
                floats(SymmetricMatrix.product(SymmetricMatrix.transposed(components.vectors()), inverseRoot))));
    }

    private static float[][] floats(double[][] matrix) {
        float[][] floats = new float[matrix.length][matrix[0].length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                floats[i][j] = (float) matrix[i][j];
            }
        }
        return floats;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public double finest() {
        return finest;
    }

    @Override
    public BlockBasis basis() {
        return basis;
    }

    @Override
    public int[] levels(float[] picture, float step) {
        float[] components = each(basis.forward(centred(picture)), true);
        int[] levels = new int[components.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = Math.round(components[i] / step);
        }
        return levels;
    }

    @Override
    public float[] picture(int[] levels, float step) {
        float[] components = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            components[i] = levels[i] * step;
        }
        float[] picture = basis.inverse(each(components, false));
        for (int i = 0; i < picture.length; i++) {
            // Not clamped at a Relu's 0: noise around 0 averages out in the tail, and what is left of it when clamped
            // does not.
            picture[i] += means[i % means.length];
        }
        return picture;
    }

    /** Every coefficient's channels times its band's matrix. */
    private float[] each(float[] in, boolean forward) {
        int channels = basis.channels;
        float[] out = new float[in.length];
        for (int from = 0; from < in.length; from += channels) {
            int coefficient = from / channels % basis.area();
            for (Band band : bands) {
                if (band.coefficients[coefficient]) {
                    float[][] matrix = forward ? band.forward : band.back;
                    for (int a = 0; a < channels; a++) {
                        float value = in[from + a];
                        for (int b = 0; value != 0 && b < channels; b++) {
                            out[from + b] += value * matrix[a][b];
                        }
                    }
                }
            }
        }
        return out;
    }
}
