package dev.cleave.edge.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckWatchTest {
    private static final long MILLI = 1_000_000;

    /** Near the overflow of the clock: only differences may be used. */
    private static final long START = Long.MAX_VALUE - 100 * MILLI;

    /** 8 Mbit/s, certain, 20 ms, jitter of 1 ms. */
    private static final LinkConditions LINK =
            new LinkConditions(1000, Double.NaN, 0, 20 * MILLI, MILLI, 0, Double.NaN);

    private final AckWatch watch = new AckWatch(START);

    private long overdueAfter(Owed owed, LinkConditions link) {
        long until = watch.nanosUntilOverdue(owed, link, START);
        assertThat(watch.nanosUntilOverdue(owed, link, START + until - 1)).isEqualTo(1);
        assertThat(watch.nanosUntilOverdue(owed, link, START + until)).isZero();
        return until;
    }

    @Test
    void whatOwesNothingIsNeverOverdue() {
        assertThat(watch.nanosUntilOverdue(null, LINK, START + 1_000_000 * MILLI))
                .isEqualTo(AckWatch.NEVER);
    }

    @Test
    void waitsAsLongAsTheLinkMayTake() {
        assertThat(overdueAfter(new Owed(START, 50_000), LINK)).isEqualTo((20 + 50 + 4 + 200) * MILLI);
        LinkConditions unsure = new LinkConditions(1000, Double.NaN, Math.log(2), 20 * MILLI, MILLI, 0, Double.NaN);
        assertThat(overdueAfter(new Owed(START, 50_000), unsure))
                .as("at half the rate")
                .isBetween((20 + 100 + 4 + 200) * MILLI - 2, (20 + 100 + 4 + 200) * MILLI);
    }

    @Test
    void waitsHalfASecondWhileNothingIsKnown() {
        assertThat(overdueAfter(new Owed(START, 1_000_000), LinkConditions.UNKNOWN))
                .isEqualTo(500 * MILLI);
    }

    @Test
    void anythingHeardIsALifeSign() {
        Owed owed = new Owed(START, 1000);
        long allowance = overdueAfter(owed, LINK);
        watch.heard(START + 150 * MILLI);
        assertThat(watch.nanosUntilOverdue(owed, LINK, START + allowance)).isEqualTo(150 * MILLI);
    }

    @Test
    void whatWasHeardBeforeDoesNotCount() {
        Owed owed = new Owed(START + 5000 * MILLI, 1000);
        assertThat(watch.nanosUntilOverdue(owed, LINK, START + 5100 * MILLI)).isEqualTo((225 - 100) * MILLI);
    }

    /** A dead link is noticed as soon as if nothing more had been sent into it. */
    @Test
    void whatIsSentIntoADeadLinkDoesNotPutItOff() {
        SimulatedStream stream = new SimulatedStream(new SimulatedLink(8, 20 * MILLI, 0, 1));
        stream.sendSerially(5, 20_000, 100 * MILLI);
        long cut = stream.now();
        AckWatch watch = new AckWatch(cut);
        stream.send(20_000);
        long once = watch.nanosUntilOverdue(stream.uplink.owed(), stream.conditions(), cut);
        for (int i = 0; i < 20; i++) {
            stream.uplink.handedOver(60_000, stream.now());
            stream.uplink.frameEnded(1000 + i);
        }
        assertThat(watch.nanosUntilOverdue(stream.uplink.owed(), stream.conditions(), cut))
                .isEqualTo(once);
        assertThat(once).isBetween(200 * MILLI, 300 * MILLI);
    }

    @Test
    void aHealthyLinkIsNotOverdue() {
        SimulatedStream stream = new SimulatedStream(new SimulatedLink(5.85, 50 * MILLI, 3 * MILLI, 1));
        AckWatch watch = new AckWatch(0);
        for (int i = 0; i < 300; i++) {
            long acknowledged = stream.uplink.inFlightBytes();
            stream.send(5_000 + i * 100);
            for (long end = stream.now() + 60 * MILLI; stream.now() < end; ) {
                stream.runUntil(stream.now() + MILLI);
                if (stream.uplink.inFlightBytes() < acknowledged || stream.uplink.isIdle()) {
                    watch.heard(stream.now());
                }
                acknowledged = stream.uplink.inFlightBytes();
                assertThat(watch.nanosUntilOverdue(stream.uplink.owed(), stream.conditions(), stream.now()))
                        .isPositive();
            }
        }
    }
}
