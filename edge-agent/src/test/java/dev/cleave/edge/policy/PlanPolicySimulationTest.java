package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many made-up bundles on made-up devices and links, each from a seed of its own. */
class PlanPolicySimulationTest {
    private static final double MILLI = RandomCosts.MILLI;
    private static final long SECOND = 1_000_000_000L;
    private static final double[] MEGABITS = {18.88, 1.1, 5.85, 18.88};
    private static final long FRAME = SECOND / 10;
    private static final int FRAMES_PER_STEP = 150;

    /** What a choice takes by the book: nothing here is shared with what is tested but the inputs. */
    private record Reckoned(
            int point,
            int level,
            double nanos,
            double badNanos,
            double restNanos,
            double waitNanos,
            double bytes,
            double gateway) {
        static Reckoned of(CostTable table, int point, int level, DeviceTimes device, LinkConditions link, int rows) {
            double scale = device.scale(table);
            double head = 0;
            double whole = 0;
            double longest = 0;
            for (int segment = 0; segment < table.local(); segment++) {
                double nanos = device.segmentNanos(segment, scale, table) * rows;
                longest = Math.max(longest, nanos / rows);
                whole += nanos;
                head += segment < point ? nanos : 0;
            }
            if (point == table.local()) {
                return new Reckoned(point, 0, head, head, 0, 0, 0, 0);
            }
            PointCost cost = table.point(point);
            double bytes = cost.levels().get(level).wireBytes() * rows;
            double down =
                    Double.isNaN(link.downlinkNanosPerByte()) ? link.uplinkNanosPerByte() : link.downlinkNanosPerByte();
            double crossing = bytes * link.uplinkNanosPerByte() + cost.replyBytes() * rows * down;
            double speed = Double.isNaN(link.tailScale()) ? 1 : link.tailScale();
            double batches = Math.max(1.0, rows / (double) table.batch());
            double decode = cost.decodeNanos() * rows * speed;
            double tail = cost.tailNanos() * batches * speed;
            double nanos = head + cost.encodeNanos() * scale * rows + link.rttNanos() + crossing + link.queueNanos();
            nanos += decode + tail;
            double late = crossing * (Math.exp(link.rateDeviation()) - 1) + link.jitterNanos();
            double share = rows / (double) table.batch() / batches;
            return new Reckoned(point, level, nanos, nanos + late, whole - head, longest, bytes, decode + tail * share);
        }

        double measure(Objective objective) {
            return objective == Objective.LATENCY ? nanos : objective == Objective.BYTES ? bytes : gateway;
        }

        boolean isInTime(double left, double wholeNanos) {
            boolean localFits = withMargin(wholeNanos) <= left;
            double reserve =
                    !localFits ? 0 : bytes == 0 ? withMargin(nanos) - nanos : withMargin(restNanos) + waitNanos;
            boolean local = bytes == 0;
            return local ? localFits : badNanos + reserve <= left;
        }

        private static double withMargin(double nanos) {
            return nanos + Math.max(nanos / 4, 2 * MILLI);
        }
    }

    private static Reckoned byForce(
            CostTable table,
            Situation situation,
            DeviceTimes device,
            LinkConditions link,
            Objective objective,
            int rows,
            long leftNanos) {
        List<Reckoned> usual = new ArrayList<>();
        List<Reckoned> coarser = new ArrayList<>();
        for (int point : situation.remotePoints()) {
            List<CostTable.LevelCost> levels = table.point(point).levels();
            for (int level = 0; level < levels.size(); level++) {
                Reckoned option = Reckoned.of(table, point, level, device, link, rows);
                if (level == 0) {
                    usual.add(option);
                } else if (levels.get(level).wireBytes() < levels.get(0).wireBytes()) {
                    coarser.add(option);
                }
            }
        }
        double whole = Double.POSITIVE_INFINITY;
        if (situation.localPossible()) {
            usual.add(Reckoned.of(table, table.local(), 0, device, link, rows));
            whole = usual.get(usual.size() - 1).nanos();
        }
        double wholeNanos = whole;
        List<Reckoned> inTime = new ArrayList<>(usual);
        inTime.removeIf(option -> !option.isInTime(leftNanos, wholeNanos));
        if (inTime.isEmpty()) {
            inTime = new ArrayList<>(coarser);
            inTime.removeIf(option -> !option.isInTime(leftNanos, wholeNanos));
        }
        Objective wanted = inTime.isEmpty() ? Objective.LATENCY : objective;
        if (inTime.isEmpty()) {
            inTime.addAll(usual);
            inTime.addAll(coarser);
        }
        double fastest = inTime.stream().mapToDouble(Reckoned::nanos).min().getAsDouble();
        return inTime.stream()
                .filter(option -> wanted == Objective.LATENCY || option.nanos() <= 1.2 * fastest)
                .min((a, b) -> Double.compare(a.measure(wanted), b.measure(wanted)))
                .get();
    }

