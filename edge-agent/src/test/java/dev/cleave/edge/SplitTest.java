package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    @ParameterizedTest
    @CsvSource({"local, 5", "cloud, 0", "0, 0", "3, 3"})
    void readsWhatTheCommandLineSays(String text, int point) {
        Split split = Split.parse(text);
        assertThat(split.isAuto()).isFalse();
        assertThat(split.point(5)).isEqualTo(point);
        assertThat(split).hasToString(text);
    }

    @Test
    void autoIsNoPoint() {
        assertThat(Split.parse("auto").isAuto()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "LOCAL", "1.5", "-1", "99999999999"})
    void refusesAnythingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Split.parse(text));
    }
}
