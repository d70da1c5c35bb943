package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final int ROWS = 3;
    private static final long INPUT_BYTES = 4 * ROWS * 8;

    private static long heldBytes(int point, Shape... boundary) {
        List<BoundaryTensor> tensors = List.of(boundary).stream()
                .map(shape -> new BoundaryTensor(new TensorSpec("h" + shape, ElementType.FLOAT16, shape), null))
                .toList();
        InferenceInput input = InferenceInput.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(ROWS, 8)));
        LadderPoint at = new LadderPoint(point, tensors, Collections.emptyList(), Collections.emptyList());
        return Admission.heldBytes(at, new Request(input, ROWS, 0, 0));
    }

    @Test
    void aFrameHoldsWhatItsBoundaryHoldsHoweverSmallTheInput() {
        assertThat(heldBytes(1, Shape.of(Shape.BATCH, 1000), Shape.of(7))).isEqualTo(2 * (ROWS * 1000 + 7));
    }

    @Test
    void aFrameOfThePointBeforeAllSegmentsHoldsTheInput() {
        assertThat(heldBytes(0, Shape.of(Shape.BATCH, 1000))).isEqualTo(INPUT_BYTES);
    }

    @Test
    void aBoundaryOfOpenShapeIsTakenForAsLargeAsTheInput() {
        assertThat(heldBytes(1, Shape.of(Shape.BATCH, 1000), Shape.of(Shape.BATCH, Shape.DYNAMIC)))
                .isEqualTo(INPUT_BYTES);
    }
}