    @ParameterizedTest
    @EnumSource(Objective.class)
    void choosesWhatTryingAllWouldChoose(Objective objective) {
        int coarse = 0;
        int hurried = 0;
        for (int seed = 0; seed < 2000; seed++) {
            RandomCosts made = new RandomCosts(seed);
            CostTable table = made.table();
            Situation situation = made.situation(table);
            DeviceTimes device = made.device(table);
            LinkConditions link = made.link();
            int rows = made.sometimes() ? 1 + made.upTo(11) : 1;
            long left = made.sometimes() ? (long) (made.between(1, 300) * MILLI) : 30 * SECOND;
            Choice choice = new PlanPolicy(new KnownCosts(table), objective, null, false)
                    .choose(situation, device, link, new Demand(rows, left, seed));
            if (situation.remotePoints().isEmpty()) {
                assertThat(choice.point()).isEqualTo(table.local());
                continue;
            }
            Reckoned expected = byForce(table, situation, device, link, objective, rows, left);
            assertThat(choice.point()).as("seed %d: %s", seed, choice).isEqualTo(expected.point());
            assertThat(choice.level()).as("seed %d: %s", seed, choice).isEqualTo(expected.level());
            assertThat((double) choice.predictedNanos())
                    .isBetween(expected.nanos() * 0.999 - 1, expected.nanos() * 1.001);
            assertThat(choice.why())
                    .as("seed %d", seed)
                    .isNotBlank()
                    .doesNotContain("\n")
                    .doesNotContain("NaN");
            coarse += choice.level() > 0 ? 1 : 0;
            hurried += choice.why().contains("nothing fits") ? 1 : 0;
        }
        assertThat(coarse).isPositive();
        assertThat(hurried).isPositive();
    }

    /**
     * The estimate's noise is that of each frame for itself, which is worse than a filter's: a tenth of the frames is off by
     * more than 16 %. For other objectives than latency the first frame after a step may misjudge who is too slow, so that one
     * step in a hundred may take two.
     */
    @ParameterizedTest
    @EnumSource(Objective.class)
    void followsStepsOfTheLinkWithAtMostOneSwitchEachAlthoughTheEstimateIsNoisy(Objective objective) {
        int switches = 0;
        int twice = 0;
        for (int seed = 0; seed < 100; seed++) {
            RandomCosts made = new RandomCosts(seed);
            CostTable table = made.table();
            PlanPolicy policy = new PlanPolicy(new KnownCosts(table), objective, null);
            int before = -1;
            long now = seed * SECOND;
            for (double megabits : MEGABITS) {
                int switchesOfStep = 0;
                double nanosPerByte = RandomCosts.nanosPerByte(megabits * 1e6);
                LinkConditions truth = link(nanosPerByte, 0);
                double fastest = fastest(table, truth);
                for (int frame = 0; frame < FRAMES_PER_STEP; frame++, now += FRAME) {
                    LinkConditions seen = link(nanosPerByte * Math.exp(made.noise(0.1)), 0.1);
                    Choice choice = policy.choose(
                            RandomCosts.everything(table),
                            DeviceTimes.unknown(table.local()),
                            seen,
                            new Demand(1, 30 * SECOND, now));
                    switchesOfStep += before >= 0 && choice.point() != before ? 1 : 0;
                    before = choice.point();
                    double most = objective == Objective.LATENCY ? 1.2 : 1.2 * 1.2 * 1.2;
                    assertThat(nanos(table, choice.point(), truth) / fastest)
                            .as("seed %d at %s Mbit/s, frame %d: %s", seed, megabits, frame, choice)
                            .isLessThan(most);
                }
                assertThat(switchesOfStep)
                        .as("seed %d at %s Mbit/s", seed, megabits)
                        .isLessThanOrEqualTo(objective == Objective.LATENCY ? 1 : 2);
                switches += switchesOfStep;
                twice += switchesOfStep > 1 ? 1 : 0;
            }
        }
        assertThat(switches).isGreaterThan(50);
        assertThat(twice).isLessThanOrEqualTo(100 * MEGABITS.length / 100);
    }

    private static LinkConditions link(double nanosPerByte, double deviation) {
        return new LinkConditions(nanosPerByte, nanosPerByte, deviation, (long) (10 * MILLI), 0, 0, 1);
    }

    private static double nanos(CostTable table, int point, LinkConditions link) {
        return Reckoned.of(table, point, 0, DeviceTimes.unknown(table.local()), link, 1)
                .nanos();
    }

    private static double fastest(CostTable table, LinkConditions link) {
        double best = Double.POSITIVE_INFINITY;
        for (int point = 0; point <= table.local(); point++) {
            best = Math.min(best, nanos(table, point, link));
        }
        return best;
    }

    @Test
    void neverChoosesWhatMayNotBeChosenWhateverTheLinkDoes() {
        for (int seed = 0; seed < 100; seed++) {
            RandomCosts made = new RandomCosts(seed);
            CostTable table = made.table();
            PlanPolicy policy = new PlanPolicy(new KnownCosts(table), Objective.values()[seed % 3], null);
            int floor = 1 + made.upTo(table.local() - 2);
            for (int frame = 0; frame < 100; frame++) {
                Situation situation = made.situation(table);
                List<Integer> allowed = new ArrayList<>(situation.remotePoints());
                allowed.removeIf(point -> point < floor);
                LinkConditions link = made.sometimes() ? LinkConditions.UNKNOWN : made.link();
                long left = (long) (made.between(1, 30_000) * MILLI);
                Choice choice = policy.choose(
                        new Situation(allowed, made.sometimes(), table.local()),
                        made.device(table),
                        link.withInFlight(made.upTo(1) * 50_000L),
                        new Demand(1, left, frame * FRAME));
                assertThat(choice.point()).isIn(allowed.contains(choice.point()) ? allowed : List.of(table.local()));
            }
        }
    }
}
