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
    private static final long BUDGET = 256 * 1024;
    private static final double[] MEGABITS = {18.88, 1.1, 5.85};

    /** Best are point 1 at 18.88 and 5.85 Mbit/s, LOCAL at 1.1. */
    private static final List<PointCost> POINTS = List.of(point(9, 150_000), point(5, 14_000), point(3, 6_000));

    private static final double[] SEGMENTS = {45 * MILLI, 15 * MILLI, 40 * MILLI};

    private static PointCost point(double tailMillis, double wireBytes) {
        return new PointCost(
                MILLI, MILLI / 2, tailMillis * MILLI, 200, List.of(new LevelCost("default", wireBytes)));
    }

    /** What the requests between two steps tell. */
    private record Passage(double megabits, long stepNanos, List<Decided> decisions, int before) {
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
            passages.add(passage(agent.decisions, MEGABITS[(i + 1) % MEGABITS.length], at[i], at[i + 1]));
        }
        return passages;
    }

    private static Passage passage(List<Decided> all, double megabits, long from, long to) {
        List<Decided> within = new ArrayList<>();
        int before = -1;
        for (Decided decided : all) {
            if (decided.atNanos() < from) {
                before = decided.point();
            } else if (decided.atNanos() < to) {
                within.add(decided);
            }
        }
        return new Passage(megabits, from, within, before);
    }

    @Test
    void explore() {
        for (double jitter : new double[] {0.05, 0.2, 0.5, 1, 2}) {
            for (double hiccups : new double[] {0, 0.01, 0.05}) {
                int n = 0, over = 0, many = 0, wrong = 0, not3 = 0;
                double max = 0, sum=0;
                for (int seed = 0; seed < 10; seed++) {
                    for (Passage p : drive(seed, 51, jitter, hiccups)) {
                        if (p.megabits() == 5.85) {
                        n++;
                        max = Math.max(max, p.secondsToForce());
                        sum += p.secondsToForce();
                        over += p.secondsToForce() > 1 ? 1 : 0; }
                        not3 += p.secondsToForce() > 1 && p.firstInForce() > 3 ? 1 : 0;
                        many += p.switches() > 1 ? 1 : 0;
                        wrong += p.megabits() == 1.1 != (p.settled() == 3) ? 1 : 0;
                    }
                }
                System.out.printf("jitter %.2f hiccups %.2f: n %d mean %.2f max %.2f over %d; all: switches>1 %d wrong %d notInTime %d%n", jitter, hiccups, n, sum / n, max, over, many, wrong, not3);
            }
        }
    }
}
