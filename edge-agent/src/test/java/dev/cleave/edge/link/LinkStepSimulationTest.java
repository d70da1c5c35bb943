package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.SimulatedLink;
import dev.cleave.edge.link.SimulatedAgent.Decided;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** From the moment at which a link changes to the first request that is cut elsewhere for it: probes, filter and policy together. */
class LinkStepSimulationTest {
    private static final double MILLI = 1e6;
    private static final long SECOND = 1_000_000_000L;
    private static final long INTERVAL = SECOND / 5;
    private static final int LOCAL = 3;
    private static final long BUDGET = 256 * 1024;
    private static final double[] MEGABITS = {18.88, 1.1, 5.85};

    /** Best are point 1 at 18.88 and 5.85 Mbit/s, LOCAL at 1.1. */
    private static final List<PointCost> POINTS = List.of(point(9, 150_000), point(5, 14_000), point(3, 6_000));

    private static final double[] SEGMENTS = {45 * MILLI, 15 * MILLI, 40 * MILLI};

    private static PointCost point(double tailMillis, double wireBytes) {
        return new PointCost(MILLI, MILLI / 2, tailMillis * MILLI, 200, List.of(new LevelCost("default", wireBytes)));
    }

    /** What the requests between two steps tell. */
    private record Passage(int seed, double megabits, long stepNanos, List<Decided> decisions, int before) {
        @Override
        public String toString() {
            return "seed " + seed + ", " + megabits + " Mbit/s from " + stepNanos / 1e9 + " s on: "
                    + decisions.subList(0, firstInForce() + 1);
        }

        int settled() {
            return decisions.get(decisions.size() - 1).point();
        }

        int firstInForce() {
            int first = decisions.size() - 1;
            while (first > 0 && decisions.get(first - 1).point() == settled()) {
                first--;
            }
            return first;
        }

        double secondsToForce() {
            return firstInForce() == 0 ? 0 : (decisions.get(firstInForce()).atNanos() - stepNanos) / 1e9;
        }

        int switches() {
            int switches = 0;
            int last = before;
            for (Decided decided : decisions) {
                switches += decided.point() == last ? 0 : 1;
                last = decided.point();
            }
            return switches;
        }
    }

    /** Steps at moments that have nothing to do with when the agent looks. */
    private static List<Passage> drive(int seed, int steps, double jitterMillis, double hiccups) {
        Random random = new Random(seed);
        SimulatedLink link = new SimulatedLink(MEGABITS[0], (long) (10 * MILLI), jitterMillis * MILLI, seed);
        SimulatedAgent agent = new SimulatedAgent(link, POINTS, SEGMENTS, BUDGET, hiccups, random);
        long[] at = new long[steps + 1];
        at[0] = 15 * SECOND;
        for (int i = 0; i < steps; i++) {
            link.rateFrom(at[i], MEGABITS[(i + 1) % MEGABITS.length]);
            at[i + 1] = at[i] + 10 * SECOND + (long) (random.nextDouble() * 10 * SECOND);
        }
        agent.askUntil(at[steps], INTERVAL);
        List<Passage> passages = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            passages.add(passage(seed, agent.decisions, MEGABITS[(i + 1) % MEGABITS.length], at[i], at[i + 1]));
        }
        return passages;
    }

    private static Passage passage(int seed, List<Decided> all, double megabits, long from, long to) {
        List<Decided> within = new ArrayList<>();
        int before = -1;
        for (Decided decided : all) {
            if (decided.atNanos() < from) {
                before = decided.point();
            } else if (decided.atNanos() < to) {
                within.add(decided);
            }
        }
        return new Passage(seed, megabits, from, within, before);
    }

    private static List<Passage> thousandSteps(double jitterMillis, double hiccups) {
        List<Passage> passages = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            passages.addAll(drive(seed, 50, jitterMillis, hiccups));
        }
        assertThat(passages).hasSize(1000);
        return passages;
    }

    @Test
    void everyOneOfAThousandStepsIsFollowedWithinASecond() {
        for (Passage passage : thousandSteps(0.2, 0)) {
            assertThat(passage.secondsToForce()).as("%s", passage).isLessThanOrEqualTo(1);
            assertThat(passage.firstInForce()).as("%s", passage).isLessThanOrEqualTo(3);
            assertThat(passage.switches()).as("%s", passage).isLessThanOrEqualTo(1);
            assertThat(passage.settled() == LOCAL).as("%s", passage).isEqualTo(passage.megabits() == 1.1);
        }
    }

    /** One message in a hundred is held up by some milliseconds: if it is a probe, the step is seen by the next one. */
    @Test
    void aMessageThatIsHeldUpNowAndThenCostsFewStepsTheirSecond() {
        int late = 0;
        int twice = 0;
        for (Passage passage : thousandSteps(0.3, 0.01)) {
            late += passage.secondsToForce() > 1 ? 1 : 0;
            twice += passage.switches() > 1 ? 1 : 0;
            assertThat(passage.settled() == LOCAL).as("%s", passage).isEqualTo(passage.megabits() == 1.1);
        }
        assertThat(late).as("of 1000").isLessThanOrEqualTo(10);
        assertThat(twice).as("of 1000").isLessThanOrEqualTo(5);
    }

    @Test
    void aLinkThatStaysAsItIsMovesNothingAndProbesKeepTheirBudget() {
        for (int seed = 0; seed < 20; seed++) {
            SimulatedLink link = new SimulatedLink(1.1, (long) (10 * MILLI), 0.3 * MILLI, seed);
            SimulatedAgent agent = new SimulatedAgent(link, POINTS, SEGMENTS, BUDGET, 0.02, new Random(seed));
            agent.askUntil(10 * SECOND, INTERVAL);
            int learning = agent.decisions.size();
            long before = agent.probeBytes();
            agent.askUntil(310 * SECOND, INTERVAL);
            assertThat(agent.decisions.subList(learning, agent.decisions.size()))
                    .as("seed %d", seed)
                    .allMatch(decided -> decided.point() == LOCAL);
            assertThat(agent.probeBytes() - before).as("in 5 minutes").isLessThanOrEqualTo(5 * BUDGET);
        }
    }
}
