package dev.cleave.benchmarks.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IndependentPairsTest {
    @Test
    void findsLittleWhereThereIsNothingButForTheBiasedEstimator() {
        IndependentPairs pairs = IndependentPairs.draw(32, 200, 50, 7);
        assertThat(pairs.unbiased()).hasSize(50).isSorted();
        assertThat(IndependentPairs.quantile(pairs.unbiased(), 0.5)).isLessThan(0.2);
        assertThat(IndependentPairs.quantile(pairs.biased(), 0.5)).isGreaterThan(0.9);
    }

    @Test
    void takesTheValueThatAShareDoesNotExceed() {
        double[] rising = {1, 2, 3, 4};
        assertThat(IndependentPairs.quantile(rising, 0.5)).isEqualTo(2);
        assertThat(IndependentPairs.quantile(rising, 0.95)).isEqualTo(4);
    }
}
