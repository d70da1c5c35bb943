package dev.cleave.partition.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What flows between the nodes that a cut can move: the graph with its constant and copied nodes looked through, and
 * without the nodes that no output needs. Immutable.
 *
 * <p>A <em>carrier</em> is a value that may cross a cut: an input of the graph, or made by an anchored node. A value
 * behind copied nodes is carried by what they read: a dequantised tensor by its integers. Constants are carried by
 * nothing. Carriers are numbered: inputs first, in the model's order, then by their makers.
 */
public final class Dataflow {
    private final Graph graph;
    private final BitSet live = new BitSet();
    private final BitSet anchored = new BitSet();
    private final List<String> carriers = new ArrayList<>();
    private final List<Integer> producers = new ArrayList<>();
    private final Map<String, Integer> carrierIds = new HashMap<>();
    private final Map<Integer, int[]> reads = new HashMap<>();

    public Dataflow(Graph graph) {
        this.graph = graph;
        markLive();
        number();
        for (int node = anchored.nextSetBit(0); node >= 0; node = anchored.nextSetBit(node + 1)) {
            reads.put(node, ids(carriersOf(graph.node(node).reads())));
        }
    }

    public Graph graph() {
        return graph;
    }

    /** Indices of the anchored nodes that some output needs; a copy. */
    public BitSet anchored() {
        return (BitSet) anchored.clone();
    }

    /** Whether some output needs this node. */
    public boolean isLive(int node) {
        return live.get(node);
    }

    /** Names of the carriers; a carrier's id is its position. */
    public List<String> carriers() {
        return Collections.unmodifiableList(carriers);
    }

    /** Id of a carrier, or -1 for a name that is none. */
    public int carrier(String name) {
        return carrierIds.getOrDefault(name, -1);
    }

    /** Index of the anchored node that makes a carrier, or -1 for an input. */
    public int producer(int carrier) {
        return producers.get(carrier);
    }

    /** Ids of the carriers that an anchored node depends on, through constant and copied nodes. Shared; not changed. */
    public int[] reads(int node) {
        return reads.get(node);
    }

    /** Ids of the carriers behind a value: itself, what its copied makers read, or none for a constant. */
    public int[] behind(String name) {
        return ids(carriersOf(List.of(name)));
    }

    private int[] ids(Set<String> names) {
        return names.stream().mapToInt(carrierIds::get).sorted().toArray();
    }

    private void markLive() {
        Deque<String> wanted = new ArrayDeque<>(graph.outputs().keySet());
        while (!wanted.isEmpty()) {
            int producer = graph.value(wanted.pop()).producer();
            if (producer >= 0 && !live.get(producer)) {
                live.set(producer);
                wanted.addAll(graph.node(producer).reads());
            }
        }
    }

    private void number() {
        for (String input : graph.inputs().keySet()) {
            addCarrier(input, -1);
        }
        for (GraphNode node : graph.nodes()) {
            if (!live.get(node.index()) || node.role() != GraphNode.Role.ANCHORED) {
                continue;
            }
            anchored.set(node.index());
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    addCarrier(output, node.index());
                }
            }
        }
    }

    private void addCarrier(String name, int producer) {
        carrierIds.put(name, carriers.size());
        carriers.add(name);
        producers.add(producer);
    }

    private Set<String> carriersOf(List<String> names) {
        Set<String> found = new LinkedHashSet<>();
        Set<String> seen = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(names);
        while (!open.isEmpty()) {
            String name = open.pop();
            if (!seen.add(name) || graph.value(name).constant()) {
                continue;
            }
            if (carrierIds.containsKey(name)) {
                found.add(name);
            } else {
                open.addAll(graph.node(graph.value(name).producer()).reads());
            }
        }
        return found;
    }
}
