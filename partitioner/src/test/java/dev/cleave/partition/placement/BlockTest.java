package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockTest {
    @Test
    void everyNodeOfAChainIsACutVertex() {
        PlacementProblem problem =
                PlacementProblem.builder().node(1, 1).node(1, 1).tensor(0, 1, 1).build();
        assertThat(Block.betweenCutVertices(problem))
                .containsExactly(new Block(0, 0), new Block(1, 1), new Block(2, 2));
    }

    @Test
    void branchesLieBetweenTheirForkAndTheirJoin() {
        PlacementBuilder builder = PlacementProblem.builder();
        for (int node = 0; node < 5; node++) {
            builder.node(1, 1);
        }
        PlacementProblem problem = builder.tensor(0, 1, 1, 2, 4)
                .tensor(1, 1, 3)
                .tensor(2, 1, 3)
                .tensor(3, 1, 4)
                .build();
        assertThat(Block.betweenCutVertices(problem))
                .containsExactly(new Block(0, 0), new Block(1, 3), new Block(4, 4), new Block(5, 5));
    }

    @Test
    void cutVerticesAreTheNodesThatAllOthersLeadToOrComeFrom() {
        RandomGraphs random = new RandomGraphs(7);
        for (int i = 0; i < 500; i++) {
            PlainGraph graph = random.next();
            BitSet free = new BitSet();
            for (Block block : Block.betweenCutVertices(graph.problem())) {
                free.set(block.first(), block.end());
            }
            assertThat(free).as("graph %s", i).isEqualTo(notComparable(graph));
        }
    }

    @Test
    void everyLegalHeadIsInOneBlock() {
        RandomGraphs random = new RandomGraphs(8);
        for (int i = 0; i < 100; i++) {
            PlainGraph graph = random.next();
            List<Block> blocks = Block.betweenCutVertices(graph.problem());
            for (long mask = 0; mask < 1L << graph.nodes(); mask++) {
                BitSet head = BitSet.valueOf(new long[] {mask});
                if (Double.isFinite(graph.cost(head))) {
                    assertThat(blocks.stream().filter(block -> holds(block, head)))
                            .hasSize(1);
                }
            }
        }
    }

    private static boolean holds(Block block, BitSet head) {
        return head.nextClearBit(0) >= block.first() && head.length() <= block.end();
    }

    /** By transitive closure. */
    private static BitSet notComparable(PlainGraph graph) {
        boolean[][] leads = new boolean[graph.nodes()][graph.nodes()];
        for (int from = graph.nodes() - 1; from >= 0; from--) {
            for (PlainGraph.Read read : graph.reads) {
                if (read.producer() == from) {
                    for (int consumer : read.consumers()) {
                        leads[from][consumer] = true;
                        for (int to = 0; to < graph.nodes(); to++) {
                            leads[from][to] |= leads[consumer][to];
                        }
                    }
                }
            }
        }
        BitSet notComparable = new BitSet();
        for (int node = 0; node < graph.nodes(); node++) {
            for (int other = 0; other < graph.nodes(); other++) {
                if (other != node && !leads[node][other] && !leads[other][node]) {
                    notComparable.set(node);
                }
            }
        }
        return notComparable;
    }
}
