package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final long INTERVAL = 100;

    /** Near the overflow of the clock: only differences may be used. */
    private static final long START = Long.MAX_VALUE - 150;

    private final Heartbeat heartbeat = new Heartbeat(INTERVAL, START);

    @Test
    void waitsForTheAnswerToItsPing() {
        heartbeat.pong(0);
        assertThat(heartbeat.isWaiting()).isFalse();
        heartbeat.ping(7, START);
        assertThat(heartbeat.isWaiting()).isTrue();
        heartbeat.pong(6);
        assertThat(heartbeat.isWaiting()).isTrue();
        heartbeat.pong(7);
        assertThat(heartbeat.isWaiting()).isFalse();
    }

    @Test
    void isSilentWhenNothingHappensForTwoIntervals() {
        heartbeat.ping(1, START);
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL - 1)).isFalse();
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL)).isTrue();
    }

    @Test
    void progressIsALifeSign() {
        heartbeat.ping(1, START);
        heartbeat.progress(START + INTERVAL);
        assertThat(heartbeat.isSilent(START + 2 * INTERVAL)).isFalse();
        assertThat(heartbeat.isSilent(START + 3 * INTERVAL)).isTrue();
    }

    @Test
    void isNotSilentWithoutAQuestion() {
        assertThat(heartbeat.isSilent(START + 1000 * INTERVAL)).isFalse();
    }
}
