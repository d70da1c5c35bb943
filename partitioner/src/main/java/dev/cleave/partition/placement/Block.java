package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The closed heads between two adjacent cut vertices: those that contain every node before {@code first} and none from
 * {@code end} on. Its nodes first..end-1 are free to be on either side.
 *
 * <p>A <em>cut vertex</em> is a node v at which every closed head is comparable with the prefix that ends before v: all
 * nodes before v in the topological order are its ancestors, all after it its descendants. A closed head with v contains
 * all its ancestors, so everything up to v; a closed head without v contains none of its descendants, so nothing from v
 * on. Hence, for adjacent cut vertices v and w, any closed head either contains v and not w, and belongs to the block
 * between them, or belongs to another block. Tensors may well jump over a cut vertex: a densely connected chain is all
 * cut vertices.
 */
record Block(int first, int end) {
    int nodes() {
        return end - first;
    }

    /** The one block that holds all closed heads. */
    static List<Block> whole(PlacementProblem problem) {
        return List.of(new Block(0, problem.nodes()));
    }

    /** Blocks in order; each closed head is in exactly one of them. Linear time. */
    static List<Block> betweenCutVertices(PlacementProblem problem) {
        boolean[] isCutVertex = cutVertices(problem);
        List<Block> blocks = new ArrayList<>();
        int first = 0;
        for (int node = 0; node < isCutVertex.length; node++) {
            if (isCutVertex[node]) {
                blocks.add(new Block(first, node));
                first = node + 1;
            }
        }
        blocks.add(new Block(first, isCutVertex.length));
        return blocks;
    }

    /*
     * All nodes before v are its ancestors if and only if each of them has a consumer at v or before. If each has, follow
     * such consumers from any of them: positions grow and cannot pass v, so they arrive at it. Conversely, the first
     * step of a path from u to v is a consumer of u at v or before. The same, mirrored, for producers of all nodes after.
     */
    private static boolean[] cutVertices(PlacementProblem problem) {
        int nodes = problem.nodes();
        int[] nearestConsumer = new int[nodes];
        int[] nearestProducer = new int[nodes];
        Arrays.fill(nearestConsumer, nodes);
        Arrays.fill(nearestProducer, -1);
        for (Tensor tensor : problem.tensors()) {
            if (tensor.producer() != PlacementProblem.INPUT) {
                nearestConsumer[tensor.producer()] =
                        Math.min(nearestConsumer[tensor.producer()], tensor.firstConsumer());
                for (int consumer : tensor.consumers()) {
                    nearestProducer[consumer] = Math.max(nearestProducer[consumer], tensor.producer());
                }
            }
        }
        boolean[] isCutVertex = new boolean[nodes];
        int farthest = -1;
        for (int node = 0; node < nodes; node++) {
            isCutVertex[node] = farthest <= node;
            farthest = Math.max(farthest, nearestConsumer[node]);
        }
        farthest = nodes;
        for (int node = nodes - 1; node >= 0; node--) {
            isCutVertex[node] &= farthest >= node;
            farthest = Math.min(farthest, nearestProducer[node]);
        }
        return isCutVertex;
    }
}
