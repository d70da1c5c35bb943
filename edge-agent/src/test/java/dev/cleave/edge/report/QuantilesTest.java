package dev.cleave.edge.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantilesTest {
    private final Quantiles quantiles = new Quantiles();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void isWithinOneThirtySecondOfTheSortedSamples(long seed) {
        Random random = new Random(seed);
        long[] micros = new long[5000];
        for (int i = 0; i < micros.length; i++) {
            micros[i] = (long) Math.exp(random.nextDouble() * 20);
            quantiles.record(micros[i]);
        }
        Arrays.sort(micros);
        for (double quantile : new double[] {0.001, 0.5, 0.9, 0.99, 1}) {
            long exact = micros[(int) Math.ceil(quantile * micros.length) - 1];
            assertThat((double) quantiles.micros(quantile)).isCloseTo(exact, within(exact / 32.0));
        }
    }

    @Test
    void isExactForTheSmallest() {
        for (int micros = 0; micros < 16; micros++) {
            quantiles.record(micros);
        }
        assertThat(quantiles.micros(0.5)).isEqualTo(7);
        assertThat(quantiles.micros(1)).isEqualTo(15);
    }

    @Test
    void takesWhatNoClockShouldSay() {
        quantiles.record(-5);
        quantiles.record(Long.MAX_VALUE);
        assertThat(quantiles.micros(0.5)).isZero();
        assertThat(quantiles.micros(1)).isBetween(1L << 30, 1L << 31);
    }

    @Test
    void knowsNothingAtFirstAndAfterClearing() {
        assertThat(quantiles.micros(0.5)).isZero();
        quantiles.record(100);
        quantiles.clear();
        assertThat(quantiles.total()).isZero();
        assertThat(quantiles.micros(0.99)).isZero();
    }
}
