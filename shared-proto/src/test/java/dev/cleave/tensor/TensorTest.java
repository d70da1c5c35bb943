package dev.cleave.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void storesElementsLittleEndianInADirectBuffer() {
        Tensor tensor = Tensor.ofInts(Shape.of(1), 0x01020304);
        assertThat(tensor.data().isDirect()).isTrue();
        assertThat(tensor.data().get(0)).isEqualTo((byte) 4);
        assertThat(tensor.elements()).isEqualTo(1);
        assertThat(tensor.bytes()).isEqualTo(4);
    }

    @Test
    void rowsAreViewsOfTheSameMemory() {
        Tensor tensor = Tensor.ofFloats(Shape.of(3, 2), 0, 1, 2, 3, 4, 5);
        Tensor middle = tensor.rows(1, 1);
        assertThat(middle.shape()).isEqualTo(Shape.of(1, 2));
        middle.data().putFloat(0, 9);
        assertThat(tensor.data().getFloat(8)).isEqualTo(9);
        assertThatThrownBy(() -> tensor.rows(2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void everyViewHasAPositionOfItsOwn() {
        Tensor tensor = Tensor.ofLongs(Shape.of(2), 1, 2);
        tensor.data().getLong();
        assertThat(tensor.data().position()).isZero();
    }

    @Test
    void wrapsOnlyDirectBuffersOfTheExactSize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.wrap(ElementType.UINT8, Shape.of(4), ByteBuffer.allocate(4)))
                .withMessageContaining("heap");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.wrap(ElementType.UINT8, Shape.of(4), ByteBuffer.allocateDirect(5)))
                .withMessageContaining("expected 4");
    }

    @Test
    void refusesOpenAndOversizedShapes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.allocate(ElementType.FLOAT32, Shape.of(Shape.DYNAMIC)))
                .withMessageContaining("open");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.allocate(ElementType.FLOAT64, Shape.of(1 << 28)))
                .withMessageContaining("2 GiB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofFloats(Shape.of(2), 1))
                .withMessageContaining("[2]");
    }

    @Test
    void reshapesWithoutCopying() {
        Tensor tensor = Tensor.ofBytes(ElementType.INT8, Shape.of(2, 2), (byte) 1, (byte) 2, (byte) 3, (byte) 4);
        tensor.reshaped(Shape.of(4)).data().put(3, (byte) 7);
        assertThat(tensor.data().get(3)).isEqualTo((byte) 7);
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.reshaped(Shape.of(5)));
    }

    @Test
    void aDeclarationSaysWhyATensorDoesNotFit() {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2));
        assertThat(spec.mismatch(Tensor.ofFloats(Shape.of(1, 2), 0, 0))).isNull();
        assertThat(spec.mismatch(Tensor.ofInts(Shape.of(1, 2), 0, 0))).contains("\"x\"", "int32", "float32");
        assertThat(spec.mismatch(Tensor.ofFloats(Shape.of(2), 0, 0))).contains("[2]", "[N,2]");
    }
}
