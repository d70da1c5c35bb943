package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import org.junit.jupiter.api.Test;

class ZeroInputsTest {
    private static final int WIDTH = 4;

    private final Contract contract = TestModel.named("m").contract();

    @Test
    void zerosAreOfTheTypeThatCrosses() {
        ZeroInputs zeros = ZeroInputs.of(contract, contract.points().get(1));
        assertThat(zeros.open()).isNull();
        assertThat(zeros.bytes(3)).isEqualTo(3 * WIDTH * 4);
        assertThat(zeros.rows(3).get("a").type()).isEqualTo(ElementType.FLOAT32);
        assertThat(zeros.rows(3).get("a").shape()).isEqualTo(Shape.of(3, WIDTH));
    }
}
