package dev.cleave.partition.cut;

import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Recognises a layer normalisation that is spelled out in small operators, as exporters did before there was one:
 * {@code d = x - mean(x); d / sqrt(mean(d * d) + e)}. Engines run it as one operator, which sums in another order.
 */
final class SpelledNormalization {
    private static final Set<String> STEPS = Set.of("ReduceMean", "Sub", "Pow", "Mul", "Add", "Sqrt", "Cast");
    private static final int MOST_NODES = 12;

    private final Dataflow flow;
    private final Graph graph;

    SpelledNormalization(Dataflow flow) {
        this.flow = flow;
        this.graph = flow.graph();
    }

    /** The nodes up to and with the division that ends such a normalisation; empty if this node ends none. */
    Set<Integer> endingAt(GraphNode division) {
        if (!division.is("Div") || division.inputs().size() != 2) {
            return Set.of();
        }
        GraphNode centring = maker(division.inputs().get(0));
        if (centring == null || !centring.is("Sub")) {
            return Set.of();
        }
        Set<Integer> nodes = between(centring.inputs().get(0), division);
        return counts(nodes, "ReduceMean") == 2 && counts(nodes, "Sqrt") == 1 && isClosed(nodes, division)
                ? nodes
                : Set.of();
    }

    /** All that lies between a tensor and a node, the node included; empty if anything else leads there. */
    private Set<Integer> between(String from, GraphNode to) {
        Set<Integer> nodes = new TreeSet<>(List.of(to.index()));
        Deque<String> open = new ArrayDeque<>(to.inputs());
        while (!open.isEmpty()) {
            String name = open.pop();
            if (name.equals(from) || graph.value(name).constant()) {
                continue;
            }
            GraphNode maker = maker(name);
            if (maker == null || !STEPS.contains(maker.op()) || nodes.size() == MOST_NODES) {
                return Set.of();
            }
            if (nodes.add(maker.index())) {
                open.addAll(maker.reads());
            }
        }
        return nodes;
    }

    private GraphNode maker(String name) {
        Value value = graph.value(name);
        GraphNode maker = value == null || value.producer() < 0 ? null : graph.node(value.producer());
        return maker != null && maker.role() == GraphNode.Role.ANCHORED ? maker : null;
    }

    private long counts(Set<Integer> nodes, String op) {
        return nodes.stream().filter(node -> graph.node(node).is(op)).count();
    }

    /** Whether nothing outside reads what is made inside, but for the division's result. */
    private boolean isClosed(Set<Integer> nodes, GraphNode division) {
        return nodes.stream()
                .filter(node -> node != division.index())
                .flatMap(node -> graph.node(node).outputs().stream())
                .map(graph::value)
                .allMatch(value -> !value.output()
                        && value.consumers().stream().filter(flow::isLive).allMatch(nodes::contains));
    }
}
