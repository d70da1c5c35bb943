package dev.cleave.edge.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.CostTable;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.KnownCosts;
import dev.cleave.edge.policy.Objective;
import dev.cleave.edge.policy.PlanPolicy;
import dev.cleave.edge.policy.Situation;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A device that gets slower while it works, and is itself again after a rest: its times and the policy together. */
class HotDeviceTest {
    private static final double MILLI = 1e6;
    private static final long SECOND = 1_000_000_000L;
    private static final int LOCAL = 3;
    private static final double[] SEGMENT_MILLIS = {4, 8, 12};

    private final PlanPolicy policy = new PlanPolicy(
            new KnownCosts(new CostTable(
                    Arrays.asList(point(60_000, 9), point(12_000, 6), point(3_000, 3)),
                    new double[] {4 * MILLI, 8 * MILLI, 12 * MILLI},
                    1)),
            Objective.LATENCY,
            null);
    private final SegmentTimes times = new SegmentTimes(LOCAL);
    private final Random random = new Random(3);
    private long now;

    private static PointCost point(double bytes, double tailMillis) {
        return new PointCost(
                0.2 * MILLI,
                0.2 * MILLI,
                tailMillis * MILLI,
                100,
                Collections.singletonList(new LevelCost("default", bytes)));
    }

    /** One frame over a good link; runs the segments of the point that is chosen. */
    private int frame(double slowness) {
        now += SECOND / 10;
        LinkConditions link = new LinkConditions(270, 270, 0.05, (long) (8 * MILLI), 0, 0, 1);
        int point = policy.choose(
                        new Situation(Arrays.asList(0, 1, 2), true, LOCAL),
                        times.at(now),
                        link,
                        new Demand(1, 30 * SECOND, now))
                .point();
        for (int segment = 0; segment < point; segment++) {
            double scatter = Math.exp(0.05 * random.nextGaussian());
            times.record(
                    segment, Math.max(1, point), 1, (long) (SEGMENT_MILLIS[segment] * slowness * scatter * MILLI), now);
        }
        return point;
    }

    private int frames(int count, double slowness) {
        int point = -1;
        for (int i = 0; i < count; i++) {
            point = frame(slowness);
        }
        return point;
    }

    @Test
    void movesToAnEarlierPointWhenItHeatsUpAndBackWhenItHasCooled() {
        // LOCAL takes 24 ms, point 2 24.4, point 1 21.6 and CLOUD 33.6 at first; hot, LOCAL 72, 2 48.4, 1 29.6.
        assertThat(frames(50, 0.6)).as("faster than planned: LOCAL takes 14 ms").isEqualTo(LOCAL);
        int moved = 0;
        while (frame(1.8) == LOCAL) {
            moved++;
        }
        assertThat(moved).as("frames until it moved").isLessThan(15);
        assertThat(frames(50, 1.8)).isEqualTo(1);
        now += 120 * SECOND;
        assertThat(frames(50, 0.6)).isEqualTo(LOCAL);
    }

    @Test
    void triesLaterPointsAgainThoughOnlyCloudWasInForce() {
        assertThat(frames(50, 0.6)).isEqualTo(LOCAL);
        assertThat(frames(100, 8)).isZero();
        now += 200 * SECOND;
        assertThat(frames(50, 0.6)).isEqualTo(LOCAL);
    }

    @Test
    void oneSlowFrameMovesNothing() {
        assertThat(frames(50, 0.6)).isEqualTo(LOCAL);
        frame(20);
        assertThat(frames(1, 0.6)).isEqualTo(LOCAL);
    }
}
