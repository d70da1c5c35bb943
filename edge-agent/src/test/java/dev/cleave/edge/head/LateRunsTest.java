package dev.cleave.edge.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.policy.LocalStart;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LateRunsTest {
    private static final long MILLI = 1_000_000;
    private static final int REQUESTS = 2000;
    private static final long ALLOWED = 200 * MILLI;

    private final LateRuns lateRuns = new LateRuns();

    private boolean mayBegin(long expectedMillis, long leftMillis, long nowMillis) {
        return lateRuns.mayBegin(expectedMillis * MILLI, leftMillis * MILLI, nowMillis * MILLI);
    }

    @Test
    void whatFitsBeginsAndWhatIsNotMeasuredToo() {
        assertThat(mayBegin(100, 100, 0)).isTrue();
        assertThat(lateRuns.mayBegin(LocalStart.UNKNOWN, 1, 0)).isTrue();
    }

    @Test
    void oneInTenTimesItsLengthIsTriedThoughItSeemsTooLate() {
        assertThat(mayBegin(100, 50, 0)).isTrue();
        assertThat(mayBegin(100, 50, 1)).isFalse();
        assertThat(mayBegin(100, 50, 999)).isFalse();
        assertThat(mayBegin(100, 50, 1000)).isTrue();
        assertThat(mayBegin(100, 50, 1001)).isFalse();
        assertThat(mayBegin(100, 100, 1001)).isTrue();
    }

    @Test
    void runsThatScatterNeedMoreThanTheirMean() {
        for (int i = 0; i < 100; i++) {
            lateRuns.ended(100 * MILLI, (i % 2 == 0 ? 104 : 96) * MILLI);
        }
        mayBegin(100, 50, 0);
        assertThat(mayBegin(100, 107, 1)).isFalse();
        assertThat(mayBegin(100, 109, 1)).isTrue();
    }

    @Test
    void aRunThatTookFarLessThanExpectedOpensTheNext() {
        mayBegin(100, 50, 0);
        lateRuns.ended(100 * MILLI, 40 * MILLI);
        assertThat(mayBegin(100, 50, 41)).isTrue();
    }

    /**
     * Requests come at even distances, have 200 ms, and take 115 to 130 ms each, one at a time; a run ends at its deadline. Returns
     * how many are answered.
     */
    private static int answered(long seed, long apartNanos, boolean asks) {
        Random random = new Random(seed);
        LateRuns lateRuns = new LateRuns();
        double expected = 122 * MILLI;
        long free = 0;
        int answered = 0;
        for (int i = 0; i < REQUESTS; i++) {
            free = Math.max(free, i * apartNanos);
            long left = i * apartNanos + ALLOWED - free;
            if (left > 0 && (!asks || lateRuns.mayBegin((long) expected, left, free))) {
                long takes = 115 * MILLI + (long) (random.nextDouble() * 15 * MILLI);
                free += Math.min(takes, left);
                if (takes <= left) {
                    lateRuns.ended((long) expected, takes);
                    expected += (takes - expected) / 8;
                    answered++;
                }
            }
        }
        return answered;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aDeviceThatIsAskedForMoreThanItCanStillAnswersWhatItCan(long seed) {
        long apart = 110 * MILLI;
        double most = REQUESTS * 110 / 122.5;
        assertThat(answered(seed, apart, false)).as("each begins late").isLessThan(REQUESTS / 20);
        assertThat(answered(seed, apart, true)).isGreaterThan((int) (0.85 * most));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void oneThatIsJustQuickEnoughLosesNothingByIt(long seed) {
        int before = answered(seed, 125 * MILLI, false);
        assertThat(answered(seed, 125 * MILLI, true))
                .isGreaterThan(REQUESTS * 95 / 100)
                .isGreaterThan(before - 20);
    }

    /** Expected to take 200 ms, until runs that took 50 have told better; 100 ms are left of each. */
    @Test
    void anExpectationThatIsTooLongIsCorrected() {
        double expected = 200 * MILLI;
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            if (lateRuns.mayBegin((long) expected, 100 * MILLI, i * 100 * MILLI)) {
                lateRuns.ended((long) expected, 50 * MILLI);
                expected += (50 * MILLI - expected) / 8;
            } else {
                refused++;
            }
        }
        assertThat(refused).isLessThan(5);
    }
}
