package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final long INTERVAL = 100;

    /** Near the overflow of the clock: only differences may be used. */
    private static final long START = Long.MAX_VALUE - 150;

    private final Heartbeat heartbeat = new Heartbeat(INTERVAL, START);

    @Test
    void measuresTheRoundTrip() {
        long nonce = heartbeat.ping(START);
        assertThat(heartbeat.isWaiting()).isTrue();
        assertThat(heartbeat.pong(nonce, START + 30)).isEqualTo(30);
        assertThat(heartbeat.isWaiting()).isFalse();
    }

    @Test
    void ignoresAnswersToNoPing() {
        assertThat(heartbeat.pong(0, START)).isEqualTo(-1);
        long nonce = heartbeat.ping(START);
        assertThat(heartbeat.pong(nonce + 1, START)).isEqualTo(-1);
        assertThat(heartbeat.pong(nonce, START)).isZero();
        assertThat(heartbeat.pong(nonce, START)).isEqualTo(-1);
    }

    @Test
    void isSilentWhenNothingHappensForTwoIntervals() {
        heartbeat.ping(START);
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL - 1)).isFalse();
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL)).isTrue();
    }

    @Test
    void progressIsALifeSign() {
        heartbeat.ping(START);
        heartbeat.progress(START + INTERVAL);
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL)).isFalse();
        assertThat(heartbeat.isSilent(START + 3 * INTERVAL)).isTrue();
    }

    @Test
    void isNotSilentWithoutAQuestion() {
        assertThat(heartbeat.isSilent(START + 1000 * INTERVAL)).isFalse();
    }
}
