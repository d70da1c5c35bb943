package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.progress.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of which it is known which nodes must not be integers, and how much error each of them adds. */
class SensitivityTest {
    private static final QuantizeSettings SETTINGS = QuantizeSettings.defaults().withMaxDisagreement(0.02);
    private static final int NODES = 40;
    private static final double SMALL = 0.001;
    private static final double LARGE = 1;

    private int trials;

    /**
     * What is left in float.
     *
     * @param needed nodes without which in float three answers in a hundred differ
     * @param loud nodes whose integers add a large error to the outputs
     */
    private List<Integer> search(int nodes, Set<Integer> needed, Set<Integer> loud) throws Exception {
        trials = 0;
        Sensitivity.Trial trial = kept -> {
            trials++;
            double error = 0;
            for (int node = 0; node < nodes; node++) {
                error += kept.contains(node) ? 0 : loud.contains(node) ? LARGE : SMALL * (1 + node % 7);
            }
            return new Quality(100, kept.containsAll(needed) ? 98 : 97, error);
        };
        return new Sensitivity(trial, SETTINGS, Progress.NONE)
                .search(IntStream.range(0, nodes).boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 11, 39, 40})
    void findsExactlyTheNodesThatAddTheError(int count) throws Exception {
        List<Integer> order = new ArrayList<>(IntStream.range(0, NODES).boxed().toList());
        Collections.shuffle(order, new Random(count));
        Set<Integer> needed = Set.copyOf(order.subList(0, count));
        assertThat(search(NODES, needed, needed)).containsExactlyInAnyOrderElementsOf(needed);
    }

    /** The two that change answers come last by their error, behind twenty that change none. */
    @Test
    void nodesThatAddErrorsAndChangeNoAnswerGoBackToIntegers() throws Exception {
        Set<Integer> loud = Set.copyOf(IntStream.range(10, 30).boxed().toList());
        assertThat(search(NODES, Set.of(0, 35), loud)).containsExactlyInAnyOrder(0, 35);
    }

    @Test
    void leavesAllInFloatWhereNothingLessIsEnough() throws Exception {
        Set<Integer> all = Set.copyOf(IntStream.range(0, 6).boxed().toList());
        assertThat(search(6, all, all)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        assertThat(search(1, Set.of(0), Set.of(0))).containsExactly(0);
    }

    /** One for each node, and what it takes to find how many: not one for each set. */
    @Test
    void takesOneTrialForEachNodeAndAFewMore() throws Exception {
        search(NODES, Set.of(7, 8, 9), Set.of(7, 8, 9));
        assertThat(trials).isBetween(NODES, NODES + 10);
    }
}
