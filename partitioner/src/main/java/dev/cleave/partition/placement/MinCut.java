package dev.cleave.partition.placement;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the cheapest legal head of a {@link PlacementProblem}, exactly.
 *
 * <p><b>As a minimum cut.</b> The source stands for the device, the sink for the gateway; a vertex on the source's side is
 * in the head. An edge x to y is paid for if x is in the head and y in the tail:
 *
 * <pre>
 * node i to sink               headCost(i)      i is in the head
 * source to node i             tailCost(i)      i is in the tail
 * producer to reader           shipCost(t)      for a tensor with one reader
 * producer to t, t to readers  shipCost(t), oo  for one with several: t is an auxiliary vertex, so it is paid once
 * reader to producer           oo               a head is closed: no reader in it without its producer
 * </pre>
 *
 * The producer of an input is the source. A group is one vertex. Without auxiliary vertices a tensor is paid once per
 * reader; without the reverse edges the cut may put a reader before its producer, which no split of a network can do.
 *
 * <p>That partitioning a network is a minimum cut, with auxiliary vertices, is due to Hu, Bao, Wang and Liu, "Dynamic
 * Adaptive DNN Surgery for Inference Acceleration on the Edge" (INFOCOM 2019). Here tensors are cut, not layers: a node may
 * make several, each with its price and readers; there may be several inputs; outputs have a way back; nodes can be pinned
 * and grouped; and reverse edges keep the head closed.
 *
 * <p><b>Cut vertices.</b> That the optimum lies between two adjacent cut vertices, so that the flow has to be found in one
 * small subgraph, is the idea of QDMP: Zhang et al., "Towards Real-time Cooperative Deep Inference over the Cloud and Edge
 * End Devices" (Proc. ACM IMWUT 4(2), 2020). A cut vertex here is one that is comparable with every node ({@link Block}),
 * whatever tensors jump over it. All prefixes of the topological order are priced first, in O((n + tensors) log n); that
 * alone decides chains and blocks of one node. The other blocks are taken in the order of a lower bound of their cost
 * until that is no better than the best head found, and only those taken cost a maximum flow.
 */
public final class MinCut {
    private final PlacementProblem problem;
    private final List<Block> blocks;
    private final Bounds bounds;
    private Placement best;

    private record Candidate(int block, double leastCost) {}

    private MinCut(PlacementProblem problem, List<Block> blocks, BitSet start) {
        this.problem = problem;
        this.blocks = blocks;
        this.bounds = new Bounds(problem, blocks);
        this.best = new Placement(start, problem.cost(start));
    }

    /**
     * Costs that are integers with a sum below 2^50 give an exact answer. Otherwise each is rounded to about 1e-15 of the
     * sum, in which none counts for more than twice the answer. Of several placements that are equally cheap it is not said
     * which is returned, but it is the same one each time.
     *
     * @return empty if pins, closedness and groups together leave no legal head
     */
    public static Optional<Placement> solve(PlacementProblem problem) {
        return LeastHead.of(problem).map(start -> {
            MinCut search = new MinCut(problem, Block.betweenCutVertices(problem), start);
            search.tryPrefixes();
            search.tryBlocks();
            return search.best;
        });
    }

    /** The same by a single flow through the whole graph. */
    static Optional<Placement> solveWhole(PlacementProblem problem) {
        return LeastHead.of(problem).map(start -> {
            MinCut search = new MinCut(problem, Block.whole(problem), start);
            search.tryBlock(0);
            return search.best;
        });
    }

    private void tryPrefixes() {
        BitSet head = new BitSet();
        head.set(0, bounds.cheapestPrefix());
        offer(head);
    }

    private void tryBlocks() {
        List<Candidate> candidates = IntStream.range(0, blocks.size())
                .filter(block -> blocks.get(block).nodes() > 1)
                .mapToObj(block -> new Candidate(block, bounds.leastCost(block)))
                .sorted(Comparator.comparingDouble(Candidate::leastCost))
                .toList();
        for (Candidate candidate : candidates) {
            if (candidate.leastCost() >= best.cost()) {
                return;
            }
            tryBlock(candidate.block());
        }
    }

    /**
     * Costs are rounded to a fraction of the room that the best head so far leaves. Where that head is absurdly dear, the
     * first answer is a rough one; it makes the room smaller for the next.
     */
    private void tryBlock(int block) {
        BlockNetwork network = new BlockNetwork(problem, blocks.get(block));
        double before;
        do {
            before = best.cost();
            network.cheapestHead(before - bounds.costAround(block)).ifPresent(this::offer);
        } while (best.cost() < before / 2);
    }

    private void offer(BitSet head) {
        double cost = problem.cost(head);
        if (cost < best.cost()) {
            best = new Placement(head, cost);
        }
    }
}
