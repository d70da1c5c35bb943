package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UplinkRoomTest {
    private static final long MILLI = 1_000_000;
    private static final int FRAME = 1_000_000;
    private static final long NANOS_PER_BYTE = 1000;
    private static final Choice CLOUD = new Choice(0, 0, Choice.UNKNOWN, "");

    /** A frame takes a second up, 1 ms on the gateway; the device takes 100 ms for all. */
    private final KnownCosts costs = new KnownCosts(new CostTable(
            Collections.singletonList(new PointCost(
                    0, 0, MILLI, 0, Arrays.asList(new LevelCost("default", FRAME), new LevelCost("raw", FRAME)))),
            new double[] {100 * MILLI},
            1));

    private static LinkConditions link(long ahead) {
        return new LinkConditions(NANOS_PER_BYTE, NANOS_PER_BYTE, 0.1, 20 * MILLI, 0, 0, 1, ahead);
    }

    private String shortage(Overflow overflow, Backlog backlog, long leftMillis) {
        return shortage(overflow, backlog, leftMillis, FRAME);
    }

    private String shortage(Overflow overflow, Backlog backlog, long leftMillis, long heldBytes) {
        return new UplinkRoom(costs, DeviceTimes.unknown(1), backlog)
                .shortage(overflow, CLOUD, new Demand(1, leftMillis * MILLI, 0), heldBytes);
    }

    private String shortage(Overflow overflow, long ahead, long leftMillis) {
        return shortage(overflow, new Backlog(0, 0, link(ahead)), leftMillis);
    }

    @Test
    void withNothingAheadThereIsRoomHoweverSlowTheLink() {
        for (Overflow overflow : Overflow.values()) {
            assertThat(shortage(overflow, 0, 1)).isNull();
        }
    }

    @Test
    void localDoesNotWaitLongerThanTheDeviceTakes() {
        assertThat(shortage(Overflow.LOCAL, 110_000, 60_000))
                .as("90 ms of it are to leave")
                .isNull();
        assertThat(shortage(Overflow.LOCAL, 130_000, 60_000))
                .isEqualTo("130000 bytes ahead take 110 ms, longer than this device");
        assertThat(shortage(Overflow.REJECT, 130_000, 60_000)).isNull();
        assertThat(shortage(Overflow.WAIT, 130_000, 60_000)).isNull();
    }

    @Test
    void whatIsOnlyTravellingIsNoWait() {
        assertThat(shortage(Overflow.LOCAL, 20_000, 1)).isNull();
    }

    @Test
    void nobodyWaitsBeyondTheDeadlineAndTheLinkMayBeSlowerThanItSeems() {
        assertThat(shortage(Overflow.REJECT, 3 * FRAME, 4500)).isNull();
        assertThat(shortage(Overflow.REJECT, 3 * FRAME, 4200))
                .isEqualTo("with 3000000 bytes ahead the gateway's answer takes 4420 ms; expected at most 4200 ms");
        assertThat(shortage(Overflow.WAIT, 3 * FRAME, 4200)).isNotNull();
        assertThat(shortage(Overflow.LATEST, 3 * FRAME, 4200)).isNull();
    }

    @Test
    void framesWithoutCreditLeaveRoomForThoseAloneThatWait() {
        Backlog uncredited = new Backlog(5, 5, link(5));
        assertThat(shortage(Overflow.LOCAL, uncredited, 60_000)).startsWith("the gateway's window is full");
        assertThat(shortage(Overflow.REJECT, uncredited, 60_000)).endsWith("; expected none");
        assertThat(shortage(Overflow.WAIT, uncredited, 60_000)).isNull();
        assertThat(shortage(Overflow.LATEST, uncredited, 60_000)).isNull();
    }

    @Test
    void whatWasNotSentIsBoundedForAll() {
        for (Overflow overflow : Overflow.values()) {
            Backlog most = new Backlog(0, UplinkRoom.MAX_UNSENT_BYTES, LinkConditions.UNKNOWN);
            Backlog more = new Backlog(0, UplinkRoom.MAX_UNSENT_BYTES + 1, LinkConditions.UNKNOWN);
            assertThat(shortage(overflow, most, 60_000)).isNull();
            assertThat(shortage(overflow, more, 60_000)).endsWith("bytes wait to be sent; expected at most 16777216");
        }
    }

    @Test
    void aSmallFrameHasRoomBesideWhateverWasNotSent() {
        Backlog full = new Backlog(0, 100 * UplinkRoom.MAX_UNSENT_BYTES, LinkConditions.UNKNOWN);
        for (Overflow overflow : Overflow.values()) {
            assertThat(shortage(overflow, full, 60_000, 256 << 10)).isNull();
            assertThat(shortage(overflow, full, 60_000, (256 << 10) + 1)).contains("wait to be sent");
        }
    }

    @Test
    void aSmallFrameComesTooLateLikeAnyOther() {
        assertThat(shortage(Overflow.REJECT, new Backlog(0, 0, link(3 * FRAME)), 4200, 1))
                .contains("bytes ahead the gateway's answer takes");
    }

    @Test
    void aLinkOfUnknownRateIsGivenTwoMebibytes() {
        LinkConditions some = LinkConditions.UNKNOWN.withInFlight(2 << 20);
        LinkConditions more = LinkConditions.UNKNOWN.withInFlight((2 << 20) + 1);
        assertThat(shortage(Overflow.LOCAL, new Backlog(0, 0, some), 1)).isNull();
        assertThat(shortage(Overflow.LOCAL, new Backlog(0, 0, more), 60_000)).contains("of unknown rate");
        assertThat(shortage(Overflow.REJECT, new Backlog(0, 0, more), 60_000)).isNotNull();
        assertThat(shortage(Overflow.WAIT, new Backlog(0, 0, more), 60_000)).isNull();
    }

    /** A frame that is on its way, and until when it is of use. */
    private record Sent(double arrivesNanos, double latestNanos) {}

    /**
     * A minute of 30 frames a second, which have 10 s each, into a link that takes one a second and is estimated with an error: the gateway
     * answers nearly as many as the link carries, in time, and little waits.
     */
    @ParameterizedTest
    @CsvSource({"LOCAL, 1.0, 1.2", "LOCAL, 0.9, 1.2", "WAIT, 1.0, 10", "REJECT, 1.0, 10", "REJECT, 0.95, 10"})
    void aFloodLeavesTheLinkBusyWithWhatComesInTime(Overflow overflow, double error, double mostFrames) {
        Deque<Sent> ahead = new ArrayDeque<>();
        double free = 0;
        int inTime = 0;
        double most = 0;
        for (int i = 0; i < 1800; i++) {
            double now = i * 1e9 / 30;
            while (!ahead.isEmpty() && ahead.peek().arrivesNanos() <= now) {
                Sent arrived = ahead.poll();
                inTime += arrived.arrivesNanos() <= arrived.latestNanos() ? 1 : 0;
            }
            double bytes = Math.max(0, free - now) / NANOS_PER_BYTE;
            LinkConditions seen = new LinkConditions(
                    NANOS_PER_BYTE * error, NANOS_PER_BYTE * error, 0.1, 20 * MILLI, 0, 0, 1, (long) bytes);
            if (shortage(overflow, new Backlog(0, (long) bytes, seen), 10_000) == null) {
                free = Math.max(free, now) + (double) FRAME * NANOS_PER_BYTE;
                ahead.add(new Sent(free, now + 10e9));
            }
            most = Math.max(most, bytes);
        }
        assertThat(inTime).isGreaterThanOrEqualTo(45);
        assertThat(most).isLessThan(mostFrames * FRAME);
    }
}
