package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.events.Waterfall;
import dev.cleave.edge.link.GatewayReply;
import dev.cleave.v1.GatewayTiming;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class CallTimesTest {
    private static final long MILLI = 1_000_000;
    private static final Offset<Double> EXACTLY = within(1e-9);

    private static CallTimes sent() {
        CallTimes times = new CallTimes(0);
        times.head(5 * MILLI);
        times.encoded(MILLI, 3000);
        times.handedOver(8 * MILLI);
        return times;
    }

    private static GatewayReply reply(long receivedMillis, long rttMillis, GatewayTiming timing) {
        return new GatewayReply(timing, ByteBuffer.allocate(1000), 0, receivedMillis * MILLI, rttMillis * MILLI);
    }

    private static GatewayTiming timing() {
        return GatewayTiming.newBuilder()
                .setResidenceMicros(20_000)
                .setQueueMicros(6_000)
                .setDecodeMicros(1_000)
                .setTailMicros(10_000)
                .setEncodeMicros(2_000)
                .build();
    }

    private static double sum(Waterfall times) {
        return times.headMillis()
                + times.encodeMillis()
                + times.networkMillis()
                + times.queueMillis()
                + times.decodeMillis()
                + times.tailMillis()
                + times.gatewayOtherMillis()
                + times.deviceOtherMillis();
    }

    @Test
    void whatWasLostCountsAsBytesAndTellsNothingOfTheNextGateway() {
        CallTimes times = sent();
        times.acknowledged(9 * MILLI);
        times.lost();
        assertThat(times.isHandedOver()).isFalse();
        assertThat(times.wireBytes()).isEqualTo(3000);
        times.encoded(MILLI, 3000);
        times.handedOver(38 * MILLI);
        assertThat(times.wireBytes()).isEqualTo(6000);
        Waterfall waterfall = times.remote(reply(78, 20, timing()), 80 * MILLI);
        assertThat(waterfall.networkMillis()).isEqualTo(20, EXACTLY);
        assertThat(waterfall.uplinkMillis())
                .as("half of the round trip, and a share")
                .isGreaterThan(9);
        assertThat(sum(waterfall)).isEqualTo(80, EXACTLY);
    }

    @Test
    void theAckDividesTheNetworkTime() {
        CallTimes times = sent();
        times.acknowledged(48 * MILLI);
        Waterfall waterfall = times.remote(reply(78, 20, timing()), 80 * MILLI);
        assertThat(waterfall.networkMillis()).isEqualTo(50, EXACTLY);
        assertThat(waterfall.uplinkMillis()).isEqualTo(30, EXACTLY);
        assertThat(waterfall.downlinkMillis()).isEqualTo(20, EXACTLY);
        assertThat(waterfall.gatewayOtherMillis()).isEqualTo(3, EXACTLY);
        assertThat(waterfall.deviceOtherMillis()).isEqualTo(4, EXACTLY);
        assertThat(sum(waterfall)).isEqualTo(waterfall.totalMillis(), EXACTLY);
    }

    @Test
    void withoutAnAckBytesDivideWhatTheRoundTripLeaves() {
        Waterfall waterfall = sent().remote(reply(78, 20, timing()), 80 * MILLI);
        assertThat(waterfall.uplinkMillis()).isEqualTo(10 + 30 * 0.75, EXACTLY);
        assertThat(waterfall.downlinkMillis()).isEqualTo(10 + 30 * 0.25, EXACTLY);
    }

    @Test
    void whatTheGatewayClaimsStaysWithinWhatPassed() {
        Random random = new Random(5);
        for (int i = 0; i < 1000; i++) {
            GatewayTiming claimed = GatewayTiming.newBuilder()
                    .setResidenceMicros(random.nextLong() >> random.nextInt(64))
                    .setQueueMicros(random.nextLong() >> random.nextInt(64))
                    .setDecodeMicros(random.nextLong() >> random.nextInt(64))
                    .setTailMicros(random.nextLong() >> random.nextInt(64))
                    .build();
            CallTimes times = sent();
            if (random.nextBoolean()) {
                times.acknowledged(random.nextInt(100) * MILLI);
            }
            Waterfall waterfall = times.remote(reply(78, random.nextInt(200), claimed), 80 * MILLI);
            assertThat(sum(waterfall)).isEqualTo(80, within(1e-6));
            assertThat(waterfall.uplinkMillis() + waterfall.downlinkMillis())
                    .isEqualTo(waterfall.networkMillis(), within(1e-6));
            assertThat(Arrays.asList(
                            waterfall.uplinkMillis(),
                            waterfall.downlinkMillis(),
                            waterfall.queueMillis(),
                            waterfall.decodeMillis(),
                            waterfall.tailMillis(),
                            waterfall.gatewayOtherMillis()))
                    .allMatch(part -> part >= 0);
        }
    }

    @Test
    void timeLostOnTheGatewayIsOnTheDevicesAccount() {
        CallTimes times = sent();
        times.rest(12 * MILLI);
        Waterfall waterfall = times.local(60 * MILLI);
        assertThat(waterfall.headMillis()).isEqualTo(17, EXACTLY);
        assertThat(waterfall.encodeMillis()).isEqualTo(1, EXACTLY);
        assertThat(waterfall.networkMillis()).isZero();
        assertThat(waterfall.deviceOtherMillis()).isEqualTo(42, EXACTLY);
        assertThat(times.wireBytes()).isEqualTo(3000);
    }

    @Test
    void nothingIsOnTheWireBeforeTheHandOver() {
        CallTimes times = new CallTimes(0);
        times.encoded(MILLI, 3000);
        assertThat(times.wireBytes()).isZero();
    }
}
