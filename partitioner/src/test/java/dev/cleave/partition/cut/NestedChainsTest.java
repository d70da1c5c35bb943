package dev.cleave.partition.cut;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NestedChainsTest {
    @Test
    void cutsThatNestAreOneLadder() throws Exception {
        Cut small = cut(0b0001);
        Cut middle = cut(0b0011);
        Cut large = cut(0b0111);
        List<Ladder> chains = NestedChains.of(List.of(large, small, middle, small));
        assertThat(chains).hasSize(1);
        assertThat(chains.get(0).points()).containsExactly(small, middle, large);
        assertThat(NestedChains.of(List.of())).isEmpty();
    }

    /** Whoever takes the first that fits joins a to ac, and leaves b and bc, ad over: three ladders where two will do. */
    @Test
    void anEarlyChoiceIsGivenUpForOneLadderLess() throws Exception {
        Cut a = cut(0b0001);
        Cut b = cut(0b0010);
        Cut both = cut(0b0011);
        Cut onlyA = cut(0b0101);
        List<Ladder> chains = NestedChains.of(List.of(a, b, both, onlyA));
        assertThat(chains).extracting(Ladder::points).containsExactlyInAnyOrder(List.of(a, onlyA), List.of(b, both));
    }

    /** Dilworth: as many as the largest set of cuts of which no two nest. */
    @Test
    void thereAreAsManyLaddersAsCutsThatPairwiseDoNotNest() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 100; round++) {
            List<Cut> cuts = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                Cut cut = cut(random.nextInt(1, 1 << 5));
                if (!cuts.contains(cut)) {
                    cuts.add(cut);
                }
            }
            List<Ladder> chains = NestedChains.of(cuts);
            assertThat(chains).hasSize(widest(cuts));
            assertThat(chains.stream().flatMap(chain -> chain.points().stream()).toList())
                    .containsExactlyInAnyOrderElementsOf(cuts);
        }
    }

    private static int widest(List<Cut> cuts) {
        int widest = 0;
        for (int chosen = 0; chosen < 1 << cuts.size(); chosen++) {
            if (Integer.bitCount(chosen) > widest && noneNest(cuts, chosen)) {
                widest = Integer.bitCount(chosen);
            }
        }
        return widest;
    }

    private static boolean noneNest(List<Cut> cuts, int chosen) {
        for (int i = 0; i < cuts.size(); i++) {
            for (int j = 0; j < cuts.size(); j++) {
                boolean both = i != j && (chosen >> i & 1) == 1 && (chosen >> j & 1) == 1;
                if (both && cuts.get(i).isWithin(cuts.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Cut cut(long head) {
        return new Cut(BitSet.valueOf(new long[] {head}), List.of("t" + head), List.of(), List.of("y"));
    }
}
