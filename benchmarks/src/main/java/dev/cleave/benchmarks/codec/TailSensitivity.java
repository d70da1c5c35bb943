package dev.cleave.benchmarks.codec;

import dev.cleave.engine.EngineException;
import java.util.Random;

/**
 * How much the tail's scores change with noise on coefficients of a boundary, measured by running the tail: no gradients. One
 * thread.
 *
 * <p>Each channel in turn gets the same white noise n on the same coefficients. With d(c) the change of the scores, the mean
 * over pictures of d(a) * d(b) per unit of noise is the quadratic form that predicts the scores' squared error of any small
 * change that is independent from coefficient to coefficient; a picture gives as many of its ranks as there are scores.
 */
final class TailSensitivity {
    /** Changes of scores that a form is averaged over; a picture gives as many as there are scores. */
    private static final int CHANGES = 400;

    private static final int LEAST_PICTURES = 8;
    /** Noise as a share of the elements' standard deviation. */
    private static final double NOISE = 0.2;

    private final StudiedCut cut;
    private final BlockBasis basis;
    private final double noise;

    TailSensitivity(StudiedCut cut, BlockBasis basis) {
        this.cut = cut;
        this.basis = basis;
        noise = NOISE * cut.deviation();
    }

    /** Of the channels, per coefficient. @param coefficients of each block that get the noise */
    double[][] of(boolean[] coefficients, Random random) throws EngineException {
        int channels = cut.channels;
        double[][] form = new double[channels][channels];
        int pictures = Math.max(LEAST_PICTURES, CHANGES / cut.learnedScores.get(0).length);
        pictures = Math.min(pictures, cut.learned.size());
        int changed = 0;
        for (boolean each : coefficients) {
            changed += each ? basis.blocks() : 0;
        }
        for (int i = 0; i < pictures; i++) {
            float[][] changes = changes(i, coefficients, random);
            for (int a = 0; a < channels; a++) {
                for (int b = 0; b < channels; b++) {
                    double sum = 0;
                    for (int k = 0; k < changes[a].length; k++) {
                        sum += changes[a][k] * (double) changes[b][k];
                    }
                    form[a][b] += sum / pictures / changed / (noise * noise);
                }
            }
        }
        return form;
    }

    private float[][] changes(int picture, boolean[] coefficients, Random random) throws EngineException {
        float[] plane = new float[basis.height * basis.width];
        for (int i = 0; i < plane.length; i++) {
            plane[i] = coefficients[i % basis.area()] ? (float) (noise * random.nextGaussian()) : 0;
        }
        float[] spread = new BlockBasis(basis.height, basis.width, 1, basis.side, true).inverse(plane);
        float[][] changes = new float[cut.channels][];
        for (int c = 0; c < cut.channels; c++) {
            float[] changed = cut.learned.get(picture).clone();
            for (int i = 0; i < spread.length; i++) {
                changed[i * cut.channels + c] += spread[i];
            }
            changes[c] = cut.scores(changed);
            for (int k = 0; k < changes[c].length; k++) {
                changes[c][k] -= cut.learnedScores.get(picture)[k];
            }
        }
        return changes;
    }
}
