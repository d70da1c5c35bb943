package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BoundsTest {
    private static final List<PlainGraph> GRAPHS =
            Stream.generate(new RandomGraphs(11)::next).limit(600).toList();

    @Test
    void everyPrefixIsPricedAsTheTestDoes() {
        for (PlainGraph graph : GRAPHS) {
            PlacementProblem problem = graph.problem();
            Bounds bounds = new Bounds(problem, Block.betweenCutVertices(problem));
            for (int end = 0; end <= graph.nodes(); end++) {
                int size = end;
                assertThat(bounds.costOfPrefix(end)).isEqualTo(graph.cost(node -> node < size));
            }
        }
    }

    @Test
    void noHeadOfABlockCostsLessThanItsBound() {
        for (int i = 0; i < GRAPHS.size(); i++) {
            PlainGraph graph = GRAPHS.get(i);
            PlacementProblem problem = graph.problem();
            List<Block> blocks = Block.betweenCutVertices(problem);
            Bounds bounds = new Bounds(problem, blocks);
            for (int block = 0; block < blocks.size(); block++) {
                assertThat(bounds.leastCost(block))
                        .as("graph %s, %s", i, blocks.get(block))
                        .isLessThanOrEqualTo(cheapestHead(graph, blocks.get(block)));
            }
        }
    }

    private static double cheapestHead(PlainGraph graph, Block block) {
        return IntStream.range(0, 1 << block.nodes())
                .mapToDouble(mask -> {
                    BitSet head = new BitSet();
                    head.set(0, block.first());
                    IntStream.range(0, block.nodes())
                            .filter(bit -> (mask >> bit & 1) == 1)
                            .forEach(bit -> head.set(block.first() + bit));
                    return graph.cost(head);
                })
                .min()
                .orElseThrow();
    }

    @Test
    void mostBlocksOfALargeGraphNeedNoFlow() {
        PlacementProblem problem = LargeGraphs.inception(1, 1_000).problem();
        List<Block> blocks = Block.betweenCutVertices(problem);
        Bounds bounds = new Bounds(problem, blocks);
        double cost = MinCut.solve(problem).orElseThrow().cost();
        assertThat(IntStream.range(0, blocks.size())
                        .filter(block -> blocks.get(block).nodes() > 1 && bounds.leastCost(block) < cost))
                .hasSizeBetween(1, 10);
    }
}
