package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunMemoryTest {
    @Test
    void isDividedAmongRowsAndRoundedUp() {
        RunMemory taken = new RunMemory(3, 30, 100);
        assertThat(taken.rowBytes()).isEqualTo(34);
        assertThat(taken.rowsWithin(68)).isEqualTo(2);
        assertThat(taken.rowsWithin(67)).isEqualTo(1);
        assertThat(taken.rowsWithin(1)).as("less than a row is no batch").isEqualTo(1);
        assertThat(taken.rowsWithin(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void growsWithItsInputs() {
        RunMemory taken = new RunMemory(3, 30, 100);
        assertThat(taken.inputsWithin(1000)).isEqualTo(300);
        assertThat(taken.inputsWithin(1)).isEqualTo(1);
        assertThat(taken.inputsWithin(Long.MAX_VALUE)).isPositive();
    }

    @Test
    void whatIsNotKnownBoundsNothing() {
        assertThat(RunMemory.UNKNOWN.rowsWithin(1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(RunMemory.UNKNOWN.inputsWithin(1)).isEqualTo(Long.MAX_VALUE);
        List<Tensor> inputs = List.of(Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 5)));
        assertThat(RunMemory.of(2, inputs, 0)).isEqualTo(RunMemory.UNKNOWN);
        assertThat(RunMemory.of(2, inputs, 7)).isEqualTo(new RunMemory(2, 40, 7));
    }

    @Test
    void aRunHasRowsAndInputs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RunMemory(0, 1, 5))
                .withMessageContaining("0 rows");
        assertThatIllegalArgumentException().isThrownBy(() -> new RunMemory(1, 0, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> new RunMemory(1, 1, -5));
    }
}
