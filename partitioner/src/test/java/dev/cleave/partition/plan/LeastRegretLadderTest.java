package dev.cleave.partition.plan;

import static dev.cleave.partition.plan.Rows.LINK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.cut.Cut;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LeastRegretLadderTest {
    private static final double LOWEST = 64e3;
    private static final double HIGHEST = 100e6;
    private static final int RATES = 25;

    /** Up to so many cuts of a graph of ten nodes with random edges: closed sets, some within others, some not. */
    private static List<CandidateCost> partialOrder(int cuts, SplittableRandom random) {
        int nodes = 10;
        BitSet[] before = new BitSet[nodes];
        for (int node = 0; node < nodes; node++) {
            before[node] = new BitSet();
            before[node].set(node);
            for (int earlier = 0; earlier < node; earlier++) {
                if (random.nextInt(6) == 0) {
                    before[node].or(before[earlier]);
                }
            }
        }
        List<CandidateCost> rows = new ArrayList<>();
        for (int tries = 0; tries < 20 * cuts && rows.size() < cuts; tries++) {
            BitSet head = new BitSet();
            for (int members = 1 + random.nextInt(4); members > 0; members--) {
                head.or(before[random.nextInt(nodes)]);
            }
            Cut cut = Rows.cut(head);
            if (rows.stream().noneMatch(row -> row.cut().equals(cut))) {
                rows.add(Rows.split(
                        cut,
                        Math.exp(random.nextDouble(4, 11)),
                        random.nextDouble(0.5, 1.5) * head.cardinality() * 20,
                        random.nextDouble(0.5, 1.5) * (nodes - head.cardinality())));
            }
        }
        return rows;
    }

    private static boolean nested(List<CandidateCost> chain) {
        for (CandidateCost one : chain) {
            for (CandidateCost other : chain) {
                BitSet both = one.cut().head();
                both.and(other.cut().head());
                boolean apart = !both.equals(one.cut().head())
                        && !both.equals(other.cut().head());
                if (apart || one != other && one.cut().equals(other.cut())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Mean logarithm of the best split's time over uplinks, for a device as it is and one four times as busy. */
    private static double cost(List<CandidateCost> chain) {
        double sum = 0;
        for (int busy : new int[] {1, 4}) {
            for (int i = 0; i < RATES; i++) {
                double rate = LOWEST * Math.pow(HIGHEST / LOWEST, i / 24.0);
                double best = Double.POSITIVE_INFINITY;
                for (CandidateCost row : chain) {
                    double up = row.wireBytes() * 8 / rate * 1000;
                    double down = row.replyBytes() * 8 / rate * 1000;
                    best = Math.min(best, busy * row.headMillis() + up + row.tailMillis() + down + 20);
                }
                sum += Math.log(best);
            }
        }
        return sum / (2 * RATES);
    }

    private static double leastCost(List<CandidateCost> rows, int count) {
        double least = Double.POSITIVE_INFINITY;
        for (int subset = 1; subset < 1 << rows.size(); subset++) {
            if (Integer.bitCount(subset) <= count) {
                List<CandidateCost> chain = new ArrayList<>();
                for (int i = 0; i < rows.size(); i++) {
                    if ((subset >> i & 1) == 1) {
                        chain.add(rows.get(i));
                    }
                }
                least = nested(chain) ? Math.min(least, cost(chain)) : least;
            }
        }
        return least;
    }

    @Test
    void isTheBestOfAllNestedChains() {
        SplittableRandom random = new SplittableRandom(5);
        int constrained = 0;
        for (int order = 0; order < 150; order++) {
            List<CandidateCost> rows = partialOrder(1 + random.nextInt(8), random);
            for (int count = 1; count <= 4; count++) {
                List<CandidateCost> points =
                        LeastRegretLadder.choose(rows, List.of(), LINK, count).points();
                assertThat(points).hasSizeBetween(1, count).isSubsetOf(rows);
                assertThat(nested(points)).isTrue();
                assertThat(points).extracting(row -> row.cut().size()).isSorted();
                assertThat(cost(points))
                        .as("order %d, %d points", order, count)
                        .isEqualTo(leastCost(rows, count), within(1e-9));
                constrained += rows.size() >= count && points.size() < count ? 1 : 0;
            }
        }
        assertThat(constrained).as("orders in which nesting forbids points").isPositive();
    }

    @Test
    void pointsBeyondTheFourthExtendTheBestFour() {
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < 20; i++) {
            List<CandidateCost> chain = chain(12, random);
            List<CandidateCost> four =
                    LeastRegretLadder.choose(chain, List.of(), LINK, 4).points();
            List<CandidateCost> seven =
                    LeastRegretLadder.choose(chain, List.of(), LINK, 7).points();
            assertThat(seven).hasSize(7).containsAll(four).doesNotHaveDuplicates();
            assertThat(cost(seven)).isLessThanOrEqualTo(cost(four));
        }
    }

    @Test
    void ofManySplitsEachPointIsTheBestAddition() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10; i++) {
            List<CandidateCost> many = chain(25 + random.nextInt(40), random);
            List<CandidateCost> points =
                    LeastRegretLadder.choose(many, List.of(), LINK, 4).points();
            List<CandidateCost> expected = new ArrayList<>();
            for (int point = 0; point < 4; point++) {
                CandidateCost best = null;
                double least = Double.POSITIVE_INFINITY;
                for (CandidateCost row : many) {
                    List<CandidateCost> more = new ArrayList<>(expected);
                    more.add(row);
                    if (!expected.contains(row) && cost(more) < least) {
                        least = cost(more);
                        best = row;
                    }
                }
                expected.add(best);
            }
            assertThat(points).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(nested(points)).isTrue();
        }
    }

    @Test
    void manySplitsThatDoNotNestStillGiveAChain() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 20; i++) {
            List<CandidateCost> points = LeastRegretLadder.choose(partialOrder(26, random), List.of(), LINK, 4)
                    .points();
            assertThat(points).isNotEmpty();
            assertThat(nested(points)).isTrue();
        }
    }

    @Test
    void guessesFillUpWhatTheOthersLeaveOpen() {
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 50; i++) {
            List<CandidateCost> rows = partialOrder(8, random);
            List<CandidateCost> known = rows.subList(0, 2);
            List<CandidateCost> guessed =
                    rows.subList(2, rows.size()).stream().map(Rows::guessed).toList();
            List<CandidateCost> without =
                    LeastRegretLadder.choose(known, List.of(), LINK, 4).points();
            List<CandidateCost> with =
                    LeastRegretLadder.choose(known, guessed, LINK, 4).points();
            assertThat(with).hasSizeBetween(without.size(), 4).containsAll(without);
            assertThat(nested(with)).isTrue();
            assertThat(with).extracting(row -> row.cut().size()).isSorted();
            if (with.size() < 4) {
                assertThat(guessed)
                        .as("guesses left over")
                        .filteredOn(row -> !with.contains(row))
                        .noneMatch(row -> {
                            List<CandidateCost> more = new ArrayList<>(with);
                            more.add(row);
                            return nested(more);
                        });
            }
        }
    }

    @Test
    void guessesStayOutOfAFullLadder() {
        List<CandidateCost> known = chain(3, new SplittableRandom(10));
        CandidateCost dream = Rows.guessed(Rows.split(9, 1, 0.001, 0.001));
        assertThat(LeastRegretLadder.choose(known, List.of(dream), LINK, 3).points())
                .isEqualTo(known);
        assertThat(LeastRegretLadder.choose(List.of(Rows.local(3)), List.of(dream), LINK, 3)
                        .points())
                .containsExactly(dream);
    }

    @Test
    void regretIsTheWorstShareThatTheBestOfLadderLocalAndCloudIsSlower() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 50; i++) {
            List<CandidateCost> rows = new ArrayList<>(partialOrder(8, random));
            rows.add(Rows.local(random.nextDouble(100, 400)));
            rows.add(Rows.raw(random.nextDouble(1000, 100_000), 10));
            LeastRegretLadder ladder = LeastRegretLadder.choose(rows, List.of(), LINK, 1);
            double worst = 0;
            for (int at = 0; at < RATES; at++) {
                LinkProfile link = LINK.withUplink(LOWEST * Math.pow(HIGHEST / LOWEST, at / 24.0));
                double best = rows.stream()
                        .mapToDouble(row -> row.totalMillis(link))
                        .min()
                        .orElseThrow();
                double own = rows.stream()
                        .filter(row -> row.cut() == null || ladder.points().contains(row))
                        .mapToDouble(row -> row.totalMillis(link))
                        .min()
                        .orElseThrow();
                worst = Math.max(worst, own / best - 1);
            }
            assertThat(ladder.regret()).isEqualTo(worst, within(1e-12));
        }
    }

    @Test
    void thereIsNoLadderWithoutSplitsOrPoints() {
        assertThat(LeastRegretLadder.choose(List.of(), List.of(), LINK, 4))
                .isEqualTo(new LeastRegretLadder(List.of(), 0));
        assertThat(LeastRegretLadder.choose(List.of(Rows.local(1)), List.of(), LINK, 4))
                .isEqualTo(new LeastRegretLadder(List.of(), 0));
        assertThat(LeastRegretLadder.choose(chain(3, new SplittableRandom(1)), List.of(), LINK, 0))
                .isEqualTo(new LeastRegretLadder(List.of(), Double.NaN));
    }

    private static List<CandidateCost> chain(int length, SplittableRandom random) {
        List<CandidateCost> rows = Rows.random(length, random);
        return rows.subList(3, rows.size());
    }
}
