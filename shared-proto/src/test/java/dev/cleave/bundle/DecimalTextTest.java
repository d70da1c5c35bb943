package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTextTest {
    @Test
    void everyFloatReadsBackAsItself() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (!Float.isNaN(value) && !Float.isInfinite(value)) {
                assertThat(Float.floatToIntBits(Float.parseFloat(DecimalText.of(value))))
                        .as("%s", value)
                        .isEqualTo(Float.floatToIntBits(value));
            }
        }
    }

    @Test
    void everyDoubleReadsBackAsItself() {
        Random random = new Random(8);
        for (int i = 0; i < 5_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (!Double.isNaN(value) && !Double.isInfinite(value)) {
                assertThat(Double.parseDouble(DecimalText.of(value))).isEqualTo(value);
            }
        }
    }

    @Test
    void extremesAreExact() {
        for (float value : new float[] {
            Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 16777216f, 9999999f, 1e10f, 0f, -0f
        }) {
            assertThat(Float.floatToIntBits(Float.parseFloat(DecimalText.of(value))))
                    .isEqualTo(Float.floatToIntBits(value));
        }
    }

    @Test
    void isTheShortestText() {
        assertThat(DecimalText.of(0.1f)).isEqualTo("0.1");
        assertThat(DecimalText.of(-2f)).isEqualTo("-2");
        assertThat(DecimalText.of(0f)).isEqualTo("0");
        assertThat(DecimalText.of(-0f)).isEqualTo("-0.0");
        assertThat(DecimalText.of(1e-7f)).isEqualTo("1E-7");
        // Double.toString of Java 17 says 2.0E-3 and 2.2250738585072014E-308 where fewer digits do.
        assertThat(DecimalText.of(0.002)).isEqualTo("0.002");
        assertThat(DecimalText.of(2e-44f)).isEqualTo("2E-44");
    }

    @Test
    void refusesWhatJsonCannotSay() {
        assertThatThrownBy(() -> DecimalText.of(Float.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> DecimalText.of(Double.NEGATIVE_INFINITY)).hasMessageContaining("-Infinity");
    }
}
