package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import org.junit.jupiter.api.Test;

class RemainingTimeTest {
    private static final long MILLI = 1_000_000;

    private static LinkConditions link(double nanosPerByte, long rttMillis) {
        return new LinkConditions(nanosPerByte, Double.NaN, 0.1, rttMillis * MILLI, 0, 0, Double.NaN);
    }

    @Test
    void allOfItWhileNothingIsKnown() {
        assertThat(RemainingTime.micros(LinkConditions.UNKNOWN, 1 << 20, 0, 80 * MILLI))
                .isEqualTo(80_000);
    }

    @Test
    void theGatewayGetsWhatTheLinkLeaves() {
        assertThat(RemainingTime.micros(link(Double.NaN, 50), 10, 0, 200 * MILLI))
                .isEqualTo(150_000);
        assertThat(RemainingTime.micros(link(1000, 50), 30_000, 0, 200 * MILLI)).isEqualTo(120_000);
    }

    @Test
    void aFrameWaitsBehindWhatIsInFlight() {
        assertThat(RemainingTime.micros(link(1000, 50).withInFlight(20_000), 30_000, 0, 200 * MILLI))
                .isEqualTo(100_000);
    }

    @Test
    void anEstimateAloneDoesNotLetARequestExpire() {
        assertThat(RemainingTime.micros(link(Double.NaN, 500), 10, 0, 200 * MILLI))
                .isEqualTo(50_000);
        assertThat(RemainingTime.micros(link(Double.NaN, 500), 10, 300 * MILLI, 200 * MILLI))
                .isEqualTo(1);
    }
}
