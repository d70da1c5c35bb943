package dev.cleave.edge.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GatewayLoadTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    /** 10 ms at point 1, 4 ms at point 2, no plan elsewhere. */
    private final GatewayLoad load =
            new GatewayLoad(point -> point == 1 ? 10 * MILLI : point == 2 ? 4 * MILLI : Double.NaN);

    private long now = 5;

    private void replies(int count, int point, long queueMillis, long tailMillis) {
        for (int i = 0; i < count; i++) {
            now += 100 * MILLI;
            load.replied(point, queueMillis * MILLI, tailMillis * MILLI, now);
        }
    }

    @Test
    void knowsNothingAtFirst() {
        assertThat(load.queueNanos(now)).isNaN();
        assertThat(load.tailScale(now)).isNaN();
    }

    @Test
    void theFirstReplyIsTakenAsItIs() {
        replies(1, 1, 6, 20);
        assertThat(load.queueNanos(now)).isEqualTo(6.0 * MILLI);
        assertThat(load.tailScale(now)).isEqualTo(2);
    }

    @Test
    void aQueueThatGrowsIsSeenWithinEightReplies() {
        replies(20, 1, 0, 10);
        replies(8, 1, 100, 10);
        assertThat(load.queueNanos(now)).isBetween(55.0 * MILLI, 75.0 * MILLI);
        replies(40, 1, 100, 10);
        assertThat(load.queueNanos(now)).isCloseTo(100.0 * MILLI, within(5.0 * MILLI));
    }

    @Test
    void pointsShareOneScale() {
        replies(30, 1, 0, 30);
        replies(30, 2, 0, 12);
        assertThat(load.tailScale(now)).isCloseTo(3, within(0.01));
    }

    @Test
    void aPointWithoutAPlanTellsTheQueueOnly() {
        replies(5, 0, 3, 50);
        assertThat(load.queueNanos(now)).isCloseTo(3.0 * MILLI, within(1e5));
        assertThat(load.tailScale(now)).isNaN();
        replies(1, 1, 3, 20);
        replies(5, 0, 3, 50);
        assertThat(load.tailScale(now)).isEqualTo(2);
    }

    @Test
    void loadIsForgottenTheMachineIsNot() {
        replies(100, 1, 0, 20);
        replies(100, 1, 50, 60);
        assertThat(load.tailScale(now)).isCloseTo(6, within(0.01));
        assertThat(load.tailScale(now + 5 * SECOND / 2)).isCloseTo(4, within(0.01));
        assertThat(load.queueNanos(now + 5 * SECOND / 2)).isCloseTo(25.0 * MILLI, within(1e6));
        assertThat(load.tailScale(now + 5 * SECOND)).isEqualTo(2);
        assertThat(load.queueNanos(now + 100 * SECOND)).isZero();
    }

    @Test
    void aRequestThatNeverRanTellsTheQueueOnly() {
        replies(1, 1, 0, 10);
        replies(30, 1, 200, 0);
        assertThat(load.queueNanos(now)).isGreaterThan(190.0 * MILLI);
        assertThat(load.tailScale(now)).isEqualTo(1);
    }
}
