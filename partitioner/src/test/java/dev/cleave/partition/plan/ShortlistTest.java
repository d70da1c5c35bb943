package dev.cleave.partition.plan;

import static dev.cleave.partition.plan.Rows.LINK;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShortlistTest {
    private static List<CandidateCost> splits(int count, long seed) {
        List<CandidateCost> rows = Rows.random(count, new SplittableRandom(seed));
        return rows.subList(3, rows.size());
    }

    @Test
    void holdsTheBestTwoForTheLinkAndTheBestForSlowerAndFasterOnes() {
        CandidateCost best = Rows.split(3, 1000, 30, 5);
        CandidateCost second = Rows.split(4, 990, 35, 4);
        CandidateCost slowLink = Rows.split(9, 100, 90, 1);
        CandidateCost fastLink = Rows.split(1, 20_000, 5, 9);
        CandidateCost never = Rows.split(8, 2000, 85, 3);
        assertThat(Shortlist.of(List.of(never, fastLink, second, slowLink, best), LINK, Objective.LATENCY, 4))
                .containsExactlyInAnyOrder(best, second, slowLink, fastLink)
                .startsWith(best, second);
    }

    @Test
    void holdsAsManyAsAreAskedForAndNoneTwice() {
        for (int most = 1; most <= 12; most++) {
            for (Objective objective : Objective.values()) {
                assertThat(Shortlist.of(splits(30, most), LINK, objective, most))
                        .hasSize(most)
                        .doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void holdsAllIfThereAreFewer() {
        List<CandidateCost> few = splits(5, 1);
        assertThat(Shortlist.of(few, LINK, Objective.LATENCY, 8)).containsExactlyInAnyOrderElementsOf(few);
        assertThat(Shortlist.of(List.of(), LINK, Objective.LATENCY, 8)).isEmpty();
    }

    @Test
    void equalRowsCountOnce() {
        List<CandidateCost> equal = new ArrayList<>(Collections.nCopies(10, Rows.split(2, 500, 3, 4)));
        assertThat(Shortlist.of(equal, LINK, Objective.LATENCY, 8)).hasSize(1);
        equal.add(Rows.split(3, 5000, 30, 40));
        assertThat(Shortlist.of(equal, LINK, Objective.BYTES, 8)).hasSize(2);
    }
}
