package dev.cleave.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CellVerdictTest {
    private static final Interval EQUAL = new Interval(1, 1, 1);

    @Test
    void failsOnlyIfTheWholeIntervalIsAboveTheTolerance() {
        assertThat(cell(new Interval(1.04, 1.2, 1.4), EQUAL).isNearBest()).isTrue();
        assertThat(cell(new Interval(1.051, 1.06, 1.07), EQUAL).isNearBest()).isFalse();
        assertThat(cell(new Interval(1.05, 1.06, 1.07), EQUAL).isNearBest()).isTrue();
    }

    @Test
    void theUnsplitOnesAreJudgedApart() {
        CellVerdict cell = cell(EQUAL, new Interval(1.06, 1.1, 1.2));
        assertThat(cell.isNearBest()).isTrue();
        assertThat(cell.isNearUnsplit()).isFalse();
        assertThat(cell(EQUAL, new Interval(0.4, 0.5, 0.6)).isNearUnsplit()).isTrue();
    }

    private static CellVerdict cell(Interval overBest, Interval overUnsplit) {
        return new CellVerdict("model", ShapedLink.LTE, 4, null, "local", overBest, overUnsplit, 9);
    }
}
