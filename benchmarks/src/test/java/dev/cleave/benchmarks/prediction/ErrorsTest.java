package dev.cleave.benchmarks.prediction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorsTest {
    @Test
    void tellsTheMiddleOfSizesAndTheLargestWithItsSign() {
        Errors errors = Errors.of(new double[] {110, 50, 104}, new double[] {100, 100, 100});
        assertThat(errors).hasToString("10 % (-50 %)");
    }

    @Test
    void tellsNothingOfNone() {
        assertThat(Errors.of(new double[0], new double[0])).hasToString("n/a");
    }
}
