package dev.cleave.partition.plan;

import static dev.cleave.partition.plan.Rows.LINK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.plan.SplitPlan.Layer;
import dev.cleave.partition.plan.SplitPlan.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecisionTest {
    private static final int TABLES = 80;
    private static final double LOWEST = 16e3;
    private static final double HIGHEST = 10e9;
    private static final Constraints NONE = Constraints.defaults();

    private static SplitPlan decide(CostTable table, LinkProfile link, Objective objective, Constraints constraints) {
        return Decision.of(table, link, objective, constraints, 4, () -> 0);
    }

    private static SplitPlan decide(Constraints constraints, CandidateCost... rows) {
        return decide(Rows.table(rows), LINK, Objective.LATENCY, constraints);
    }

    /** The best row by a plain loop; null if another is as good as it up to rounding. */
    private static CandidateCost best(List<CandidateCost> rows, LinkProfile link, Objective objective) {
        double fastest = Double.POSITIVE_INFINITY;
        for (CandidateCost row : rows) {
            fastest = Math.min(fastest, row.totalMillis(link));
        }
        CandidateCost best = null;
        double least = Double.POSITIVE_INFINITY;
        boolean clear = false;
        for (CandidateCost row : rows) {
            double total = row.totalMillis(link);
            boolean waits = objective == Objective.GATEWAY || objective == Objective.BYTES;
            if (waits && Math.abs(total / fastest - 1.2) < 1e-9) {
                return null;
            }
            double value = waits && total > 1.2 * fastest
                    ? Double.POSITIVE_INFINITY
                    : switch (objective) {
                        case LATENCY -> total;
                        case GATEWAY -> row.decodeMillis() + row.tailMillis() / row.batch();
                        case BYTES -> row.wireBytes();
                        case THROUGHPUT ->
                            Math.max(
                                    Math.max(row.headMillis() + row.encodeMillis(), row.tailMillis() / row.batch()),
                                    Math.max(
                                            row.wireBytes() * 8e3 / link.uplinkBitsPerSecond(),
                                            row.replyBytes() * 8e3 / link.downlinkBitsPerSecond()));
                    };
            clear = value < least * (1 - 1e-9) || clear && value > least * (1 + 1e-9);
            if (value < least) {
                best = row;
                least = value;
            }
        }
        return clear ? best : null;
    }

    private static CandidateCost winner(SplitPlan plan, double rate) {
        List<Range> at = plan.ranges().stream()
                .filter(range -> range.fromBitsPerSecond() <= rate && rate < range.toBitsPerSecond())
                .toList();
        assertThat(at).hasSize(1);
        return plan.candidates().get(at.get(0).candidate()).cost();
    }

    @ParameterizedTest
    @EnumSource
    void rangesAreWhatTryingEveryRateFinds(Objective objective) {
        SplittableRandom random = new SplittableRandom(1);
        int checked = 0;
        Set<Integer> counts = new HashSet<>();
        for (int i = 0; i < TABLES; i++) {
            List<CandidateCost> rows = Rows.random(random.nextInt(9), random);
            SplitPlan plan = decide(Rows.table(rows), LINK, objective, NONE);
            counts.add(plan.ranges().size());
            // Steps apart from Decision's own 24 a decade; a range may hide between two of its looks.
            for (double rate = LOWEST; rate < HIGHEST; rate *= 1.0137) {
                CandidateCost best = best(rows, LINK.withUplink(rate), objective);
                if (best != null && isLasting(rows, best, rate, objective)) {
                    assertThat(winner(plan, rate))
                            .as("table %d at %.0f bit/s", i, rate)
                            .isSameAs(best);
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(TABLES * 700);
        assertThat(counts).contains(3).hasSizeGreaterThan(2);
    }

    /** Whether a row wins over more than Decision's step, a tenth of the rate. */
    private static boolean isLasting(List<CandidateCost> rows, CandidateCost best, double rate, Objective objective) {
        int same = 0;
        for (int step = -10; step <= 10; step++) {
            boolean wins = best(rows, LINK.withUplink(rate * Math.pow(1.0137, step)), objective) == best;
            same = wins ? same + 1 : step < 0 ? 0 : same;
            if (!wins && step > 0) {
                break;
            }
        }
        return same >= 10;
    }

    @ParameterizedTest
    @EnumSource(names = {"LATENCY", "THROUGHPUT"})
    void bothSidesOfABorderAreEquallyGoodThere(Objective objective) {
        SplittableRandom random = new SplittableRandom(2);
        int borders = 0;
        for (int i = 0; i < TABLES; i++) {
            SplitPlan plan = decide(Rows.table(Rows.random(8, random)), LINK, objective, NONE);
            List<Range> ranges = plan.ranges();
            assertThat(ranges.get(0).fromBitsPerSecond()).isEqualTo(LOWEST);
            assertThat(ranges.get(ranges.size() - 1).toBitsPerSecond()).isEqualTo(Double.POSITIVE_INFINITY);
            for (int r = 1; r < ranges.size(); r++) {
                double border = ranges.get(r).fromBitsPerSecond();
                assertThat(ranges.get(r - 1).toBitsPerSecond()).isEqualTo(border);
                assertThat(border).isGreaterThan(ranges.get(r - 1).fromBitsPerSecond());
                LinkProfile link = LINK.withUplink(border);
                double below = Ranking.value(cost(plan, ranges.get(r - 1)), link, objective);
                double above = Ranking.value(cost(plan, ranges.get(r)), link, objective);
                assertThat(below).isEqualTo(above, within(above * 1e-6));
                borders++;
            }
        }
        assertThat(borders).isGreaterThan(TABLES);
    }

    private static CandidateCost cost(SplitPlan plan, Range range) {
        return plan.candidates().get(range.candidate()).cost();
    }

    /** Lines of total against time per bit; the middle one is best only where the outer two nearly meet. */
    @Test
    void aRangeNarrowerThanAStepIsNotSkippedOver() {
        CandidateCost many = Rows.raw(10_000, 1);
        CandidateCost few = Rows.split(9, 1000, 73, 0);
        CandidateCost between = Rows.split(5, 5500, 36.9, 0);
        SplitPlan plan = decide(NONE, many, few, between);
        assertThat(plan.ranges()).extracting(range -> cost(plan, range)).containsExactly(few, between, many);
        Range narrow = plan.ranges().get(1);
        assertThat(narrow.toBitsPerSecond() / narrow.fromBitsPerSecond()).isBetween(1.001, 1.09);
    }

    @ParameterizedTest
    @EnumSource
    void theChosenOneIsTheBestOnTheLink(Objective objective) {
        SplittableRandom random = new SplittableRandom(3);
        Set<CandidateKind> kinds = new HashSet<>();
        for (int i = 0; i < TABLES; i++) {
            List<CandidateCost> rows = Rows.random(8, random);
            double rate = Math.exp(random.nextDouble(Math.log(LOWEST), Math.log(1e9)));
            SplitPlan plan = decide(Rows.table(rows), LINK.withUplink(rate), objective, NONE);
            CandidateCost best = best(rows, LINK.withUplink(rate), objective);
            if (best != null) {
                assertThat(plan.best().cost()).isSameAs(best);
                kinds.add(best.kind());
            }
            assertThat(plan.chosen()).isZero();
            assertThat(plan.candidates()).hasSize(rows.size()).allSatisfy(candidate -> {
                assertThat(candidate.refused()).isNull();
                assertThat(candidate.totalMillis())
                        .isEqualTo(
                                candidate.uplinkMillis()
                                        + candidate.downlinkMillis()
                                        + candidate.cost().computeMillis(),
                                within(1e-9));
            });
        }
        assertThat(kinds).contains(CandidateKind.LOCAL);
        assertThat(kinds.size()).isGreaterThan(1);
    }

    @Test
    void nothingBeforeTheFloorLeavesTheDevice() {
        Cut floor = Rows.cut(Rows.range(4));
        Cut beside = Rows.cut(Rows.range(3));
        CandidateCost at = Rows.split(4, 1000, 400, 1);
        CandidateCost after = Rows.split(5, 1000, 450, 1);
        SplitPlan plan = decide(
                new Constraints(0.02, Constraints.UNLIMITED, floor),
                Rows.local(500),
                Rows.raw(10, 1),
                Rows.jpeg(10, 1),
                Rows.split(beside, 10, 1, 1),
                at,
                after);
        assertThat(allowed(plan)).containsExactlyInAnyOrder(Rows.local(500), at, after);
        assertThat(plan.best().cost()).isEqualTo(at);
        assertThat(refusals(plan))
                .containsOnly("it is before \"t{0, 1, 2, 3}\", and nothing before that may leave the device");
    }

    @Test
    void headsThatTheDeviceHasNoRoomForAreRefused() {
        CandidateCost fits = Rows.split(7, 9000, 300, 1);
        SplitPlan plan = decide(
                new Constraints(0.02, 700, null), Rows.local(1), fits, Rows.split(8, 10, 2, 1), Rows.raw(90_000, 1));
        assertThat(allowed(plan)).containsExactly(fits, Rows.raw(90_000, 1));
        assertThat(refusals(plan))
                .containsExactly(
                        "the device would need 5.0 KB and has 700 B", "the device would need 800 B and has 700 B");
    }

    @Test
    void thoseThatChangeTooManyAnswersAreRefused() {
        CandidateCost wrong = Rows.withAgreement(Rows.split(3, 10, 1, 1), 0.951);
        CandidateCost unknown = Rows.withAgreement(Rows.split(4, 50, 1, 1), Double.NaN);
        CandidateCost enough = Rows.withAgreement(Rows.split(5, 90, 1, 1), 0.98);
        SplitPlan plan = decide(NONE, wrong, unknown, enough);
        assertThat(allowed(plan)).containsExactly(unknown, enough);
        assertThat(refusals(plan)).containsExactly("it agrees on 95.1 % of the inputs, and 98.0 % are wanted");
    }

    @Test
    void ofInputsThatWereCountedOneMayChangeHoweverFewTheyAre() {
        CandidateCost tie = Rows.withAgreement(Rows.split(3, 10, 1, 1), 37 / 38.0, 38);
        CandidateCost two = Rows.withAgreement(Rows.split(4, 50, 1, 1), 36 / 38.0, 38);
        CandidateCost many = Rows.withAgreement(Rows.split(5, 90, 1, 1), 0.979, 1_000);
        SplitPlan plan = decide(NONE, tie, two, many);
        assertThat(allowed(plan)).containsExactly(tie);
        assertThat(refusals(plan))
                .containsExactly(
                        "it agrees on 94.7 % of the inputs, and 98.0 % are wanted",
                        "it agrees on 97.9 % of the inputs, and 98.0 % are wanted");
        SplitPlan exact = decide(new Constraints(0, Constraints.UNLIMITED, null), tie);
        assertThat(allowed(exact)).isEmpty();
    }

    /** 1 - 0.7 is a little more than 3 of 10. */
    @Test
    void anAgreementOfExactlyWhatIsWantedIsEnough() {
        for (int of = 1; of <= 100; of++) {
            for (int differ = 0; differ <= of; differ++) {
                CandidateCost row = Rows.withAgreement(Rows.split(3, 10, 1, 1), (of - differ) / (double) of);
                SplitPlan plan = decide(new Constraints(differ / (double) of, Constraints.UNLIMITED, null), row);
                assertThat(plan.chosen()).as("%d of %d differ", differ, of).isZero();
            }
        }
    }

    @Test
    void whereAllAreRefusedNothingIsChosen() {
        SplitPlan plan = decide(
                new Constraints(0.02, 10, Rows.cut(Rows.range(4))),
                Rows.local(5),
                Rows.raw(10, 1),
                Rows.split(5, 10, 1, 1));
        assertThat(plan.chosen()).isEqualTo(-1);
        assertThat(plan.best()).isNull();
        assertThat(plan.ranges()).isEmpty();
        assertThat(plan.ladder()).isEmpty();
        assertThat(plan.candidates()).hasSize(3).extracting(Candidate::refused).doesNotContainNull();
        assertThat(plan.reason()).startsWith("Nothing is left: ").doesNotContain("null");
    }

    @Test
    void whereAllButGuessesAreRefusedTheReasonIsThatOfARefusedOne() {
        CandidateCost guess = Rows.guessed(Rows.split(3, 1, 1, 1));
        SplitPlan plan = decide(new Constraints(0.02, 400, null), Rows.local(5), guess);
        assertThat(plan.chosen()).isEqualTo(-1);
        assertThat(plan.ranges()).isEmpty();
        assertThat(plan.reason())
                .isEqualTo(
                        "Nothing is left: the device alone is refused, as the device would need 5.0 KB and has 400 B.");
    }

    @Test
    void guessesAreNeverChosenAndOnlyTheBestFewShown() {
        List<CandidateCost> rows = new ArrayList<>(List.of(Rows.local(5000)));
        for (int i = 1; i <= 50; i++) {
            rows.add(Rows.guessed(Rows.split(i, 1, i, 1)));
        }
        SplitPlan plan = Decision.of(Rows.table(rows), LINK, Objective.LATENCY, NONE, 0, () -> 0);
        assertThat(plan.best().cost()).isSameAs(rows.get(0));
        assertThat(plan.candidates()).extracting(Candidate::cost).isEqualTo(rows.subList(0, 5));
        assertThat(plan.ranges()).containsExactly(new Range(LOWEST, Double.POSITIVE_INFINITY, 0));
    }

    @Test
    void guessesThatTheLadderTakesAreShown() {
        List<CandidateCost> rows = new ArrayList<>(List.of(Rows.local(5000), Rows.split(40, 1, 400, 1)));
        for (int i = 1; i <= 30; i++) {
            rows.add(Rows.guessed(Rows.split(i, 10_000.0 / i, i * 10, 1)));
        }
        SplitPlan plan = decide(Rows.table(rows), LINK, Objective.LATENCY, NONE);
        assertThat(plan.ladder()).hasSize(4).doesNotContain(-1);
        List<Cut> ladder = plan.ladder().stream()
                .map(index -> plan.candidates().get(index).cost().cut())
                .toList();
        assertThat(ladder).isSortedAccordingTo((one, other) -> one.isWithin(other) ? -1 : 1);
        assertThat(ladder.get(3)).isEqualTo(rows.get(1).cut());
    }

    @Test
    void theDeviceAloneIsAnAnswer() {
        SplitPlan plan = decide(NONE, Rows.local(5));
        assertThat(plan.best().cost()).isEqualTo(Rows.local(5));
        assertThat(plan.best().uplinkMillis()).isZero();
        assertThat(plan.best().downlinkMillis()).isZero();
        assertThat(plan.ranges()).containsExactly(new Range(LOWEST, Double.POSITIVE_INFINITY, 0));
        assertThat(plan.ladder()).isEmpty();
        assertThat(plan.ladderRegret()).isZero();
    }

    @Test
    void withoutALadderThereIsNoRegret() {
        SplitPlan plan = Decision.of(Rows.table(Rows.split(1, 9, 9, 9)), LINK, Objective.LATENCY, NONE, 0, () -> 0);
        assertThat(plan.ladder()).isEmpty();
        assertThat(plan.ladderRegret()).isNaN();
    }

    @Test
    void layersPointToTheirCandidatesPlaceInTheRanking() {
        CandidateCost slow = Rows.split(1, 90_000, 90, 90);
        CandidateCost fast = Rows.split(2, 9, 9, 9);
        List<Layer> layers =
                List.of(new Layer("a", 1, 2, 30, 0), new Layer("b", 4, 5, 60, 1), new Layer("c", 7, 8, 90, -1));
        CostTable table = new CostTable("m", 3, "e", 1, "c", "top-1", List.of(slow, fast), layers, Map.of(), 0, 0);
        SplitPlan plan = decide(table, LINK, Objective.LATENCY, NONE);
        assertThat(plan.layers())
                .containsExactly(
                        new Layer("a", 1, 2, 30, 1), new Layer("b", 4, 5, 60, 0), new Layer("c", 7, 8, 90, -1));
    }

    @Test
    void decidingIsPure() {
        List<CandidateCost> rows = Rows.random(8, new SplittableRandom(4));
        for (int i = 10; i < 40; i++) {
            rows.add(Rows.guessed(Rows.split(i, 100 * i, i, i)));
        }
        CostTable table = Rows.table(rows);
        SplitPlan first = decide(table, LINK, Objective.GATEWAY, NONE);
        for (int i = 0; i < 1000; i++) {
            assertThat(decide(table, LINK, Objective.GATEWAY, NONE)).isEqualTo(first);
        }
    }

    @Test
    void planningTimeIsTheSearchAndTheDecision() {
        long[] nanos = {5_000_000};
        SplitPlan plan =
                Decision.of(Rows.table(Rows.local(1)), LINK, Objective.LATENCY, NONE, 1, () -> nanos[0] += 250_000);
        assertThat(plan.planMillis()).isEqualTo(1.5 + 0.25, within(1e-9));
    }

    private static List<CandidateCost> allowed(SplitPlan plan) {
        return plan.candidates().stream()
                .filter(candidate -> candidate.refused() == null)
                .map(Candidate::cost)
                .toList();
    }

    private static List<String> refusals(SplitPlan plan) {
        return plan.candidates().stream()
                .map(Candidate::refused)
                .filter(refused -> refused != null)
                .toList();
    }
}
