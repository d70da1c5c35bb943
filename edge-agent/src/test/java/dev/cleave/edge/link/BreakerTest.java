package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Breaker breaker = new Breaker(new Backoff(SECOND, 4 * SECOND, new Random(1)));
    private long now = -5 * SECOND;

    private void request(boolean inTime) {
        assertThat(breaker.allows(now)).isTrue();
        breaker.ended(breaker.begun(now), inTime, now);
    }

    private void open() {
        for (int i = 0; i < 5; i++) {
            request(false);
        }
        assertThat(breaker.allows(now)).isFalse();
    }

    @Test
    void opensWhenHalfOfTheLastTenWereLate() {
        for (int i = 0; i < 100; i++) {
            request(i % 10 >= 4);
        }
        request(false);
        request(false);
        request(false);
        request(false);
        assertThat(breaker.allows(now)).isTrue();
        request(false);
        assertThat(breaker.allows(now)).isFalse();
    }

    @Test
    void forgetsWhatIsLongAgo() {
        for (int i = 0; i < 100; i++) {
            now += 3 * SECOND;
            request(false);
        }
        assertThat(breaker.allows(now)).isTrue();
    }

    @Test
    void triesOneRequestAtATimeAfterItsBackOff() {
        open();
        now += 2 * SECOND;
        assertThat(breaker.allows(now)).isTrue();
        int trial = breaker.begun(now);
        assertThat(breaker.allows(now)).isFalse();
        breaker.ended(trial, true, now);
        request(true);
        int first = breaker.begun(now);
        assertThat(breaker.allows(now)).isTrue();
        breaker.ended(first, true, now);
    }

    @Test
    void aLateTrialOpensItForLonger() {
        open();
        now += 2 * SECOND;
        request(false);
        now += SECOND;
        assertThat(breaker.allows(now)).isFalse();
        now += SECOND;
        assertThat(breaker.allows(now)).isTrue();
    }

    @Test
    void aTrialThatIsWithdrawnMakesRoomForAnother() {
        open();
        now += 2 * SECOND;
        breaker.withdrawn(breaker.begun(now));
        assertThat(breaker.allows(now)).isTrue();
    }

    /** They say what the gateway was like then. */
    @Test
    void requestsFromBeforeItOpenedDoNotCount() {
        int old = breaker.begun(now);
        open();
        now += 2 * SECOND;
        int trial = breaker.begun(now);
        breaker.ended(old, false, now);
        breaker.ended(old, true, now);
        assertThat(breaker.allows(now)).isFalse();
        breaker.ended(trial, true, now);
        request(true);
        assertThat(breaker.allows(now)).isTrue();
    }
}
