package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandshakeLimitTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final HandshakeLimit limit = new HandshakeLimit(10 * SECOND);

    @Test
    void doublesUntilASlowLinkOpens() {
        assertThat(limit.nanos()).isEqualTo(HandshakeLimit.FIRST_NANOS);
        limit.timedOut();
        assertThat(limit.nanos()).isEqualTo(2 * HandshakeLimit.FIRST_NANOS);
        for (int i = 0; i < 100; i++) {
            limit.timedOut();
        }
        assertThat(limit.nanos()).isEqualTo(10 * SECOND);
    }

    @Test
    void isFourTimesWhatOneTookOnceThatIsKnown() {
        limit.timedOut();
        limit.succeeded(SECOND / 100);
        assertThat(limit.nanos()).isEqualTo(HandshakeLimit.LEAST_NANOS);
        limit.succeeded(SECOND);
        assertThat(limit.nanos()).isEqualTo(4 * SECOND);
        limit.succeeded(5 * SECOND);
        assertThat(limit.nanos()).isEqualTo(10 * SECOND);
    }

    @Test
    void whatOneTookIsNotForgottenInAnOutage() {
        limit.succeeded(SECOND / 100);
        for (int i = 0; i < 20; i++) {
            limit.timedOut();
            assertThat(limit.nanos()).isEqualTo(HandshakeLimit.LEAST_NANOS);
        }
    }

    @Test
    void nowAndThenASlowerNetworkHasAllTheTime() {
        limit.succeeded(SECOND / 100);
        int longOnes = 0;
        for (int i = 0; i < 3 * HandshakeLimit.LONG_EVERY; i++) {
            longOnes += limit.nanos() == 10 * SECOND ? 1 : 0;
            limit.timedOut();
        }
        assertThat(longOnes).isEqualTo(3);
    }

    @Test
    void startsOverOnAnotherNetwork() {
        limit.succeeded(SECOND / 100);
        limit.networkChanged();
        assertThat(limit.nanos()).isEqualTo(HandshakeLimit.FIRST_NANOS);
        limit.timedOut();
        assertThat(limit.nanos()).isEqualTo(10 * SECOND);
    }

    @Test
    void leavesTheFieldToItselfForAThirdMoreThanTheLastOneTook() {
        assertThat(limit.headStartNanos()).isEqualTo(HandshakeLimit.LEAST_HEAD_START_NANOS);
        limit.timedOut();
        assertThat(limit.headStartNanos()).isEqualTo(HandshakeLimit.LEAST_HEAD_START_NANOS);
        limit.succeeded(3 * SECOND);
        assertThat(limit.headStartNanos()).isEqualTo(4 * SECOND);
        limit.succeeded(SECOND / 100);
        assertThat(limit.headStartNanos()).isEqualTo(HandshakeLimit.LEAST_HEAD_START_NANOS);
    }
}
