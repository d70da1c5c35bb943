package dev.cleave.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Proportion;
import org.junit.jupiter.api.Test;

class ShareTextTest {
    @Test
    void hasAnIntervalWhereTheInputsAreKnown() {
        assertThat(ShareText.of(new Proportion(96, 100))).isEqualTo("96.0 % (90.2-98.4)");
        assertThat(ShareText.of(0.96, 100)).isEqualTo("96.0 % (90.2-98.4)");
        assertThat(ShareText.of(1, 12)).isEqualTo("100.0 % (75.8-100.0)");
        assertThat(ShareText.of(0.96, 0)).isEqualTo("96.0 %");
    }

    @Test
    void isNothingForNothingKnown() {
        assertThat(ShareText.of(Double.NaN)).isNull();
        assertThat(ShareText.of(Double.NaN, 12)).isNull();
        assertThat(ShareText.of(new Proportion(0, 0))).isNull();
    }
}
