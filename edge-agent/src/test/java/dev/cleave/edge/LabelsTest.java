package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.CodecParams;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static List<String> labels(Tensor output, int rows, String... known) {
        TensorSpec spec = new TensorSpec("y", output.type(), output.shape());
        Contract contract = new Contract(
                "m",
                "1",
                "",
                "fp32",
                "fp32",
                Collections.emptyList(),
                Collections.singletonList(spec),
                Collections.singletonList(new CodecParams.Raw()),
                Arrays.asList(known),
                null,
                8,
                "",
                Collections.emptyList(),
                Collections.emptyList(),
                0,
                Collections.emptyList(),
                Collections.emptyList());
        return Labels.of(contract, Collections.singletonMap("y", output), rows);
    }

    @Test
    void namesTheLargestScoreOfEachRow() {
        Tensor scores = Tensor.ofFloats(Shape.of(2, 3, 1), -5, -1, -2, 7, 7, 1);
        assertThat(labels(scores, 2, "a", "b", "c")).containsExactly("b", "a");
    }

    @Test
    void namesTheIndexThatAReducedOutputHolds() {
        assertThat(labels(Tensor.ofLongs(Shape.of(2), 2, 0), 2, "a", "b", "c")).containsExactly("c", "a");
    }

    @Test
    void saysNothingOfAnIndexThatIsNoLabels() {
        assertThat(labels(Tensor.ofLongs(Shape.of(2), 3, 0), 2, "a", "b", "c")).isEmpty();
        assertThat(labels(Tensor.ofLongs(Shape.of(1), -1), 1, "a")).hasSize(1);
        assertThat(labels(Tensor.ofLongs(Shape.of(1), -1), 1, "a", "b")).isEmpty();
    }

    @Test
    void saysNothingOfAnOutputThatIsNoClassifiers() {
        assertThat(labels(Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4), 1, "a", "b"))
                .isEmpty();
        assertThat(labels(Tensor.ofFloats(Shape.of(1), 1), 1, "a", "b")).isEmpty();
        assertThat(labels(Tensor.ofFloats(Shape.of(1, 2), 1, 2), 1)).isEmpty();
        assertThat(labels(Tensor.allocate(ElementType.FLOAT32, Shape.of(0, 2)), 1, "a", "b"))
                .isEmpty();
    }
}
