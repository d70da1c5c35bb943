package dev.cleave.partition.extract;

import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a graph between some tensors that are given and some that are wanted, found from the wanted ones.
 *
 * @param nodes in topological order; copies of constant and copied nodes included
 * @param weights names of the initializers that the nodes read or that are wanted themselves
 * @param inputs those of the given tensors that are read or wanted, in the order in which they were given
 */
record GraphPruner(List<GraphNode> nodes, Set<String> weights, List<String> inputs) {
    static GraphPruner between(Graph graph, Collection<String> given, Collection<String> wanted) {
        Set<String> stops = new HashSet<>(given);
        Set<String> met = new HashSet<>();
        Set<String> weights = new LinkedHashSet<>();
        BitSet nodes = new BitSet();
        Deque<String> open = new ArrayDeque<>(wanted);
        while (!open.isEmpty()) {
            String name = open.pop();
            Value value = graph.value(name);
            if (stops.contains(name)) {
                met.add(name);
            } else if (value.origin() == Value.Origin.WEIGHT) {
                weights.add(name);
            } else if (value.origin() == Value.Origin.INPUT) {
                throw new IllegalStateException("input \"" + name + "\" is needed but not given");
            } else if (!nodes.get(value.producer())) {
                nodes.set(value.producer());
                open.addAll(graph.node(value.producer()).reads());
            }
        }
        return new GraphPruner(
                nodes.stream().mapToObj(graph::node).toList(),
                weights,
                given.stream().filter(met::contains).toList());
    }
}
