package dev.cleave.sample.agent;

import dev.cleave.edge.InferenceResult;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How sure a classifier is of one class.
 *
 * @param index of the class
 * @param label its name, or empty if the bundle has none
 * @param probability 0 to 1, or NaN where the model gives only the class
 */
public record Score(int index, String label, double probability) {
    private static final double ROUNDING = 1e-3;

    /**
     * The best classes of the first row of a model's first output, best first; empty if that is no classifier's.
     *
     * @param labels of the bundle, by index
     */
    static List<Score> best(InferenceResult result, List<String> labels, int count) {
        Tensor output = result.outputs().values().iterator().next();
        boolean scores = output.type() == ElementType.FLOAT32
                && (labels.isEmpty() ? output.shape().rank() == 2 : output.elements() == labels.size());
        if (scores) {
            float[] values = new float[output.elements()];
            FloatBuffer data = output.data().asFloatBuffer();
            data.get(values);
            return best(values, labels, count);
        }
        return result.labels().isEmpty()
                ? Collections.emptyList()
                : Collections.singletonList(new Score(
                        labels.indexOf(result.labels().get(0)), result.labels().get(0), Double.NaN));
    }

    /**
     * The largest values as probabilities: themselves if they are some, that is none below 0 and 1 altogether, else
     * their softmax.
     */
    static List<Score> best(float[] values, List<String> labels, int count) {
        double[] probabilities = probabilities(values);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            order.add(i);
        }
        order.sort((a, b) -> Double.compare(probabilities[b], probabilities[a]));
        List<Score> best = new ArrayList<>();
        for (int index : order.subList(0, Math.min(count, values.length))) {
            best.add(new Score(index, labels.isEmpty() ? "" : labels.get(index), probabilities[index]));
        }
        return best;
    }

    private static double[] probabilities(float[] values) {
        double sum = 0;
        double largest = Double.NEGATIVE_INFINITY;
        double smallest = Double.POSITIVE_INFINITY;
        for (float value : values) {
            sum += value;
            largest = Math.max(largest, value);
            smallest = Math.min(smallest, value);
        }
        boolean already = smallest >= 0 && Math.abs(sum - 1) <= ROUNDING;
        double[] probabilities = new double[values.length];
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            probabilities[i] = already ? values[i] : Math.exp(values[i] - largest);
            total += probabilities[i];
        }
        for (int i = 0; i < values.length && !already; i++) {
            probabilities[i] /= total;
        }
        return probabilities;
    }
}
