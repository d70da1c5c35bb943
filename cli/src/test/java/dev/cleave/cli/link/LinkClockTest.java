package dev.cleave.cli.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.units.BitRate;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinkClockTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void bytesTakeTheirSerialisationAndHalfTheRoundTrip() {
        LinkClock line = line("8mbit", 50, 0);
        assertThat(line.offer(1000, 0)).isEqualTo(MILLI + 25 * MILLI);
    }

    @Test
    void bytesWaitForThoseBeforeThem() {
        LinkClock line = line("8mbit", 50, 0);
        line.offer(10_000, 0);
        assertThat(line.offer(1000, 2 * MILLI)).isEqualTo(11 * MILLI + 25 * MILLI);
    }

    @Test
    void anIdleLineEarnsNoCredit() {
        LinkClock line = line("8mbit", 0, 0);
        line.offer(1000, 0);
        assertThat(line.offer(1000, 500 * MILLI)).isEqualTo(501 * MILLI);
    }

    @Test
    void aLongTransferTakesBytesOverRate() {
        long arrival = 0;
        LinkClock line = line("5.85mbit", 50, 0);
        Random random = new Random(7);
        long bytes = 0;
        long now = 0;
        while (bytes < 10_000_000) {
            now += line.nanosUntilRoom(now);
            int chunk = 1 + random.nextInt(line.quantumBytes());
            arrival = line.offer(chunk, now);
            bytes += chunk;
        }
        double expectedNanos = bytes * 8e9 / 5.85e6 + 25 * MILLI;
        assertThat((double) arrival).isCloseTo(expectedNanos, org.assertj.core.data.Percentage.withPercentage(0.001));
    }

    @Test
    void theQueueInFrontOfTheLineIsBounded() {
        LinkClock line = line("8mbit", 100, 0);
        long offered = 0;
        while (line.nanosUntilRoom(0) == 0) {
            line.offer(line.quantumBytes(), 0);
            offered += line.quantumBytes();
        }
        // Half the round trip is 50 ms, 50,000 bytes at this rate; the last quantum may overshoot.
        assertThat(offered).isBetween(50_000L, 50_000L + line.quantumBytes());
        long untilRoom = line.nanosUntilRoom(0);
        assertThat(line.nanosUntilRoom(untilRoom - 1)).isEqualTo(1);
        assertThat(line.nanosUntilRoom(untilRoom)).isZero();
    }

    @Test
    void theWindowOfAConnectionFillsTheLine() {
        LinkClock line = line("100mbit", 50, 0);
        long bandwidthDelayProduct = 100_000_000 / 8 * 50 / 1000;
        assertThat(line.windowBytes()).isBetween(bandwidthDelayProduct, 2 * bandwidthDelayProduct);
    }

    @Test
    void aChangeOfRateSpeaksForLaterBytesOnlyAndKeepsTheirOrder() {
        LinkClock line = line("8mbit", 100, 0);
        long first = line.offer(1000, 0);
        line.set(BitRate.parse("80mbit"), Duration.ZERO);
        long second = line.offer(1000, 0);
        assertThat(first).isEqualTo(51 * MILLI);
        assertThat(second).isEqualTo(first);
        assertThat(line.offer(100_000, 100 * MILLI)).isEqualTo(110 * MILLI);
    }

    @Test
    void worksAcrossTheOverflowOfTheClock() {
        long start = Long.MAX_VALUE - MILLI;
        LinkClock line = line("8mbit", 0, start);
        assertThat(line.offer(2000, start)).isEqualTo(start + 2 * MILLI).isNegative();
        assertThat(line.offer(1000, start)).isEqualTo(start + 3 * MILLI);
        assertThat(line.nanosUntilRoom(start)).isZero();
    }

    private static LinkClock line(String rate, int rttMillis, long nowNanos) {
        return new LinkClock(BitRate.parse(rate), Duration.ofMillis(rttMillis), nowNanos);
    }
}
