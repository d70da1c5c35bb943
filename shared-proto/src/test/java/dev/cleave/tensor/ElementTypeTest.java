package dev.cleave.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementTypeTest {
    @ParameterizedTest
    @EnumSource(ElementType.class)
    void isFoundByItsOnnxCodeAndItsJsonName(ElementType type) {
        assertThat(ElementType.fromOnnxCode(type.onnxCode())).isEqualTo(type);
        assertThat(ElementType.fromJsonName(type.jsonName())).isEqualTo(type);
        assertThat(type.bytes()).isIn(1, 2, 4, 8);
    }

    @Test
    void refusesStringsByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElementType.fromOnnxCode(8))
                .withMessageContaining("string");
    }

    @Test
    void refusesUnknownNamesNamingThem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElementType.fromJsonName("float8"))
                .withMessageContaining("float8");
    }
}
