package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalStartTest {
    private static final long MILLI = 1_000_000;

    @Test
    void leavesTheEstimateAndAQuarterOfIt() {
        assertThat(LocalStart.atNanos(0, 1000 * MILLI, 400 * MILLI, 0)).isEqualTo(500 * MILLI);
    }

    @Test
    void theMarginOfAShortRunIsThatOfTheTimer() {
        assertThat(LocalStart.atNanos(0, 100 * MILLI, 1000, 0))
                .isEqualTo(100 * MILLI - 1000 - LocalStart.MIN_MARGIN_NANOS);
    }

    @Test
    void waitsForAWorkerThatIsBusy() {
        assertThat(LocalStart.atNanos(0, 1000 * MILLI, 400 * MILLI, 70 * MILLI)).isEqualTo(430 * MILLI);
    }

    @Test
    void keepsHalfOfTheTimeForARunThatWasNeverMeasured() {
        assertThat(LocalStart.atNanos(200 * MILLI, 1000 * MILLI, LocalStart.UNKNOWN, 0))
                .isEqualTo(600 * MILLI);
    }

    @Test
    void startsAtOnceWhenItIsLate() {
        assertThat(LocalStart.atNanos(7, 100 * MILLI, 400 * MILLI, 0)).isEqualTo(7);
        assertThat(LocalStart.atNanos(7, 5, LocalStart.UNKNOWN, 0)).isEqualTo(7);
    }

    @Test
    void looksAgainHalfWayUntilItIsAllButThere() {
        assertThat(LocalStart.nextLookNanos(100 * MILLI, 500 * MILLI)).isEqualTo(300 * MILLI);
        long margin = LocalStart.MIN_MARGIN_NANOS;
        assertThat(LocalStart.nextLookNanos(0, 2 * margin)).isEqualTo(margin);
        assertThat(LocalStart.nextLookNanos(0, 2 * margin - 1)).isEqualTo(2 * margin - 1);
        assertThat(LocalStart.nextLookNanos(7, 5)).as("that has passed").isEqualTo(5);
        assertThat(LocalStart.nextLookNanos(Long.MAX_VALUE, Long.MAX_VALUE + 400))
                .as("a clock that overflows")
                .isEqualTo(Long.MAX_VALUE + 400);
    }

    @Test
    void theEarlierOfTwoMomentsOfAClockThatOverflows() {
        assertThat(LocalStart.earlier(3, 5)).isEqualTo(3);
        assertThat(LocalStart.earlier(5, 3)).isEqualTo(3);
        assertThat(LocalStart.earlier(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void onlyDifferencesOfTheClockMatter() {
        long now = Long.MAX_VALUE - 10;
        assertThat(LocalStart.atNanos(now, now + 1000 * MILLI, 400 * MILLI, 0)).isEqualTo(now + 500 * MILLI);
    }
}
