package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MinCutLargeTest {
    private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    @Test
    void aChainIsCutAtItsBestNode() {
        for (long seed : SEEDS) {
            assertBestPrefix(LargeGraphs.chain(seed, 300));
        }
    }

    @Test
    void aChainOfFiveThousandNodesIsCutAtItsBestNode() {
        assertBestPrefix(LargeGraphs.chain(1, 5_000));
    }

    @Test
    void aDenselyConnectedNetworkIsCutAtItsBestNode() {
        assertBestPrefix(LargeGraphs.dense(1, 1_000));
    }

    private static void assertBestPrefix(PlainGraph graph) {
        double cost = assertSameWithAndWithoutPruning(graph);
        assertThat(cost).isEqualTo(graph.leastCostOfPrefixes());
        assertThat(cost).isLessThan(Math.min(graph.cost(node -> true), graph.cost(node -> false)));
    }

    @Test
    void anInceptionLikeNetworkIsCutAcrossItsBranches() {
        for (long seed : SEEDS) {
            PlainGraph graph = LargeGraphs.inception(seed, 1_000);
            assertThat(Block.betweenCutVertices(graph.problem())).hasSizeGreaterThan(100);
            assertThat(assertSameWithAndWithoutPruning(graph)).isLessThan(graph.leastCostOfPrefixes());
        }
    }

    @Test
    void aNetworkWithoutCutVerticesIsSolved() {
        for (long seed : SEEDS) {
            PlainGraph graph = LargeGraphs.braid(seed, 1_000);
            assertThat(Block.betweenCutVertices(graph.problem())).anyMatch(block -> block.nodes() == 998);
            assertThat(assertSameWithAndWithoutPruning(graph)).isLessThan(graph.leastCostOfPrefixes());
        }
    }

    private static double assertSameWithAndWithoutPruning(PlainGraph graph) {
        PlacementProblem problem = graph.problem();
        Placement pruned = MinCut.solve(problem).orElseThrow();
        Placement whole = MinCut.solveWhole(problem).orElseThrow();
        assertThat(pruned.cost()).isEqualTo(whole.cost());
        assertThat(graph.cost(pruned.head())).isEqualTo(pruned.cost());
        assertThat(graph.cost(whole.head())).isEqualTo(whole.cost());
        return pruned.cost();
    }
}
