package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TimingsTest {
    @Test
    void medianAndSpreadInterpolateBetweenRuns() {
        Timings timings = Timings.of(4, 1, 3, 2);
        assertThat(timings.median()).isEqualTo(2.5);
        assertThat(timings.spread()).isEqualTo((3.25 - 1.75) / 2.5, within(1e-12));
        assertThat(timings.runs()).isEqualTo(4);
        assertThat(timings.millis()).containsExactly(4, 1, 3, 2);
        assertThat(Timings.of(7).median()).isEqualTo(7);
        assertThat(Timings.of(0, 0).spread()).isZero();
    }

    @Test
    void midmeanIgnoresTheOuterQuarters() {
        assertThat(Timings.of(1, 1, 2, 3, 2, 2, 100, 0).midmean()).isEqualTo((1 + 2 + 2 + 2) / 4.0);
        assertThat(Timings.of(5).midmean()).isEqualTo(5);
    }

    @Test
    void sumsRunByRun() {
        assertThat(Timings.of(1, 2, 3).plus(Timings.of(30, 20, 10)).millis()).containsExactly(31, 22, 13);
        assertThatThrownBy(() -> Timings.of(1).plus(Timings.of(1, 2))).hasMessageContaining("1 runs and 2");
        assertThat(Timings.of(1, 2).scaledBy(1.5).millis()).containsExactly(1.5, 3);
    }

    @Test
    void refusesRunsThatAreNone() {
        assertThatThrownBy(Timings::of).hasMessage("no runs; expected at least 1");
        assertThatThrownBy(() -> Timings.of(1, -1)).hasMessage("a run of -1.0 ms; expected 0 or more");
        assertThatThrownBy(() -> Timings.of(Double.NaN)).hasMessageContaining("NaN");
    }

    @Test
    void warmUpEndsWhenTwoWindowsAgreeOrEnoughWasSpent() {
        assertThat(runsUntilOver(run -> 1000)).isEqualTo(6);
        assertThat(runsUntilOver(run -> run < 8 ? 2000 - 200 * run : 500)).isEqualTo(13);
        assertThat(runsUntilOver(run -> 1L << run)).isEqualTo(29);
        assertThat(runsUntilOver(run -> 1000 + 500 * (run / 3 % 2))).isEqualTo(30);
        assertThat(runsUntilOver(run -> 400_000_000)).isEqualTo(2);
    }

    private interface Nanos {
        long at(int run);
    }

    private static int runsUntilOver(Nanos nanos) {
        WarmUp warmUp = new WarmUp();
        int runs = 0;
        while (!warmUp.offer(nanos.at(runs))) {
            runs++;
        }
        return runs + 1;
    }
}
