package dev.cleave.partition.profile;

import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.TensorWalk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much memory a part of a model needs for one row, computed from its tensors' sizes. An estimate: engines keep
 * rearranged copies of weights and scratch space of their own (more), and run operators in place or joined (less).
 *
 * @param weightBytes constants that its nodes read: as they are stored, or as they are once computed
 * @param liveBytes the largest sum of tensors that are alive at the same time when its nodes run in order
 */
public record MemoryEstimate(long weightBytes, long liveBytes) {
    /** Constants that stay what is stored: engines unpack quantised weights as they go. */
    private static final Set<String> STORED = Set.of("Constant", "DequantizeLinear");

    private static final long COMPUTED_ELEMENT_BYTES = Float.BYTES;

    public MemoryEstimate {
        if (weightBytes < 0 || liveBytes < 0) {
            throw new IllegalArgumentException(
                    "memory of " + weightBytes + " + " + liveBytes + " bytes; expected 0 or more");
        }
    }

    public long totalBytes() {
        return weightBytes + liveBytes;
    }

    /** Of what the device runs. */
    public static MemoryEstimate ofHead(Dataflow flow, TensorFacts facts, Cut cut) {
        Set<String> kept = new HashSet<>(cut.boundary());
        kept.addAll(cut.earlyOutputs());
        return of(flow, facts, cut.head(), kept);
    }

    /** Of what the gateway runs. */
    public static MemoryEstimate ofTail(Dataflow flow, TensorFacts facts, Cut cut) {
        BitSet tail = flow.anchored();
        tail.andNot(cut.head());
        return of(flow, facts, tail, cut.lateOutputs());
    }

    /** Of the whole model. */
    public static MemoryEstimate ofWhole(Dataflow flow, TensorFacts facts) {
        return of(flow, facts, flow.anchored(), flow.graph().outputs().keySet());
    }

    private static MemoryEstimate of(Dataflow flow, TensorFacts facts, BitSet nodes, Collection<String> kept) {
        return new MemoryEstimate(weightBytes(flow.graph(), facts, nodes, kept), liveBytes(flow, facts, nodes, kept));
    }

    private static long liveBytes(Dataflow flow, TensorFacts facts, BitSet nodes, Collection<String> kept) {
        BitSet given = new BitSet();
        Map<Integer, Integer> lastReaders = new HashMap<>();
        nodes.stream().forEach(node -> {
            for (int carrier : flow.reads(node)) {
                lastReaders.put(carrier, node);
                given.set(carrier, flow.producer(carrier) < 0 || !nodes.get(flow.producer(carrier)));
            }
        });
        BitSet outputs = new BitSet();
        kept.forEach(name -> {
            for (int carrier : flow.behind(name)) {
                outputs.set(carrier);
            }
        });
        // What is given belongs to the caller, and stays.
        long live =
                given.stream().mapToLong(carrier -> bytes(carrier, flow, facts)).sum();
        long largest = live;
        for (int node = nodes.nextSetBit(0); node >= 0; node = nodes.nextSetBit(node + 1)) {
            for (int carrier : made(node, flow)) {
                live += bytes(carrier, flow, facts);
            }
            largest = Math.max(largest, live);
            for (int carrier : dyingAt(node, flow, lastReaders)) {
                live -= given.get(carrier) || outputs.get(carrier) ? 0 : bytes(carrier, flow, facts);
            }
        }
        return largest;
    }

    /** Carriers that nothing in the part reads after this node. */
    private static List<Integer> dyingAt(int node, Dataflow flow, Map<Integer, Integer> lastReaders) {
        List<Integer> dying = new ArrayList<>();
        for (int carrier : flow.reads(node)) {
            if (lastReaders.get(carrier) == node) {
                dying.add(carrier);
            }
        }
        for (int carrier : made(node, flow)) {
            if (!lastReaders.containsKey(carrier)) {
                dying.add(carrier);
            }
        }
        return dying;
    }

    private static List<Integer> made(int node, Dataflow flow) {
        List<Integer> made = new ArrayList<>();
        for (String output : flow.graph().node(node).outputs()) {
            if (!output.isEmpty()) {
                made.add(flow.carrier(output));
            }
        }
        return made;
    }

    private static long bytes(int carrier, Dataflow flow, TensorFacts facts) {
        return facts.bytes(flow.carriers().get(carrier));
    }

    /** Each constant once, found backwards from the nodes through those that are copied to every side. */
    private static long weightBytes(Graph graph, TensorFacts facts, BitSet nodes, Collection<String> kept) {
        long[] bytes = {0};
        Set<String> met = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        kept.stream().filter(name -> isCopied(graph, name)).forEach(open::add);
        nodes.stream().mapToObj(graph::node).forEach(node -> {
            open.addAll(node.reads());
            bytes[0] += inside(graph, node);
        });
        while (!open.isEmpty()) {
            String name = open.pop();
            if (!met.add(name)) {
                continue;
            }
            bytes[0] += stored(graph, name);
            if (isComputed(graph, facts, name)) {
                bytes[0] += facts.elements(name) * COMPUTED_ELEMENT_BYTES;
            } else if (isCopied(graph, name)) {
                GraphNode maker = graph.node(graph.value(name).producer());
                // A node with several outputs is met once for each; its own tensors count with the first.
                if (name.equals(firstOutput(maker))) {
                    bytes[0] += inside(graph, maker);
                }
                open.addAll(maker.reads());
            }
        }
        return bytes[0];
    }

    /** Whether an engine keeps the result rather than what it is made of, and how large that is is known. */
    private static boolean isComputed(Graph graph, TensorFacts facts, String name) {
        int producer = graph.value(name).producer();
        return producer >= 0
                && graph.node(producer).role() == GraphNode.Role.CONSTANT
                && !STORED.contains(graph.node(producer).op())
                && facts.elements(name) > 0;
    }

    private static boolean isCopied(Graph graph, String name) {
        int producer = graph.value(name).producer();
        return producer >= 0 && graph.node(producer).role() != GraphNode.Role.ANCHORED;
    }

    private static String firstOutput(GraphNode node) {
        return node.outputs().stream()
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static long stored(Graph graph, String name) {
        TensorProto tensor = graph.initializers().get(name);
        SparseTensorProto sparse = graph.sparseInitializers().get(name);
        if (sparse != null) {
            return length(graph, sparse.getValues()) + length(graph, sparse.getIndices());
        }
        return tensor == null ? 0 : length(graph, tensor);
    }

    /** Tensors among a node's attributes and in its bodies. */
    private static long inside(Graph graph, GraphNode node) {
        long[] bytes = {0};
        try {
            TensorWalk.node(node.proto(), tensor -> bytes[0] += length(graph, tensor));
        } catch (ModelException never) {
            throw new AssertionError("the visitor throws nothing", never);
        }
        return bytes[0];
    }

    private static long length(Graph graph, TensorProto tensor) {
        return graph.model().data(tensor).length();
    }
}
