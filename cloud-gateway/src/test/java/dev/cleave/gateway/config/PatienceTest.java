package dev.cleave.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private final Patience patience = new Patience(Duration.ofSeconds(30));

    private boolean isOver(long seconds, long bytes) {
        return patience.isOver(TimeUnit.SECONDS.toNanos(seconds), bytes);
    }

    @Test
    void everybodyHasTheLeastTime() {
        assertThat(isOver(30, 0)).isFalse();
        assertThat(isOver(31, 0)).isTrue();
    }

    @Test
    void whoSendsALittleAllTheTimeMayGoOn() {
        assertThat(isOver(31, 1_000)).isFalse();
        assertThat(isOver(16_000, 16_000_000)).isFalse();
    }

    @Test
    void aByteNowAndThenBuysNothing() {
        assertThat(isOver(31, 31)).isTrue();
        assertThat(isOver(31, 999)).isTrue();
    }
}
