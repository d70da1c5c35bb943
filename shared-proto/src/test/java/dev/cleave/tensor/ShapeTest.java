package dev.cleave.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
    private static final Shape OPEN = Shape.of(Shape.BATCH, 3, Shape.DYNAMIC);

    @Test
    void acceptsEveryStaticShapeThatItStandsFor() {
        assertThat(OPEN.accepts(Shape.of(5, 3, 0))).isTrue();
        assertThat(OPEN.accepts(Shape.of(5, 4, 7))).isFalse();
        assertThat(OPEN.accepts(Shape.of(5, 3))).isFalse();
        assertThat(OPEN.accepts(OPEN)).isFalse();
    }

    @Test
    void replacesOnlyTheBatchDimensionByRows() {
        assertThat(OPEN.withRows(8)).isEqualTo(Shape.of(8, 3, Shape.DYNAMIC));
        assertThat(Shape.of(1, 2).withRows(8)).isEqualTo(Shape.of(1, 2));
    }

    @Test
    void countsTheElementsOfStaticShapesOnly() {
        assertThat(Shape.of().elements()).isEqualTo(1);
        assertThat(Shape.of(2, 0, 3).elements()).isZero();
        assertThatIllegalStateException().isThrownBy(OPEN::elements).withMessageContaining("[N,3,?]");
        assertThatThrownBy(() -> Shape.of(1L << 40, 1L << 40).elements()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void refusesABatchDimensionAnywhereButFirst() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(3, Shape.BATCH))
                .withMessageContaining("axis 1");
    }

    @Test
    void refusesNegativeSizesAndTooManyDimensions() {
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(-3)).withMessageContaining("-3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(new long[17]))
                .withMessageContaining("17");
    }

    @Test
    void keepsItsOwnCopyOfTheDimensions() {
        long[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    }
}
