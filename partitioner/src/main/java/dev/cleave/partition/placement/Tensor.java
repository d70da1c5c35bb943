package dev.cleave.partition.placement;

import java.util.Arrays;

/**
 * One price that is paid once, however many read it.
 *
 * @param producer a node, or {@link PlacementProblem#INPUT}
 * @param consumers at least one, ascending, distinct, all after the producer; shared, not changed
 * @param shipCost paid if the producer is in the head and some consumer in the tail; infinite: may not cross
 */
record Tensor(int producer, int[] consumers, double shipCost) {
    int firstConsumer() {
        return consumers[0];
    }

    int lastConsumer() {
        return consumers[consumers.length - 1];
    }

    /** Index of the first consumer that is {@code node} or after it. */
    int indexFrom(int node) {
        int found = Arrays.binarySearch(consumers, node);
        return found < 0 ? -1 - found : found;
    }

    /** The same tensor on a link that is slower by this factor. */
    Tensor scaled(double factor) {
        return new Tensor(producer, consumers, shipCost * factor);
    }

    boolean mayCross() {
        return shipCost < Double.POSITIVE_INFINITY;
    }
}
