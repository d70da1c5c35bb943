package dev.cleave.benchmarks.placement;

import dev.cleave.partition.placement.PlacementBuilder;
import dev.cleave.partition.placement.PlacementProblem;
import java.util.Random;

/** Shapes of networks with made-up costs: early nodes are cheap on the device, late ones on the gateway. */
public enum NetworkShape {
    /** Every node reads the one before it. */
    CHAIN {
        @Override
        void connect(Network network) {
            for (int node = 1; node < network.nodes; node++) {
                network.tensor(node - 1, node);
            }
        }
    },
    /** Blocks of ten nodes: four branches of two between a fork and a join. */
    INCEPTION {
        @Override
        void connect(Network network) {
            for (int fork = 0; fork < network.nodes; fork += 10) {
                int join = fork + 9;
                network.tensor(fork, fork + 1, fork + 3, fork + 5, fork + 7);
                for (int branch = fork + 1; branch < join; branch += 2) {
                    network.tensor(branch, branch + 1);
                    network.tensor(branch + 1, join);
                }
                if (join + 1 < network.nodes) {
                    network.tensor(join, join + 1);
                }
            }
        }
    },
    /** Every node is read by six up to a hundred nodes ahead, but not by the next one: no cut vertex inside. */
    LONG_SKIPS {
        @Override
        void connect(Network network) {
            for (int node = 0; node < network.nodes - 2; node++) {
                int first = node == 0 ? 1 : node + 2;
                int end = Math.min(network.nodes, first + 100);
                int[] readers = network.random.ints(6, first, end).toArray();
                readers[0] = first;
                network.tensor(node, readers);
            }
        }
    };

    abstract void connect(Network network);

    /** @param largestShipCost where nodes cost up to 2,000 */
    PlacementProblem problem(int nodes, int largestShipCost) {
        Network network = new Network(nodes, largestShipCost);
        connect(network);
        return network.builder.build();
    }

    private static final class Network {
        private final Random random = new Random(1);
        private final PlacementBuilder builder = PlacementProblem.builder();
        private final int nodes;
        private final int largestShipCost;

        private Network(int nodes, int largestShipCost) {
            this.nodes = nodes;
            this.largestShipCost = largestShipCost;
            for (int node = 0; node < nodes; node++) {
                builder.node(random.nextInt(1 + 2_000 * node / nodes), random.nextInt(1_000));
            }
            builder.input(10_000_000, 0);
        }

        private void tensor(int producer, int... consumers) {
            builder.tensor(producer, random.nextInt(largestShipCost), consumers);
        }
    }
}
