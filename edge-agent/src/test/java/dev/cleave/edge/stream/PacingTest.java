package dev.cleave.edge.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.stream.Pacing.Pace;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final long MILLI = 1_000_000;

    private final Pacing pacing = new Pacing();
    private long now;

    /** Frames that travel for 60 ms and have nothing to wait for; one may be sent every 4 ms. */
    private void travel(int frames) {
        Deque<Pace> onTheirWay = new ArrayDeque<>();
        for (int sent = 0; sent < frames; now += 4 * MILLI) {
            while (!onTheirWay.isEmpty() && now - onTheirWay.peek().sentNanos() >= 60 * MILLI) {
                pacing.answered(onTheirWay.poll(), 4 * MILLI, now);
            }
            if (pacing.allows(onTheirWay.size(), now)) {
                onTheirWay.add(pacing.sent(onTheirWay.size() + 1, now));
                sent++;
            }
        }
        while (!onTheirWay.isEmpty()) {
            pacing.answered(onTheirWay.poll(), 4 * MILLI, now);
        }
    }

    @Test
    void whereFramesTravelRatherThanWaitMoreOfThemMayBeOnTheirWay() {
        assertThat(pacing.limit()).isEqualTo(1);
        travel(400);
        assertThat(pacing.limit()).isEqualTo(Pacing.MOST);
    }

    private void answerEightAlone(long narrowestNanos) {
        for (int i = 0; i < Pacing.TRIAL_PAUSE; i++) {
            assertThat(pacing.allows(1, now + 60 * MILLI)).isFalse();
            Pace pace = pacing.sent(1, now);
            now += 100 * MILLI;
            pacing.answered(pace, narrowestNanos, now);
        }
    }

    @Test
    void aFrameMoreIsTriedAloneAndOnlyAfterAPause() {
        answerEightAlone(30 * MILLI);
        Pace first = pacing.sent(1, now);
        assertThat(pacing.allows(1, now + 49 * MILLI))
                .as("the first is not half-way")
                .isFalse();
        now += 50 * MILLI;
        assertThat(pacing.allows(1, now)).isTrue();
        Pace trial = pacing.sent(2, now);
        assertThat(trial.trial()).isTrue();
        assertThat(pacing.allows(2, now + 50 * MILLI)).isFalse();
        now += 50 * MILLI;
        pacing.answered(first, 30 * MILLI, now);
        assertThat(pacing.allows(1, now)).as("the trial is not over").isFalse();
        now += 100 * MILLI;
        pacing.answered(trial, 30 * MILLI, now);
        assertThat(pacing.limit()).as("it had to wait for the first").isEqualTo(1);
        assertThat(pacing.allows(1, now + 60 * MILLI)).isFalse();
    }

    @Test
    void noneIsTriedWhereOnePartOfTheWayTakesMostOfTheTime() {
        answerEightAlone(66 * MILLI);
        pacing.sent(1, now);
        assertThat(pacing.allows(1, now + 90 * MILLI)).isFalse();
    }

    @Test
    void whereFramesBeginToQueueFewerAreOnTheirWay() {
        travel(400);
        for (int i = 0; i < 20; i++) {
            Pace pace = pacing.sent(pacing.limit(), now);
            now += 60 * MILLI * pacing.limit();
            pacing.answered(pace, 30 * MILLI, now);
        }
        assertThat(pacing.limit()).isEqualTo(1);
    }

    @Test
    void aFrameThatCameToNothingHalvesThem() {
        travel(400);
        pacing.lost(pacing.sent(1, now));
        assertThat(pacing.limit()).isEqualTo(Pacing.MOST / 2);
    }
}
