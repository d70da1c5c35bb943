package dev.cleave.benchmarks.codec;

import dev.cleave.engine.EngineException;
import java.util.Random;

/**
 * Elements as they are, in equal steps, as the common range of calibration does; or, <i>shaped</i>, rounded channel by channel
 * such that the tail's reading of earlier channels' errors is made up for by later ones.
 *
 * <p>Shaping is the closest-point search that GPTQ (arXiv:2210.17323) rounds weights with: with the tail's sensitivity
 * {@code S = L' D L}, the element of channel i is rounded after {@code sum over j < i of L[i][j] * error[j]} is taken off.
 */
final class EqualSteps implements CodingForm {
    private static final double RIDGE = 1e-3;

    private final StudiedCut cut;
    private final BlockBasis basis;
    private final float lowest;
    /** Null: plain rounding. */
    private final double[][] feedback;

    private EqualSteps(StudiedCut cut, BlockBasis basis, double[][] feedback) {
        this.cut = cut;
        this.basis = basis;
        this.feedback = feedback;
        lowest = cut.lowest();
    }

    static EqualSteps plain(StudiedCut cut) {
        return new EqualSteps(cut, new BlockBasis(cut.height, cut.width, cut.channels, 1, false), null);
    }

    static EqualSteps shaped(StudiedCut cut, Random random) throws EngineException {
        BlockBasis basis = new BlockBasis(cut.height, cut.width, cut.channels, 1, false);
        double[][] form = new TailSensitivity(cut, basis).of(new boolean[] {true}, random);
        return new EqualSteps(cut, basis, SymmetricMatrix.lowerFactor(SymmetricMatrix.ridged(form, RIDGE)));
    }

    @Override
    public String label() {
        return feedback == null ? "equal steps" : "equal steps, shaped";
    }

    @Override
    public double finest() {
        return cut.deviation() / 16;
    }

    @Override
    public BlockBasis basis() {
        return basis;
    }

    @Override
    public int[] levels(float[] picture, float step) {
        int[] levels = new int[picture.length];
        double[] errors = new double[cut.channels];
        for (int from = 0; from < picture.length; from += cut.channels) {
            for (int c = 0; c < cut.channels; c++) {
                double value = picture[from + c] - lowest;
                double aim = value;
                for (int j = 0; feedback != null && j < c; j++) {
                    aim -= feedback[c][j] * errors[j];
                }
                // A zero of a Relu stays one: it costs least, and the tail has learned that zeros mean nothing.
                int level = value == 0 ? 0 : (int) Math.max(0, Math.round(aim / step));
                levels[from + c] = level;
                errors[c] = level * (double) step - value;
            }
        }
        return levels;
    }

    @Override
    public float[] picture(int[] levels, float step) {
        float[] picture = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            picture[i] = lowest + levels[i] * step;
        }
        return picture;
    }
}
