package dev.cleave.edge.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ShadowBudgetTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void overAnHourNoMoreIsSpentThanItsMinutesAllowWhateverARunTakes() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            ShadowBudget budget = new ShadowBudget(new ShadowSettings(1, 600, 1 << 20), 0);
            long nanos = 0;
            long bytes = 0;
            long longest = 0;
            for (long now = 0; now < 60 * MINUTE; now += 1 + (long) (random.nextDouble() * 500 * MILLI)) {
                long wanted = random.nextInt(200_000);
                if (budget.allows(wanted, now)) {
                    long took = (long) (random.nextDouble() * 300 * MILLI);
                    budget.spend(took, wanted);
                    nanos += took;
                    bytes += wanted;
                    longest = Math.max(longest, took);
                }
            }
            assertThat(nanos).isBetween(50 * 600 * MILLI, 61 * 600 * MILLI);
            assertThat(bytes).isLessThanOrEqualTo(61L << 20);
        }
    }

    @Test
    void afterARunThatTookLongTheNextOneWaits() {
        ShadowBudget budget = new ShadowBudget(new ShadowSettings(1, 600, 0), 0);
        assertThat(budget.allows(0, 0)).isTrue();
        budget.spend(750 * MILLI, 0);
        assertThat(budget.allows(0, MINUTE / 2)).isFalse();
        assertThat(budget.allows(0, 2 * MINUTE)).isTrue();
    }

    @Test
    void withoutBytesNothingIsSent() {
        ShadowBudget budget = new ShadowBudget(new ShadowSettings(1, 600, 0), 0);
        assertThat(budget.allows(1, 0)).isFalse();
        assertThat(budget.allows(0, 0)).isTrue();
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShadowSettings.fraction(0))
                .withMessage("a fraction of 0.0 of answers; expected above 0 to 1");
        assertThatIllegalArgumentException().isThrownBy(() -> ShadowSettings.fraction(Double.NaN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ShadowSettings(1, 0, 0))
                .withMessage("0 ms a minute for second runs; expected 1 to 60000");
        assertThatIllegalArgumentException().isThrownBy(() -> new ShadowSettings(1, 1, -1));
    }
}
