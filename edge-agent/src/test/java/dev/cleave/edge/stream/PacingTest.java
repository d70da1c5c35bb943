package dev.cleave.edge.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.stream.Pacing.Pace;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final long MILLI = 1_000_000;

    private final Pacing pacing = new Pacing();
    private long now;

    /** Frames that travel for 60 ms and have nothing to wait for, as many at once as are allowed. */
    private void travelAtOnce(int rounds) {
        for (int round = 0; round < rounds; round++) {
            int count = 0;
            Pace[] paces = new Pace[Pacing.MOST + 1];
            while (pacing.allows(count)) {
                paces[count] = pacing.sent(count + 1, now);
                count++;
            }
            now += 60 * MILLI;
            for (int i = 0; i < count; i++) {
                pacing.answered(paces[i], now);
            }
        }
    }

    @Test
    void whereFramesTravelRatherThanWaitMoreOfThemMayBeOnTheirWay() {
        assertThat(pacing.limit()).isEqualTo(1);
        travelAtOnce(100);
        assertThat(pacing.limit()).isEqualTo(Pacing.MOST);
    }

    @Test
    void aFrameMoreIsTriedAloneAndOnlyAfterAPause() {
        for (int i = 0; i < Pacing.TRIAL_PAUSE; i++) {
            assertThat(pacing.allows(1)).isFalse();
            Pace pace = pacing.sent(1, now);
            now += 100 * MILLI;
            pacing.answered(pace, now);
        }
        Pace first = pacing.sent(1, now);
        assertThat(pacing.allows(1)).isTrue();
        Pace trial = pacing.sent(2, now);
        assertThat(trial.trial()).isTrue();
        assertThat(pacing.allows(2)).isFalse();
        now += 100 * MILLI;
        pacing.answered(first, now);
        assertThat(pacing.allows(1)).as("the trial is not over").isFalse();
        now += 100 * MILLI;
        pacing.answered(trial, now);
        assertThat(pacing.limit()).as("it had to wait for the first").isEqualTo(1);
        assertThat(pacing.allows(1)).isFalse();
    }

    @Test
    void whereFramesBeginToQueueFewerAreOnTheirWay() {
        travelAtOnce(100);
        for (int i = 0; i < 20; i++) {
            Pace pace = pacing.sent(pacing.limit(), now);
            now += 60 * MILLI * pacing.limit();
            pacing.answered(pace, now);
        }
        assertThat(pacing.limit()).isEqualTo(1);
    }

    @Test
    void aFrameThatCameToNothingHalvesThem() {
        travelAtOnce(100);
        pacing.lost(pacing.sent(1, now));
        assertThat(pacing.limit()).isEqualTo(Pacing.MOST / 2);
    }
}
