package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class MinCutTest {
    private static final double NEVER = Double.POSITIVE_INFINITY;

    @Test
    void everythingRunsOnTheDeviceIfTheLinkIsSlow() {
        Placement placement = solve(chain(1_000, 1_000).returnCost(2, 1));
        assertThat(placement.head()).isEqualTo(nodes(0, 1, 2));
        assertThat(placement.cost()).isEqualTo(30);
    }

    @Test
    void everythingRunsOnTheGatewayIfTheLinkIsFast() {
        Placement placement = solve(chain(1, 1));
        assertThat(placement.head()).isEqualTo(nodes());
        assertThat(placement.cost()).isEqualTo(4);
    }

    @Test
    void aNarrowTensorIsWhereAChainIsCut() {
        Placement placement = solve(chain(100, 3));
        assertThat(placement.head()).isEqualTo(nodes(0));
        assertThat(placement.cost()).isEqualTo(10 + 3 + 1 + 1);
    }

    @Test
    void theWayBackOfAnOutputCounts() {
        Placement placement = solve(chain(100, 3).returnCost(2, 50));
        assertThat(placement.head()).isEqualTo(nodes(0, 1, 2));
    }

    @Test
    void aTensorWithSeveralReadersIsPaidOnce() {
        PlacementBuilder builder = PlacementProblem.builder().node(1, NEVER);
        for (int reader = 0; reader < 5; reader++) {
            builder.node(3, 0);
        }
        Placement placement = solve(builder.tensor(0, 10, 1, 2, 3, 4, 5));
        assertThat(placement.head()).isEqualTo(nodes(0));
        assertThat(placement.cost()).isEqualTo(11);
    }

    @Test
    void aReaderIsNeverWithoutItsProducer() {
        PlacementBuilder builder =
                PlacementProblem.builder().node(NEVER, 0).node(0, 100).tensor(0, 0, 1);
        Placement placement = solve(builder);
        assertThat(placement.head()).isEqualTo(nodes());
        assertThat(placement.cost()).isEqualTo(100);
    }

    @Test
    void aTensorThatMayNotCrossKeepsItsReadersOnTheDevice() {
        Placement placement = solve(chain(NEVER, 3));
        assertThat(placement.head()).isEqualTo(nodes(0));
        assertThat(solve(chain(NEVER, NEVER)).head()).isEqualTo(nodes(0, 1, 2));
    }

    @Test
    void aGroupAcrossTheBestCutMovesItElsewhere() {
        Placement placement = solve(chain(100, 3).together(0, 1));
        assertThat(placement.head()).isEqualTo(nodes(0, 1));
        assertThat(placement.cost()).isEqualTo(20 + 3 + 1);
    }

    @Test
    void pinsThatContradictEachOtherLeaveNoPlacement() {
        PlacementBuilder builder =
                PlacementProblem.builder().node(NEVER, 0).node(0, NEVER).tensor(0, 1, 1);
        assertThat(MinCut.solve(builder.build())).isEmpty();
    }

    @Test
    void aGroupOfNodesThatArePinnedApartLeavesNoPlacement() {
        PlacementBuilder builder =
                PlacementProblem.builder().node(NEVER, 0).node(0, NEVER).together(0, 1);
        assertThat(MinCut.solve(builder.build())).isEmpty();
    }

    @Test
    void aGraphOfNoNodesCostsNothing() {
        Placement placement = solve(PlacementProblem.builder());
        assertThat(placement.head()).isEqualTo(nodes());
        assertThat(placement.cost()).isZero();
    }

    /** Three nodes of 10 on the device and 1 on the gateway. */
    private static PlacementBuilder chain(double inputCost, double shipCost) {
        PlacementBuilder builder = PlacementProblem.builder();
        for (int node = 0; node < 3; node++) {
            builder.node(10, 1);
        }
        return builder.input(inputCost, 0).tensor(0, shipCost, 1).tensor(1, shipCost, 2);
    }

    private static Placement solve(PlacementBuilder builder) {
        return MinCut.solve(builder.build()).orElseThrow();
    }

    private static BitSet nodes(int... nodes) {
        BitSet set = new BitSet();
        for (int node : nodes) {
            set.set(node);
        }
        return set;
    }
}
