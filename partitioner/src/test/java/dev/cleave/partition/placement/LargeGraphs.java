package dev.cleave.partition.placement;

import java.util.Random;

/** Graphs of the size and shape of networks, with integer costs: early nodes cheap on the device, late ones not. */
final class LargeGraphs {
    private static final int BRANCHES = 4;
    private static final int BRANCH_LENGTH = 2;

    private final Random random;
    private final PlainGraph graph = new PlainGraph();
    private final int nodes;
    private final int largestShipCost;

    private LargeGraphs(long seed, int nodes, int largestShipCost) {
        this.largestShipCost = largestShipCost;
        this.random = new Random(seed);
        this.nodes = nodes;
        while (graph.nodes() < nodes) {
            graph.addNode(random.nextInt(1 + 2_000 * graph.nodes() / nodes), random.nextInt(1_000));
        }
        graph.addTensor(-1, 10_000_000, 0);
        graph.returnCosts.set(nodes - 1, 100.0);
    }

    /** Each node reads the one before it. */
    static PlainGraph chain(long seed, int nodes) {
        LargeGraphs made = new LargeGraphs(seed, nodes, 10_000);
        for (int node = 1; node < nodes; node++) {
            made.connect(node - 1, node);
        }
        return made.graph;
    }

    /** Blocks of ten: a node that four branches of two read, and a node that reads them all. */
    static PlainGraph inception(long seed, int nodes) {
        LargeGraphs made = new LargeGraphs(seed, nodes, 100);
        int size = BRANCHES * BRANCH_LENGTH + 2;
        for (int entry = 0; entry + size <= nodes; entry += size) {
            if (entry > 0) {
                made.connect(entry - 1, entry);
            }
            int exit = entry + size - 1;
            made.connect(entry, entry + 1, entry + 3, entry + 5, entry + 7);
            for (int branch = entry + 1; branch < exit; branch += BRANCH_LENGTH) {
                made.connect(branch, branch + 1);
                made.connect(branch + 1, exit);
            }
        }
        return made.graph;
    }

    /** Each node reads many of those before it, the last one always: all are cut vertices. */
    static PlainGraph dense(long seed, int nodes) {
        LargeGraphs made = new LargeGraphs(seed, nodes, 10);
        for (int node = 0; node < nodes - 1; node++) {
            made.connect(node, made.laterNodes(node + 1, 20));
        }
        return made.graph;
    }

    /** Two strands with edges between them that skip far ahead: no cut vertex but the first node and the last. */
    static PlainGraph braid(long seed, int nodes) {
        LargeGraphs made = new LargeGraphs(seed, nodes, 200);
        made.connect(0, 1, 2, 3);
        for (int node = 1; node < nodes - 3; node++) {
            made.connect(node, made.laterNodes(node + 2, 6));
        }
        made.connect(nodes - 3, nodes - 1);
        made.connect(nodes - 2, nodes - 1);
        return made.graph;
    }

    private int[] laterNodes(int first, int count) {
        int reach = Math.min(nodes - first, 100);
        int[] later = random.ints(count, first, first + reach).toArray();
        later[0] = first;
        return later;
    }

    private void connect(int producer, int... consumers) {
        graph.addTensor(producer, random.nextInt(largestShipCost), consumers);
    }
}
