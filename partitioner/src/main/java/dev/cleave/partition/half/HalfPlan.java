package dev.cleave.partition.half;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.Value;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Decides which nodes of a float graph run in 16-bit floats, and which of its weights are stored so. One thread. */
final class HalfPlan {
    private final Graph graph;
    private final TensorFacts facts;
    private final String prefix;
    private final BitSet halved = new BitSet();
    /** Nodes that a convolution or matrix product depends on. */
    private final BitSet inner = new BitSet();

    /** Whether a convolution or matrix product depends on another. */
    private final boolean deep;

    /** By the weight's name; those of bounds apart. */
    private final Map<String, HalfWeights> weights = new HashMap<>();

    private final Map<String, HalfWeights> bounds = new HashMap<>();
    private final List<String> refusals = new ArrayList<>();

    private HalfPlan(Graph graph, TensorFacts facts) {
        this.graph = graph;
        this.facts = facts;
        this.prefix = freePrefix(graph);
        for (int index = graph.nodes().size() - 1; index >= 0; index--) {
            inner.set(index, leadsToSeed(graph.node(index)));
        }
        this.deep = graph.nodes().stream().anyMatch(node -> HalfOperators.isSeed(node) && inner.get(node.index()));
    }

    private boolean leadsToSeed(GraphNode node) {
        for (String output : node.outputs()) {
            Value value = graph.value(output);
            if (value != null
                    && value.consumers().stream()
                            .anyMatch(reader -> inner.get(reader) || HalfOperators.isSeed(graph.node(reader)))) {
                return true;
            }
        }
        return false;
    }

    private static String freePrefix(Graph graph) {
        StringBuilder prefix = new StringBuilder("cleave/half/");
        while (graph.values().stream().anyMatch(value -> value.name().startsWith(prefix.toString()))) {
            prefix.append("half/");
        }
        return prefix.toString();
    }

    /** @param facts by the names of the graph's tensors, as far as they are known */
    static HalfPlan of(Graph graph, TensorFacts facts) {
        HalfPlan plan = new HalfPlan(graph, facts);
        for (GraphNode node : graph.nodes()) {
            if (plan.isHalved(node)) {
                plan.halved.set(node.index());
            }
        }
        return plan;
    }

    /** Whether a node runs in 16 bits. */
    boolean isHalf(int node) {
        return halved.get(node);
    }

    /** Number of nodes that do. */
    int count() {
        return halved.cardinality();
    }

    /** One line for each convolution or matrix product that does not, and why. */
    List<String> refusals() {
        return Collections.unmodifiableList(refusals);
    }

    /** Beginning of names that no tensor of the graph has. */
    String prefix() {
        return prefix;
    }

    /** Whether an input of a node in 16 bits is one of those that are converted. */
    boolean isConverted(GraphNode node, int input) {
        return HalfOperators.isData(node, input) && isFloat(node.inputs().get(input));
    }

    /** Whether a value is a tensor of 32-bit floats, as far as is known. */
    boolean isFloat(String name) {
        TensorProto stored = graph.stored(name);
        TensorSpec spec = facts.spec(name);
        return stored != null
                ? stored.getDataType() == TensorProto.DataType.FLOAT_VALUE
                : spec != null && spec.type() == ElementType.FLOAT32;
    }

    /** What a weight is stored as for a node in 16 bits; null for a value that is computed. */
    TensorProto weight(GraphNode node, int input) {
        HalfWeights found = halfWeights(node, input);
        return found == null ? null : found.tensor();
    }

    private HalfWeights halfWeights(GraphNode node, int input) {
        String name = node.inputs().get(input);
        TensorProto stored = graph.stored(name);
        if (stored == null) {
            return null;
        }
        return HalfOperators.isBound(node, input)
                ? bounds.computeIfAbsent(
                        name, key -> HalfWeights.ofBounds(graph.model(), stored, prefix + "bound/" + name))
                : weights.computeIfAbsent(name, key -> HalfWeights.of(graph.model(), stored, prefix + name));
    }

    private boolean isHalved(GraphNode node) {
        boolean seed = HalfOperators.isSeed(node);
        if (!seed && !(HalfOperators.isFollower(node) && readsHalf(node)) || !isFloatNode(node)) {
            return false;
        }
        String refusal = refusal(node);
        if (seed && refusal != null) {
            refusals.add(node.label() + ": " + refusal);
        }
        return refusal == null;
    }

    private boolean readsHalf(GraphNode node) {
        return node.inputs().stream()
                .map(graph::value)
                .anyMatch(value -> value != null && value.producer() >= 0 && halved.get(value.producer()));
    }

    /** Whether the node's data are 32-bit floats; its indices and shapes may be anything. */
    private boolean isFloatNode(GraphNode node) {
        boolean known = node.captures().isEmpty() && node.outputs().stream().anyMatch(this::isFloat);
        for (String name : node.inputs()) {
            known &= name.isEmpty() || isKnown(name);
        }
        for (String name : node.outputs()) {
            known &= name.isEmpty() || isKnown(name);
        }
        return known;
    }

    /** Null, or why a node has to stay in 32 bits. */
    private String refusal(GraphNode node) {
        for (int input = 0; input < node.inputs().size(); input++) {
            String name = node.inputs().get(input);
            if (name.isEmpty()
                    || !isConverted(node, input)
                    || !graph.value(name).constant()) {
                continue;
            }
            HalfWeights stored = halfWeights(node, input);
            if (stored == null) {
                return "\"" + name + "\" is computed of weights";
            }
            if (stored.refusal() != null) {
                return stored.refusal();
            }
        }
        if (isLast(node)) {
            return "the last sums are made in 32 bits";
        }
        if (node.is("Mul") && node.inputs().get(0).equals(node.inputs().get(1))) {
            return "a square is soon beyond 65504";
        }
        if (node.is("Div") && !graph.value(node.inputs().get(1)).constant()) {
            return "what it divides by may be too small for 16 bits";
        }
        return null;
    }

    /** A matrix product that makes the answer, where there is more to convert than such. */
    private boolean isLast(GraphNode node) {
        boolean product = HalfOperators.isSeed(node) && (node.is("Gemm") || node.is("MatMul"));
        return product && deep && !inner.get(node.index());
    }

    private boolean isKnown(String name) {
        return graph.stored(name) != null || facts.spec(name) != null;
    }
}
