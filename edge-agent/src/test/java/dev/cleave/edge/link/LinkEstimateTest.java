package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinkEstimateTest {
    private static final long MILLI = 1_000_000;

    private final LinkEstimate estimate = new LinkEstimate();

    @Test
    void knowsNothingAtFirst() {
        assertThat(estimate.rttNanos()).isZero();
        assertThat(estimate.uplinkNanos(1 << 20)).isZero();
        assertThat(estimate.remainingMicros(1 << 20, 0, 80 * MILLI)).isEqualTo(80_000);
    }

    @Test
    void theRoundTripIsTheSmallestSeen() {
        estimate.roundTrip(50 * MILLI);
        estimate.roundTrip(200 * MILLI);
        estimate.acknowledged(100, 40 * MILLI);
        assertThat(estimate.rttNanos()).isEqualTo(40 * MILLI);
        assertThat(estimate.downlinkNanos()).isEqualTo(20 * MILLI);
    }

    @Test
    void theRateIsWhatLargeFramesTookBeyondTheRoundTrip() {
        estimate.roundTrip(50 * MILLI);
        estimate.acknowledged(100_000, 150 * MILLI);
        assertThat((double) estimate.uplinkNanos(100_000)).isCloseTo(125 * MILLI, within(1.0));
        for (int i = 0; i < 100; i++) {
            estimate.acknowledged(100_000, 250 * MILLI);
        }
        assertThat((double) estimate.uplinkNanos(100_000)).isCloseTo(225 * MILLI, within(1.0 * MILLI));
    }

    @Test
    void smallFramesSayNothingAboutTheRate() {
        estimate.roundTrip(50 * MILLI);
        estimate.acknowledged(LinkEstimate.RATE_SAMPLE_BYTES - 1, 500 * MILLI);
        assertThat(estimate.uplinkNanos(1 << 20)).isEqualTo(25 * MILLI);
    }

    @Test
    void theGatewayGetsWhatTheLinkLeaves() {
        estimate.roundTrip(50 * MILLI);
        assertThat(estimate.remainingMicros(10, 0, 200 * MILLI)).isEqualTo(150_000);
    }

    @Test
    void anEstimateAloneDoesNotLetARequestExpire() {
        estimate.roundTrip(500 * MILLI);
        assertThat(estimate.remainingMicros(10, 0, 200 * MILLI)).isEqualTo(50_000);
        assertThat(estimate.remainingMicros(10, 300 * MILLI, 200 * MILLI)).isEqualTo(1);
    }
}
