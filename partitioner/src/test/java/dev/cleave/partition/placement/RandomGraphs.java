package dev.cleave.partition.placement;

import java.util.Random;
import java.util.stream.IntStream;

/**
 * Random placement problems of 9..12 nodes whose costs are integers: tensors with several readers, edges that skip,
 * outputs in the middle, several inputs, zero costs and ties, ship costs from nothing to enormous; pins, groups and
 * tensors that may not cross in some.
 */
final class RandomGraphs {
    private static final double[] SHIP_SCALES = {0, 1, 5, 20, 100, 1e4, 1e9, 1e13};

    private final Random random;
    private PlainGraph graph;
    private double scale;

    RandomGraphs(long seed) {
        this.random = new Random(seed);
    }

    PlainGraph next() {
        graph = new PlainGraph();
        int nodes = 9 + random.nextInt(4);
        int largest = chance(5) ? 2 : 20;
        scale = chance(3) ? SHIP_SCALES[random.nextInt(SHIP_SCALES.length)] : largest / 2;
        for (int node = 0; node < nodes; node++) {
            // Early nodes tend to be cheap on the device, late ones on the gateway: else one side alone is mostly best.
            boolean early = random.nextInt(nodes) > node;
            graph.addNode(random.nextInt(early ? 2 : largest), random.nextInt(early ? largest : 2));
        }
        addTensors(nodes);
        addInputs(nodes);
        for (int node = 0; node < nodes; node++) {
            if (node == nodes - 1 || chance(6)) {
                graph.returnCosts.set(node, shipCost());
            }
        }
        if (chance(4)) {
            addPins(nodes);
        }
        if (chance(3)) {
            addGroups(nodes);
        }
        return graph;
    }

    /** A narrow graph looks back two nodes and so has cut vertices, a wide one looks back to its beginning. */
    private void addTensors(int nodes) {
        int reach = chance(3) ? 2 : nodes;
        double density = 0.1 + 0.4 * random.nextDouble();
        for (int producer = 0; producer < nodes - 1; producer++) {
            for (int output = chance(5) ? 2 : 1; output > 0; output--) {
                int first = producer + 1;
                int end = Math.min(nodes, first + reach);
                int[] readers = IntStream.range(first, end)
                        .filter(node -> random.nextDouble() < density)
                        .toArray();
                if (readers.length > 0) {
                    graph.addTensor(producer, shipCost(), readers);
                } else if (!chance(6)) {
                    graph.addTensor(producer, shipCost(), first);
                }
            }
        }
    }

    private void addInputs(int nodes) {
        graph.addTensor(-1, shipCost(), chance(2) ? new int[] {0} : new int[] {0, random.nextInt(nodes)});
        while (chance(3)) {
            graph.addTensor(
                    -1, shipCost(), random.ints(1 + random.nextInt(3), 0, nodes).toArray());
        }
    }

    private void addPins(int nodes) {
        int pinned = random.nextInt(nodes);
        (chance(2) ? graph.headCosts : graph.tailCosts).set(pinned, Double.POSITIVE_INFINITY);
        if (chance(2)) {
            graph.headCosts.set(nodes - 1, Double.POSITIVE_INFINITY);
            graph.tailCosts.set(nodes - 1, 1.0);
        }
        if (chance(2)) {
            PlainGraph.Read read = graph.reads.get(random.nextInt(graph.reads.size()));
            graph.addTensor(read.producer(), Double.POSITIVE_INFINITY, read.consumers());
        }
    }

    private void addGroups(int nodes) {
        do {
            int first = random.nextInt(nodes - 1);
            int other = Math.min(nodes - 1, first + 1 + random.nextInt(chance(3) ? 5 : 2));
            graph.groups.add(new int[] {other, first});
        } while (chance(2));
    }

    private double shipCost() {
        double scale = chance(8) ? SHIP_SCALES[random.nextInt(SHIP_SCALES.length)] : this.scale;
        return chance(4) ? scale : Math.floor(scale * random.nextDouble());
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }
}
