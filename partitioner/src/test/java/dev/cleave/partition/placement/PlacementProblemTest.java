package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementProblemTest {
    private final PlacementBuilder two = PlacementProblem.builder().node(1, 2).node(3, 4);

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.NEGATIVE_INFINITY, 1e301})
    void refusesCostsThatAreNone(double cost) {
        assertRefused(() -> two.node(cost, 0), "head cost of node 2: " + cost, "expected 0..");
        assertRefused(() -> two.node(0, cost), "tail cost of node 2: " + cost, "expected 0..");
        assertRefused(() -> two.tensor(0, cost, 1), "ship cost of tensor 0: " + cost, "expected 0..");
        assertRefused(() -> two.returnCost(1, cost), "return cost of node 1: " + cost, "expected 0..");
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 2, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesNodesThatAreNotThere(int node) {
        assertRefused(() -> two.tensor(node, 1, 1), "producer of tensor 0: " + node, "expected one of the 2 nodes");
        assertRefused(() -> two.input(1, 0, node), "consumer of tensor 0: " + node, "expected one of the 2 nodes");
        assertRefused(() -> two.returnCost(node, 1), "return cost: node: " + node, "expected one of the 2 nodes");
        assertRefused(() -> two.together(0, node), "member of group 0: " + node, "expected one of the 2 nodes");
    }

    @Test
    void refusesCycles() {
        assertRefused(() -> two.tensor(1, 1, 0), "consumer of tensor 0: 0", "expected a node after its producer 1");
        assertRefused(() -> two.tensor(1, 1, 1), "consumer of tensor 0: 1", "expected a node after its producer 1");
    }

    @Test
    void refusesATensorThatNobodyReads() {
        assertRefused(() -> two.tensor(0, 1), "consumers of tensor 0: none", "expected at least one");
    }

    @Test
    void refusesANodeThatMayBeNowhere() {
        two.node(Double.POSITIVE_INFINITY, 1);
        two.returnCost(2, Double.POSITIVE_INFINITY);
        assertRefused(two::build, "node 2: head and tail cost are both infinite", "expected one side");
    }

    @Test
    void pricesAHead() {
        PlacementProblem problem =
                two.input(10, 0, 1, 1).tensor(0, 5, 1).returnCost(1, 7).build();
        assertThat(problem.cost(head())).isEqualTo(2 + 4 + 7 + 10);
        assertThat(problem.cost(head(0))).isEqualTo(1 + 4 + 7 + 10 + 5);
        assertThat(problem.cost(head(0, 1))).isEqualTo(1 + 3);
        assertThat(problem.cost(head(1))).isInfinite();
        assertThatThrownBy(() -> problem.cost(head(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("head: node 2, expected nodes 0..1");
    }

    @Test
    void aHeadThatDividesAGroupIsNotLegal() {
        PlacementProblem problem = two.node(0, 0).together(0, 1).together(2, 1).build();
        assertThat(problem.cost(head(0, 1))).isInfinite();
        assertThat(problem.cost(head(0, 1, 2))).isEqualTo(4);
    }

    @Test
    void aPlacementDoesNotChangeWithTheSetItWasMadeFrom() {
        BitSet head = head(0);
        Placement placement = new Placement(head, 1);
        head.set(5);
        placement.head().set(6);
        assertThat(placement.head()).isEqualTo(head(0));
    }

    private static void assertRefused(ThrowingCallable call, String thing, String expectation) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(thing)
                .hasMessageContaining(expectation);
    }

    private static BitSet head(int... nodes) {
        BitSet head = new BitSet();
        for (int node : nodes) {
            head.set(node);
        }
        return head;
    }
}
