package dev.cleave.partition.placement;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One block as a flow network; see {@link MinCut} for the construction. What is not in the block is contracted into the
 * two terminals, a group into one vertex.
 */
final class BlockNetwork {
    private final PlacementProblem problem;
    private final Block block;
    private final FlowNetwork network;

    BlockNetwork(PlacementProblem problem, Block block) {
        this.problem = problem;
        this.block = block;
        this.network = new FlowNetwork(block.nodes());
        for (int node = block.first(); node < block.end(); node++) {
            network.connect(vertexOf(node), FlowNetwork.GATEWAY, problem.headCost(node));
            network.connect(FlowNetwork.DEVICE, vertexOf(node), problem.tailCost(node));
            problem.madeBy(node).forEach(this::addTensor);
            for (Tensor tensor : problem.readBy(node)) {
                boolean firstInBlock = tensor.consumers()[tensor.indexFrom(block.first())] == node;
                if (tensor.producer() < block.first() && firstInBlock) {
                    addTensor(tensor);
                }
            }
        }
    }

    /** The cheapest head of the block, if what it pays inside the block, {@link Bounds#costAround} apart, is less than {@code room}. */
    Optional<BitSet> cheapestHead(double room) {
        return network.deviceSide(room).map(side -> {
            BitSet head = new BitSet();
            head.set(0, block.first());
            for (int node = block.first(); node < block.end(); node++) {
                int vertex = vertexOf(node);
                head.set(node, vertex == FlowNetwork.DEVICE || vertex >= 0 && side.get(vertex));
            }
            return head;
        });
    }

    private int vertexOf(int node) {
        int[] group = problem.groupOf(node);
        if (group[0] < block.first()) {
            return FlowNetwork.DEVICE;
        }
        return group[group.length - 1] < block.end() ? group[0] - block.first() : FlowNetwork.GATEWAY;
    }

    private void addTensor(Tensor tensor) {
        int producer = tensor.producer() < block.first() ? FlowNetwork.DEVICE : vertexOf(tensor.producer());
        int[] readers = readersOf(tensor, producer);
        for (int reader : readers) {
            network.connect(reader, producer, Double.POSITIVE_INFINITY);
        }
        boolean passesBlock = tensor.producer() < block.first() && tensor.lastConsumer() >= block.end();
        if (!passesBlock) {
            addPrice(producer, readers, tensor.shipCost());
        }
    }

    private void addPrice(int producer, int[] readers, double price) {
        if (readers.length == 1) {
            network.connect(producer, readers[0], price);
        } else if (readers.length > 1) {
            int sent = network.addVertex();
            network.connect(producer, sent, price);
            for (int reader : readers) {
                network.connect(sent, reader, Double.POSITIVE_INFINITY);
            }
        }
    }

    /** The distinct vertices other than the producer's. */
    private int[] readersOf(Tensor tensor, int producer) {
        IntStream inside = Arrays.stream(
                        tensor.consumers(), tensor.indexFrom(block.first()), tensor.indexFrom(block.end()))
                .map(this::vertexOf);
        IntStream after = tensor.lastConsumer() < block.end() ? IntStream.empty() : IntStream.of(FlowNetwork.GATEWAY);
        return IntStream.concat(inside, after)
                .filter(reader -> reader != producer)
                .distinct()
                .toArray();
    }
}
