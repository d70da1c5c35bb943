package dev.cleave.benchmarks.codec;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One {@code [1,C,H,W]} boundary of floats and what the tail makes of it. Pictures are {@code [height][width][channels]}
 * here, scores less their mean. One thread.
 */
final class StudiedCut {
    private final RoundTrip roundTrip;
    private final int point;
    private final TensorSpec spec;
    private final String output;
    final int channels;
    final int height;
    final int width;
    /** Pictures to learn from, and their scores. */
    final List<float[]> learned = new ArrayList<>();

    final List<float[]> learnedScores = new ArrayList<>();
    /** Pictures to report on, and their scores. */
    final List<float[]> reported = new ArrayList<>();

    final List<float[]> reportedScores = new ArrayList<>();

    StudiedCut(CodecMaterial material, int point) throws EngineException, SampleException {
        roundTrip = material.run().roundTrip();
        this.point = point;
        spec = material.run().contract().points().get(point).specs().get(0);
        output = material.run().contract().outputs().get(0).name();
        channels = (int) spec.shape().dim(1);
        height = (int) spec.shape().dim(2);
        width = (int) spec.shape().dim(3);
        take(material.calibration(), learned, learnedScores);
        take(material.report(), reported, reportedScores);
    }

    private void take(Samples samples, List<float[]> pictures, List<float[]> scores)
            throws EngineException, SampleException {
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> live = roundTrip.head(point, samples.get(i).inputs());
            float[] planes = new float[channels * height * width];
            floats(live.get(spec.name())).get(planes);
            pictures.add(turned(planes, channels, height * width));
            scores.add(scores(pictures.get(i)));
        }
    }

    private static FloatBuffer floats(Tensor tensor) {
        return tensor.data().asFloatBuffer();
    }

    /** From rows x columns to columns x rows. */
    private static float[] turned(float[] in, int rows, int columns) {
        float[] out = new float[in.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                out[column * rows + row] = in[row * columns + column];
            }
        }
        return out;
    }

    /** Of the model's first output, less their mean, which no top-1 depends on. */
    float[] scores(float[] picture) throws EngineException {
        Tensor boundary =
                Tensor.ofFloats(Shape.of(1, channels, height, width), turned(picture, height * width, channels));
        Map<String, Tensor> live = new HashMap<>(Map.of(spec.name(), boundary));
        Tensor tensor = roundTrip.tail(point, live, live).get(output);
        float[] scores = new float[tensor.elements()];
        floats(tensor).get(scores);
        double sum = 0;
        for (float score : scores) {
            sum += score;
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] -= (float) (sum / scores.length);
        }
        return scores;
    }

    /** How well the report's answers survive. */
    record Outcome(double agreement, double error) {}

    /** @param changed the report's pictures after coding; error is that of scores, root mean square */
    Outcome outcome(List<float[]> changed) throws EngineException {
        int agreeing = 0;
        double squares = 0;
        for (int i = 0; i < changed.size(); i++) {
            float[] actual = scores(changed.get(i));
            float[] expected = reportedScores.get(i);
            agreeing += best(actual) == best(expected) ? 1 : 0;
            for (int k = 0; k < actual.length; k++) {
                squares += (actual[k] - expected[k]) * (double) (actual[k] - expected[k]) / actual.length;
            }
        }
        return new Outcome((double) agreeing / changed.size(), Math.sqrt(squares / changed.size()));
    }

    private static int best(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /** Standard deviation of elements within their channel, over all channels. */
    double deviation() {
        double[] sums = new double[channels];
        double squares = 0;
        long count = (long) learned.size() * height * width;
        for (float[] picture : learned) {
            for (int i = 0; i < picture.length; i++) {
                sums[i % channels] += picture[i];
                squares += (double) picture[i] * picture[i];
            }
        }
        for (double sum : sums) {
            squares -= sum * sum / count;
        }
        return Math.sqrt(squares / count / channels);
    }

    /**
     * The step of components with unit sensitivity whose rounding, were it white noise, would change scores that much.
     *
     * @param share of the scores' standard deviation
     */
    double stepForError(double share) {
        double squares = 0;
        int count = 0;
        for (float[] scores : learnedScores) {
            for (float score : scores) {
                squares += score * (double) score;
                count++;
            }
        }
        double error = share * Math.sqrt(squares / count);
        return error * Math.sqrt(12.0 * learnedScores.get(0).length / (channels * height * width));
    }

    /** Smallest element seen: 0 behind a Relu. */
    float lowest() {
        float lowest = Float.POSITIVE_INFINITY;
        for (float[] picture : learned) {
            for (float value : picture) {
                lowest = Math.min(lowest, value);
            }
        }
        return lowest;
    }
}
