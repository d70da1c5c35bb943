package dev.cleave.partition.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jgrapht.Graph;
import org.jgrapht.alg.flow.EdmondsKarpMFImpl;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.DirectedWeightedMultigraph;
import org.junit.jupiter.api.Test;

/** Against all 2^n sets of nodes. */
class MinCutRandomTest {
    private static final int COUNT = 1_500;
    private static final List<PlainGraph> GRAPHS = graphs(20_190_429);
    private static final Map<PlainGraph, Double> LEAST =
            GRAPHS.stream().collect(Collectors.toMap(Function.identity(), PlainGraph::leastCost));

    private static List<PlainGraph> graphs(long seed) {
        RandomGraphs random = new RandomGraphs(seed);
        return Stream.generate(random::next).limit(COUNT).toList();
    }

    @Test
    void equalsBruteForceOnEveryRandomGraph() {
        assertEqualsBruteForce(MinCut::solve);
    }

    @Test
    void equalsBruteForceWithoutPruning() {
        assertEqualsBruteForce(MinCut::solveWhole);
    }

    private static void assertEqualsBruteForce(Function<PlacementProblem, Optional<Placement>> solver) {
        for (int i = 0; i < COUNT; i++) {
            PlainGraph graph = GRAPHS.get(i);
            double least = LEAST.get(graph);
            Optional<Placement> found = solver.apply(graph.problem());
            if (Double.isInfinite(least)) {
                assertThat(found).as("graph %s, where no head is legal", i).isEmpty();
            } else {
                Placement placement = found.orElseThrow();
                assertThat(placement.cost()).as("cost of graph %s", i).isEqualTo(least);
                assertThat(graph.cost(placement.head()))
                        .as("cost of the head of graph %s", i)
                        .isEqualTo(least);
            }
        }
    }

    @Test
    void theProblemPricesEveryHeadAsTheTestDoes() {
        for (PlainGraph graph : GRAPHS.subList(0, 100)) {
            PlacementProblem problem = graph.problem();
            for (long mask = 0; mask < 1L << graph.nodes(); mask++) {
                BitSet head = BitSet.valueOf(new long[] {mask});
                assertThat(problem.cost(head)).isEqualTo(graph.cost(head));
            }
        }
    }

    /** No prefix can do without one of the two enormous costs, so the search starts from far away. */
    @Test
    void anEnormousFirstGuessDoesNotBlurSmallCosts() {
        for (PlainGraph inner : GRAPHS.subList(0, 200)) {
            PlainGraph graph = new PlainGraph();
            graph.addNode(1e18, 0);
            for (int node = 0; node < inner.nodes(); node++) {
                graph.addNode(small(inner.headCosts.get(node)), small(inner.tailCosts.get(node)));
            }
            for (PlainGraph.Read read : inner.reads) {
                int[] consumers =
                        Arrays.stream(read.consumers()).map(node -> node + 1).toArray();
                graph.addTensor(read.producer() < 0 ? -1 : read.producer() + 1, small(read.shipCost()), consumers);
            }
            graph.addNode(0, 1e18);
            assertThat(MinCut.solve(graph.problem()).orElseThrow().cost()).isEqualTo(graph.leastCost());
        }
    }

    private static double small(double cost) {
        return Double.isFinite(cost) ? cost % 20 : 20;
    }

    @Test
    void fractionsOfMillisecondsAreAsGoodAsExact() {
        for (PlainGraph graph : GRAPHS.subList(0, 300)) {
            graph = scaled(graph, 0.0137);
            double least = graph.leastCost();
            if (Double.isFinite(least)) {
                double found = MinCut.solve(graph.problem()).orElseThrow().cost();
                assertThat(found).isCloseTo(least, withinPercentage(1e-10));
            }
        }
    }

    private static PlainGraph scaled(PlainGraph graph, double factor) {
        PlainGraph scaled = new PlainGraph();
        for (int node = 0; node < graph.nodes(); node++) {
            scaled.addNode(graph.headCosts.get(node) * factor, graph.tailCosts.get(node) * factor);
            scaled.returnCosts.set(node, graph.returnCosts.get(node) * factor);
        }
        graph.reads.forEach(read -> scaled.addTensor(read.producer(), read.shipCost() * factor, read.consumers()));
        scaled.groups.addAll(graph.groups);
        return scaled;
    }

    /** An edge per reader and none back: what a minimum cut looks like at first sight. */
    @Test
    void theNaiveConstructionIsOftenWrong() {
        List<PlainGraph> free = GRAPHS.stream()
                .filter(graph -> graph.groups.isEmpty() && Double.isFinite(graph.cost(node -> true)))
                .toList();
        long wrong = free.stream()
                .filter(graph -> graph.cost(naiveHead(graph)) != LEAST.get(graph))
                .count();
        assertThat(free).hasSizeGreaterThan(COUNT / 2);
        assertThat(wrong).isGreaterThan(free.size() / 4);
    }

    private static BitSet naiveHead(PlainGraph graph) {
        Graph<Integer, DefaultWeightedEdge> network = new DirectedWeightedMultigraph<>(DefaultWeightedEdge.class);
        int device = -1;
        int gateway = graph.nodes();
        IntStream.rangeClosed(device, gateway).forEach(network::addVertex);
        for (int node = 0; node < graph.nodes(); node++) {
            connect(network, node, gateway, graph.headCosts.get(node));
            connect(network, device, node, graph.tailCosts.get(node) + graph.returnCosts.get(node));
        }
        for (PlainGraph.Read read : graph.reads) {
            for (int consumer : read.consumers()) {
                connect(network, read.producer(), consumer, read.shipCost());
            }
        }
        EdmondsKarpMFImpl<Integer, DefaultWeightedEdge> cut = new EdmondsKarpMFImpl<>(network);
        cut.calculateMinCut(device, gateway);
        BitSet head = new BitSet();
        cut.getSourcePartition().stream().filter(node -> node >= 0).forEach(head::set);
        return head;
    }

    private static void connect(Graph<Integer, DefaultWeightedEdge> network, int from, int to, double cost) {
        network.setEdgeWeight(network.addEdge(from, to), Math.min(cost, 1e15));
    }

    /** What the other tests say is worth nothing if the graphs are easy. */
    @Test
    void theGraphsAreOfEveryKind() {
        assertThat(count(graph -> Double.isInfinite(LEAST.get(graph))))
                .as("no legal head")
                .isPositive();
        assertThat(count(graph -> LEAST.get(graph) < graph.leastCostOfPrefixes()))
                .as("not decided by prefixes")
                .isGreaterThan(200);
        assertThat(count(graph ->
                        LEAST.get(graph) < graph.cost(node -> true) && LEAST.get(graph) < graph.cost(node -> false)))
                .as("divided")
                .isGreaterThan(500);
        assertThat(count(graph -> Block.betweenCutVertices(graph.problem()).stream()
                        .anyMatch(block -> block.nodes() > 1 && block.nodes() < graph.nodes() - 2)))
                .as("pruned to a block that is not all of it")
                .isGreaterThan(300);
        assertThat(count(graph -> !graph.groups.isEmpty())).as("with groups").isGreaterThan(300);
    }

    private static long count(Predicate<PlainGraph> kind) {
        return GRAPHS.stream().filter(kind).count();
    }
}
