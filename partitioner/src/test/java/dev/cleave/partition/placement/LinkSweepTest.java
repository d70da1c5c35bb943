package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkSweepTest {
    /** Powers of two, with which costs stay exact. */
    private static final double[] FACTORS =
            IntStream.rangeClosed(-8, 8).mapToDouble(i -> Math.scalb(1.0, i)).toArray();

    @Test
    void holdsACheapestHeadForEveryLink() {
        RandomGraphs random = new RandomGraphs(1976);
        int several = 0;
        for (int i = 0; i < 400; i++) {
            PlacementProblem problem = random.next().problem();
            List<BitSet> heads = LinkSweep.cheapestHeads(problem, FACTORS);
            assertThat(heads).doesNotHaveDuplicates();
            several += heads.size() > 1 ? 1 : 0;
            for (double factor : FACTORS) {
                PlacementProblem onLink = problem.onLink(factor);
                Optional<Placement> cheapest = MinCut.solve(onLink);
                assertThat(heads.isEmpty()).isEqualTo(cheapest.isEmpty());
                if (cheapest.isPresent()) {
                    double least =
                            heads.stream().mapToDouble(onLink::cost).min().orElseThrow();
                    assertThat(least)
                            .as("graph %s, factor %s", i, factor)
                            .isEqualTo(cheapest.get().cost());
                }
            }
        }
        assertThat(several).as("graphs whose cheapest head depends on the link").isGreaterThan(100);
    }

    @Test
    void onASlowerLinkOnlyWhatCrossesCostsMore() {
        PlacementProblem problem = PlacementProblem.builder()
                .node(3, 1)
                .node(5, 2)
                .input(10, 0)
                .tensor(0, 7, 1)
                .returnCost(1, 4)
                .build();
        PlacementProblem slower = problem.onLink(3);
        assertThat(slower.cost(new BitSet())).isEqualTo(1 + 2 + 3 * (10 + 4));
        BitSet first = new BitSet();
        first.set(0);
        assertThat(slower.cost(first)).isEqualTo(3 + 2 + 3 * (7 + 4));
        first.set(1);
        assertThat(slower.cost(first)).isEqualTo(3 + 5);
        assertThat(problem.cost(new BitSet())).isEqualTo(1 + 2 + 10 + 4);
    }

    @Test
    void withoutLinksThereIsNothing() {
        assertThat(LinkSweep.cheapestHeads(new RandomGraphs(1).next().problem()))
                .isEmpty();
    }

    @Test
    void refusesALinkThatIsNone() {
        PlacementProblem problem =
                PlacementProblem.builder().node(1, 1).input(1, 0).build();
        for (double factor : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> problem.onLink(factor))
                    .withMessageContaining("link slower by a factor of " + factor);
        }
    }
}
