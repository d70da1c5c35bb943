package dev.cleave.partition.graph;

import dev.cleave.onnx.NodeProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Sorts nodes topologically (Kahn 1962); among those that are ready the first in the file goes first. */
final class NodeOrder {
    private NodeOrder() {}

    /**
     * @param reads for each node, in file order, the names it depends on
     * @param producers for each name that a node makes, that node's position
     * @return positions in topological order; the file's own order if that is one
     * @throws ModelException naming nodes of a cycle, if there is one
     */
    static List<Integer> sort(
            List<NodeProto> nodes,
            List<? extends Collection<String>> reads,
            Map<String, Integer> producers,
            String label)
            throws ModelException {
        List<List<Integer>> followers = new ArrayList<>();
        int[] waitingFor = new int[nodes.size()];
        nodes.forEach(node -> followers.add(new ArrayList<>()));
        for (int node = 0; node < waitingFor.length; node++) {
            Set<Integer> sources = new HashSet<>();
            for (String name : reads.get(node)) {
                Integer source = producers.get(name);
                if (source != null && sources.add(source)) {
                    followers.get(source).add(node);
                    waitingFor[node]++;
                }
            }
        }
        List<Integer> order = drain(followers, waitingFor);
        if (order.size() < waitingFor.length) {
            throw new ModelException(
                    label + ": the graph has a cycle through " + onCycle(nodes, reads, producers, waitingFor));
        }
        return order;
    }

    private static List<Integer> drain(List<List<Integer>> followers, int[] waitingFor) {
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int node = 0; node < waitingFor.length; node++) {
            if (waitingFor[node] == 0) {
                ready.add(node);
            }
        }
        List<Integer> order = new ArrayList<>(waitingFor.length);
        while (!ready.isEmpty()) {
            int node = ready.remove();
            order.add(node);
            for (int follower : followers.get(node)) {
                if (--waitingFor[follower] == 0) {
                    ready.add(follower);
                }
            }
        }
        return order;
    }

    /** Walks backwards among the nodes that never became ready until one comes up again: that one is on a cycle. */
    private static String onCycle(
            List<NodeProto> nodes,
            List<? extends Collection<String>> reads,
            Map<String, Integer> producers,
            int[] waitingFor) {
        int node = 0;
        while (waitingFor[node] == 0) {
            node++;
        }
        Set<Integer> seen = new HashSet<>();
        while (seen.add(node)) {
            for (String name : reads.get(node)) {
                Integer source = producers.get(name);
                if (source != null && waitingFor[source] > 0) {
                    node = source;
                    break;
                }
            }
        }
        return Graph.labelOf(nodes.get(node));
    }
}
