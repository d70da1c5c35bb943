package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PlanPolicyTest {
    private static final double MILLI = 1e6;
    private static final long SECOND = 1_000_000_000L;
    private static final long LONG = 30 * SECOND;
    private static final int LOCAL = 3;

    /**
     * <pre>
     *          device so far   bytes (coarse)   gateway
     * CLOUD            0 ms   100,000            17 ms
     * point 1         20 ms    20,000 (8,000)    11 ms
     * point 2         60 ms     2,000             6 ms
     * LOCAL          100 ms
     * </pre>
     */
    private final CostTable table = new CostTable(
            Arrays.asList(
                    point(0, 1, 16, level("default", 100_000), level("raw", 600_000)),
                    point(1, 1, 10, level("default", 20_000), level("coarse", 8_000), level("raw", 80_000)),
                    point(1, 1, 5, level("default", 2_000), level("raw", 16_000))),
            new double[] {20 * MILLI, 40 * MILLI, 40 * MILLI},
            1);

    private final KnownCosts costs = new KnownCosts(table);
    private final PlanPolicy policy = new PlanPolicy(costs, Objective.LATENCY, null);
    private long now;

    private static PointCost point(double encode, double decode, double tail, LevelCost... levels) {
        return new PointCost(encode * MILLI, decode * MILLI, tail * MILLI, 0, Arrays.asList(levels));
    }

    private static LevelCost level(String name, double bytes) {
        return new LevelCost(name, bytes);
    }

    private static Situation allowed(Integer... points) {
        return new Situation(Arrays.asList(points), true, LOCAL);
    }

    private static Situation withoutLocal(boolean linkUsable, Integer... points) {
        return new Situation(Arrays.asList(points), linkUsable, Situation.UNAVAILABLE);
    }

    /** 10 ms there and back, no jitter. */
    private static LinkConditions link(double megabits) {
        return link(megabits, 0.05);
    }

    private static LinkConditions link(double megabits, double deviation) {
        double nanosPerByte = 8e3 / megabits;
        return new LinkConditions(nanosPerByte, nanosPerByte, deviation, (long) (10 * MILLI), 0, 0, 1);
    }

    private Choice choose(PlanPolicy by, Situation situation, LinkConditions link, double leftMillis) {
        now += SECOND / 10;
        return by.choose(situation, DeviceTimes.unknown(LOCAL), link, new Demand(1, (long) (leftMillis * MILLI), now));
    }

    private Choice choose(Situation situation, LinkConditions link) {
        return choose(policy, situation, link, LONG / MILLI);
    }

    private Choice at(double megabits) {
        return choose(allowed(0, 1, 2), link(megabits));
    }

    @Test
    void saysWhatItTakesAndWhatTheDeviceAloneWouldTake() {
        assertThat(at(100))
                .isEqualTo(new Choice(0, 0, 35_000_000, "CLOUD (default): 35 ms at 100.0 Mbit/s up, LOCAL 100 ms"));
        now += 10 * SECOND;
        assertThat(at(5.9).why()).isEqualTo("point 1 (default): 69 ms at 5.9 Mbit/s up, LOCAL 100 ms");
        now += 10 * SECOND;
        assertThat(at(0.25).why()).isEqualTo("LOCAL: 100 ms, point 2 (default) 141 ms at 250 kbit/s up");
    }

    @Test
    void isLocalWithoutALink() {
        assertThat(choose(new Situation(Arrays.asList(0, 1, 2), false, LOCAL), link(100)))
                .isEqualTo(new Choice(LOCAL, 0, 100_000_000, "LOCAL: 100 ms, there is no link to the gateway"));
        assertThat(choose(allowed(), LinkConditions.UNKNOWN).why())
                .isEqualTo("LOCAL: 100 ms, no gateway serves a point of this bundle");
    }

    @Test
    void anOutageDoesNotMoveThePointInForce() {
        assertThat(at(5.9).point()).isEqualTo(1);
        choose(new Situation(Arrays.asList(0, 1, 2), false, LOCAL), link(5.9));
        assertThat(at(8.5).why()).startsWith("point 1 (default): 61 ms").doesNotContain("kept");
    }

    @Test
    void waitsForALinkWhereLocalIsNotPossible() {
        Choice choice = choose(withoutLocal(false, 0, 1), LinkConditions.UNKNOWN);
        assertThat(choice.point()).isEqualTo(1);
        assertThat(choice.why())
                .isEqualTo("point 1 (default): fewest bytes, 20000; there is no link to the gateway, and LOCAL is not"
                        + " possible");
        assertThat(choose(withoutLocal(true), link(1))).isNull();
    }

    @Test
    void sendsTheFewestBytesUntilTheRateIsKnown() {
        Choice choice = choose(allowed(0, 1, 2), LinkConditions.UNKNOWN);
        assertThat(choice)
                .isEqualTo(new Choice(
                        2,
                        0,
                        Choice.UNKNOWN,
                        "point 2 (default): fewest bytes, 2000; the rate of the link is not known yet"));
        assertThat(choose(allowed(0, 1), LinkConditions.UNKNOWN).point()).isEqualTo(1);
        assertThat(choose(allowed(0, 1, 2), link(100, 1.2)).point())
                .as("a rate that was seen too long ago")
                .isEqualTo(2);
    }

    @Test
    void sendsNothingToLearnARateThatCouldNotHelp() {
        LinkConditions far = new LinkConditions(
                Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, (long) (50 * MILLI), 0, 0, Double.NaN);
        assertThat(choose(allowed(2), far))
                .isEqualTo(new Choice(
                        LOCAL, 0, 100_000_000, "LOCAL: 100 ms, every point computes for longer, whatever the link"));
        assertThat(choose(allowed(1, 2), far).point()).isEqualTo(1);
    }

    @Test
    void staysWhereItIsUntilAnotherPointIsBetterByATenth() {
        assertThat(at(5.9).point()).isEqualTo(1);
        now += 10 * SECOND;
        // Point 1 takes 42 ms and 160 of crossing at 1 Mbit/s, point 2 takes 77 and 16.
        Choice kept = at(4.2);
        assertThat(kept.why()).isEqualTo("point 1 (default): 80 ms at 4.2 Mbit/s up, LOCAL 100 ms");
        now += 10 * SECOND;
        assertThat(at(3.7).why())
                .isEqualTo("point 1 (default): 85 ms at 3.7 Mbit/s up, LOCAL 100 ms;"
                        + " kept, as point 2 (default) with 81 ms is not clearly better (10 %)");
        now += 10 * SECOND;
        assertThat(at(3).point()).isEqualTo(2);
    }

    @Test
    void withinASecondOfAChangeItTakesAFifth() {
        assertThat(at(100).point()).isZero();
        assertThat(at(5.9).point()).isEqualTo(1);
        assertThat(at(2.8).why()).contains("kept, as point 2 (default) with 83 ms is not clearly better (20 %)");
        now += SECOND;
        assertThat(at(2.8).point()).isEqualTo(2);
    }

    @Test
    void leavesAPointThatIsNotAllowedAnyMoreAtOnce() {
        assertThat(at(100).point()).isZero();
        assertThat(choose(allowed(1, 2), link(100)).point()).isEqualTo(1);
    }

    @Test
    void leavesAPointThatMissesTheDeadlineAtOnce() {
        PlanPolicy steady = new PlanPolicy(costs, Objective.LATENCY, null);
        assertThat(choose(steady, withoutLocal(true, 1, 2), link(3.7), 1000).point())
                .isEqualTo(2);
        assertThat(choose(steady, withoutLocal(true, 1, 2), link(4.1), 1000).point())
                .isEqualTo(2);
        assertThat(choose(steady, withoutLocal(true, 1, 2), link(20), 79).point())
                .isEqualTo(1);
    }

    @Test
    void takesACoarserLevelWhereOnlyThatMeetsTheDeadline() {
        Choice choice = choose(policy, allowed(0, 1, 2), link(3.7), 65);
        assertThat(choice)
                .isEqualTo(new Choice(
                        1,
                        1,
                        59_297_297,
                        "point 1 (coarse): 59 ms at 3.7 Mbit/s up, LOCAL 100 ms; no default level fits into 65 ms"));
        assertThat(choose(policy, allowed(0, 1, 2), link(3.7), 1000).level()).isZero();
    }

    @Test
    void takesTheFastestOfAllWhereNothingMeetsTheDeadline() {
        assertThat(choose(policy, allowed(0, 1, 2), link(3.7), 30).why())
                .isEqualTo("point 1 (coarse): 59 ms at 3.7 Mbit/s up, the fastest; nothing fits into 30 ms");
    }

    @Test
    void keepsTimeForTheDeviceToFinishWhereItCould() {
        // At 10 Mbit/s point 1 takes 58 ms and leaves 80 ms and their margin to the device, point 2 79 ms and 40.
        // A segment that has just begun may take 40 ms.
        assertThat(choose(policy, allowed(0, 1, 2), link(10), 205).point()).isEqualTo(1);
        PlanPolicy other = new PlanPolicy(costs, Objective.LATENCY, null);
        assertThat(choose(other, allowed(0, 1, 2), link(10), 190).point()).isEqualTo(2);
        assertThat(choose(other, allowed(0, 1, 2), link(10), 160).point()).isEqualTo(LOCAL);
        assertThat(choose(other, allowed(0, 1, 2), link(10), 120).point())
                .as("the device would not make it in any case")
                .isEqualTo(1);
    }

    @Test
    void aFixedLevelStays() {
        PlanPolicy raw = new PlanPolicy(costs, Objective.LATENCY, new int[] {1, 2, 1});
        Choice choice = choose(raw, allowed(0, 1, 2), link(100), 1000);
        assertThat(choice.why()).startsWith("point 1 (raw): 48 ms");
        assertThat(choice.level()).isEqualTo(2);
        assertThat(choose(raw, allowed(0, 1, 2), link(3.7), 60).level())
                .as("although the coarse level would be faster")
                .isNotEqualTo(1);
    }

    @Test
    void leavesBytesOrTheGatewaysTimeToThoseThatAreNearlyAsFast() {
        PlanPolicy bytes = new PlanPolicy(costs, Objective.BYTES, null);
        assertThat(choose(bytes, allowed(0, 1, 2), link(4.2), 1000).why())
                .isEqualTo("point 2 (default): 2000 bytes in 81 ms at 4.2 Mbit/s up, LOCAL 100 ms");
        assertThat(choose(bytes, allowed(0, 1, 2), link(100), 1000).point()).isEqualTo(0);
        PlanPolicy gateway = new PlanPolicy(costs, Objective.GATEWAY, null);
        assertThat(choose(gateway, allowed(0, 1, 2), link(4.2), 1000).why())
                .isEqualTo("point 2 (default): 6.0 ms of the gateway in 81 ms at 4.2 Mbit/s up, LOCAL 100 ms");
        now += SECOND;
        assertThat(choose(gateway, allowed(0, 1, 2), link(1), 1000).point())
                .as("LOCAL takes less than 1.2 / 1.1 times as long, and nothing of the gateway")
                .isEqualTo(LOCAL);
    }

    @Test
    void rowsMultiplyHeadsAndBytes() {
        now += SECOND;
        Demand rows = new Demand(4, LONG, now);
        Choice choice = policy.choose(allowed(1), DeviceTimes.unknown(LOCAL), link(100), rows);
        // 80 ms of head, 4 of encoding, 10 there and back, 6.4 of crossing, 4 of decoding, 40 of the tail in four
        // batches.
        assertThat(choice.predictedNanos()).isEqualTo(144_400_000);
    }

    @Test
    void whatIsInFlightMakesADetourAndMovesNothing() {
        assertThat(at(5.9).point()).isEqualTo(1);
        Choice detour = choose(allowed(0, 1, 2), link(5.9).withInFlight(60_000));
        assertThat(detour.why())
                .isEqualTo("LOCAL: 100 ms, point 2 (default) 100 ms at 5.9 Mbit/s up; this once, as 60000 bytes are"
                        + " still in flight");
        assertThat(at(5.9).why()).startsWith("point 1 (default)").doesNotContain("kept");
        assertThat(choose(allowed(0, 1, 2), link(5.9).withInFlight(1_000)).point())
                .as("what has arrived before the head is done")
                .isEqualTo(1);
    }

    @Test
    void aBusyGatewayIsPartOfThePrediction() {
        LinkConditions busy = new LinkConditions(80, 80, 0.05, (long) (10 * MILLI), 0, (long) (30 * MILLI), 3);
        assertThat(choose(allowed(0, 1, 2), busy).predictedNanos())
                .as("point 1: 21 + 10 + 1.6 + 30 + 3 * 11")
                .isEqualTo(95_600_000);
    }

    /** A bundle that tells bytes alone. */
    private final KnownCosts unplanned = new KnownCosts(new CostTable(
            Arrays.asList(unplanned(100_000), unplanned(20_000), unplanned(2_000)),
            new double[] {Double.NaN, Double.NaN, Double.NaN},
            1));

    private static PointCost unplanned(double bytes) {
        return new PointCost(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Arrays.asList(level("default", bytes)));
    }

    @Test
    void withoutAPlanWhatCouldBeTheBestIsTriedUntilItIsKnown() {
        PlanPolicy untaught = new PlanPolicy(unplanned, Objective.LATENCY, null);
        DeviceTimes none = DeviceTimes.unknown(LOCAL);
        assertThat(untaught.choose(allowed(0, 1, 2), none, LinkConditions.UNKNOWN, new Demand(1, LONG, 0))
                        .point())
                .isEqualTo(2);
        answered(0);
        answered(1);
        answered(2);
        // All but the last segment ran: point 2 takes 60 + 10 + 2.7 + 7, and LOCAL 60 or more.
        DeviceTimes two = new DeviceTimes(20 * MILLI, 40 * MILLI, Double.NaN);
        Choice trial = untaught.choose(allowed(0, 2), two, link(5.9), new Demand(1, LONG, SECOND));
        assertThat(trial)
                .isEqualTo(new Choice(
                        LOCAL,
                        0,
                        Choice.UNKNOWN,
                        "LOCAL: at least 60 ms, point 2 (default) 80 ms at 5.9 Mbit/s up;"
                                + " tried, as not all that it costs is known yet"));
        DeviceTimes all = new DeviceTimes(20 * MILLI, 40 * MILLI, 40 * MILLI);
        assertThat(untaught.choose(allowed(0, 2), all, link(5.9), new Demand(1, LONG, 2 * SECOND))
                        .point())
                .isEqualTo(2);
    }

    @Test
    void nothingIsTriedUnderATightDeadline() {
        PlanPolicy untaught = new PlanPolicy(unplanned, Objective.LATENCY, null);
        answered(2);
        DeviceTimes two = new DeviceTimes(20 * MILLI, 40 * MILLI, Double.NaN);
        Demand tight = new Demand(1, (long) (700 * MILLI), SECOND);
        assertThat(untaught.choose(allowed(2), two, link(5.9), tight).point()).isEqualTo(2);
    }

    private void answered(int point) {
        unplanned.encoded(point, 0, 1, (long) MILLI, point == 0 ? 100_000 : point == 1 ? 20_000 : 2_000);
        unplanned.answered(point, 1, 0, (long) MILLI, (long) (5 * MILLI));
    }
}
