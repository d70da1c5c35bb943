package dev.cleave.edge.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerComparisonTest {
    private static Map<String, Tensor> scores(float... values) {
        return Map.of("y", Tensor.ofFloats(Shape.of(values.length / 3, 3), values));
    }

    private static AnswerComparison comparison(Shape shape) {
        return new AnswerComparison(List.of(new TensorSpec("y", ElementType.FLOAT32, shape)));
    }

    @Test
    void comparesEachRowByTheRuleOfVerify() {
        AnswerComparison comparison = comparison(Shape.of(Shape.BATCH, 3));
        assertThat(comparison.rule()).isEqualTo("top-1");
        assertThat(comparison.rows(2)).isEqualTo(2);
        assertThat(comparison.agreeing(2, scores(1, 5, 2, 7, 0, 0), scores(0, 1, 0, 0, 9, 0)))
                .isEqualTo(1);
        assertThat(comparison.agreeing(1, scores(1, 5, 2), scores(0, 1, 0))).isEqualTo(1);
    }

    @Test
    void outputsThatAreNotByRowAreComparedWhole() {
        AnswerComparison comparison = comparison(Shape.of(3, 3));
        assertThat(comparison.rows(8)).isEqualTo(1);
    }
}
