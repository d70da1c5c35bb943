package dev.cleave.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final TensorSpec SCORES = floats("scores", Shape.of(Shape.BATCH, 3));
    private static final TensorSpec MAP = floats("map", Shape.of(Shape.BATCH, 2, 2));
    private static final TensorSpec LABEL = new TensorSpec("label", ElementType.INT64, Shape.of(Shape.BATCH));

    @Test
    void theMetricFollowsFromTheOutputs() {
        assertThat(Agreement.forOutputs(List.of(SCORES))).isEqualTo(Agreement.TOP_1);
        assertThat(Agreement.forOutputs(List.of(floats("y", Shape.of(Shape.BATCH, 1000, 1, 1)))))
                .isEqualTo(Agreement.TOP_1);
        assertThat(Agreement.forOutputs(List.of(MAP))).isEqualTo(Agreement.CLOSE);
        assertThat(Agreement.forOutputs(List.of(floats("y", Shape.of(Shape.BATCH, 1)))))
                .isEqualTo(Agreement.CLOSE);
        assertThat(Agreement.forOutputs(List.of(SCORES, LABEL))).isEqualTo(Agreement.EQUAL);
    }

    @Test
    void top1AsksOnlyWhereTheLargestScoreIs() {
        Map<String, Tensor> expected = Map.of("scores", row(1, 5, 2));
        assertThat(Agreement.TOP_1.agrees(List.of(SCORES), Map.of("scores", row(-9, 0, -1)), expected))
                .isTrue();
        assertThat(Agreement.TOP_1.agrees(List.of(SCORES), Map.of("scores", row(1, 5, 5.1f)), expected))
                .isFalse();
    }

    @Test
    void equalAsksForTheIntegersAlone() {
        List<TensorSpec> outputs = List.of(SCORES, LABEL);
        Map<String, Tensor> expected = Map.of("scores", row(1, 5, 2), "label", Tensor.ofLongs(Shape.of(1), 1));
        assertThat(Agreement.EQUAL.agrees(
                        outputs, Map.of("scores", row(7, 0, 0), "label", Tensor.ofLongs(Shape.of(1), 1)), expected))
                .isTrue();
        assertThat(Agreement.EQUAL.agrees(
                        outputs, Map.of("scores", row(1, 5, 2), "label", Tensor.ofLongs(Shape.of(1), 2)), expected))
                .isFalse();
    }

    @Test
    void closeAllowsFivePercentOfTheNormInEveryOutput() {
        List<TensorSpec> outputs = List.of(MAP, floats("other", Shape.of(Shape.BATCH, 2, 2)));
        Map<String, Tensor> expected = Map.of("map", square(10), "other", square(1));
        assertThat(Agreement.CLOSE.agrees(outputs, Map.of("map", square(10.4f), "other", square(1)), expected))
                .isTrue();
        assertThat(Agreement.CLOSE.agrees(outputs, Map.of("map", square(10), "other", square(1.1f)), expected))
                .isFalse();
    }

    private static TensorSpec floats(String name, Shape shape) {
        return new TensorSpec(name, ElementType.FLOAT32, shape);
    }

    private static Tensor row(float... values) {
        return Tensor.ofFloats(Shape.of(1, values.length), values);
    }

    private static Tensor square(float value) {
        return Tensor.ofFloats(Shape.of(1, 2, 2), value, value, value, value);
    }
}
