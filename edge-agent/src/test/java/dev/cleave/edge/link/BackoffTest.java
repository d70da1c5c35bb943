package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void delaysGrowToTheCapWithinTheJitter() {
        Backoff backoff = new Backoff(100, 1000, new Random(1));
        double middle = 100;
        for (int attempt = 0; attempt < 50; attempt++) {
            assertThat((double) backoff.nextNanos()).isBetween(middle * 0.8 - 1, middle * 1.2);
            middle = Math.min(1000, middle * 1.6);
        }
        assertThat(middle).isEqualTo(1000);
    }

    @Test
    void startsOverAfterAReset() {
        Backoff backoff = new Backoff(100, 1000, new Random(2));
        for (int attempt = 0; attempt < 10; attempt++) {
            backoff.nextNanos();
        }
        backoff.reset();
        assertThat(backoff.nextNanos()).isBetween(80L, 120L);
    }

    @Test
    void theLongDelayIsTheCapAndLeavesTheSequenceAlone() {
        Backoff backoff = new Backoff(100, 1000, new Random(3));
        assertThat(backoff.jittered(1000L)).isBetween(800L, 1200L);
        assertThat(backoff.nextNanos()).isBetween(80L, 120L);
    }

    @Test
    void devicesDoNotComeBackTogether() {
        assertThat(new Backoff(1_000_000, 1_000_000, new Random(4)).nextNanos())
                .isNotEqualTo(new Backoff(1_000_000, 1_000_000, new Random(5)).nextNanos());
    }

    @Test
    void refusesACapBelowTheFirstDelay() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(100, 99, new Random(6)));
    }
}
