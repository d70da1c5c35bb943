package dev.cleave.answer;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * Whether two runs of a model gave the same answer: what a user of the model would notice, not how far floats are apart.
 *
 * <ul>
 *   <li>{@code equal}: some outputs are integers (labels, characters): all of those are equal; scores beside them are
 *       not compared.
 *   <li>{@code top-1}: the first output is one vector of scores per row: the largest is at the same place.
 *   <li>{@code l2<=5%}: anything else (detectors, auto-encoders, embeddings): every output's difference has at most 5 %
 *       of the output's Euclidean norm.
 * </ul>
 */
public enum Agreement {
    EQUAL("equal"),
    TOP_1("top-1"),
    CLOSE("l2<=5%");

    private static final double CLOSE_BOUND = 0.05;

    private final String label;

    Agreement(String label) {
        this.label = label;
    }

    /** The metric's name in reports. */
    public String label() {
        return label;
    }

    /** The metric that fits a model with these outputs. */
    public static Agreement forOutputs(List<TensorSpec> outputs) {
        for (TensorSpec output : outputs) {
            if (!output.type().isFloating()) {
                return EQUAL;
            }
        }
        return isScores(outputs.get(0)) ? TOP_1 : CLOSE;
    }

    /** One vector of at least two scores per row, extra dimensions of size 1 allowed ({@code [N,1000,1,1]}). */
    private static boolean isScores(TensorSpec output) {
        int wide = 0;
        for (int axis = 1; axis < output.shape().rank(); axis++) {
            if (output.shape().dim(axis) != 1) {
                wide++;
            }
        }
        return wide == 1;
    }

    /**
     * @param actual one row's outputs, by name
     * @param expected the reference's outputs of that row
     */
    public boolean agrees(List<TensorSpec> outputs, Map<String, Tensor> actual, Map<String, Tensor> expected) {
        return switch (this) {
            case TOP_1 -> {
                String scores = outputs.get(0).name();
                yield Values.argmax(actual.get(scores)) == Values.argmax(expected.get(scores));
            }
            case EQUAL ->
                outputs.stream()
                        .filter(output -> !output.type().isFloating())
                        .allMatch(output -> Values.bitEqual(actual.get(output.name()), expected.get(output.name())));
            case CLOSE ->
                outputs.stream()
                        .allMatch(output -> Values.relativeL2(actual.get(output.name()), expected.get(output.name()))
                                <= CLOSE_BOUND);
        };
    }
}
