package dev.cleave.partition.cut;

import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that an engine runs as one, or should: a convolution with its batch normalisation and activation, a gated
 * activation such as {@code x * sigmoid(x)}, a spelled-out layer normalisation, anything with the QuantizeLinear behind
 * it. A cut inside such a group would undo the fusion on both sides, so that other roundings are made than in the whole
 * model, and ship a worse tensor than the one just behind it (before the activation it is not clipped, before the
 * quantisation it is four times as wide).
 *
 * <p>Nodes are joined only along a value that nothing outside the group reads and that is no output of the graph, so
 * every group has one exit and joining never makes a cycle.
 */
final class FusionGroups {
    private static final Set<String> LINEAR =
            Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "InstanceNormalization");
    private static final Set<String> FOLDED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
    private static final Set<String> ACTIVATIONS = Set.of(
            "Relu",
            "Clip",
            "LeakyRelu",
            "PRelu",
            "Elu",
            "Selu",
            "Celu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Tanh",
            "Softplus",
            "Softsign",
            "ThresholdedRelu",
            "Gelu",
            "Mish",
            "Erf");
    private static final Set<String> ARITHMETIC = Set.of("Add", "Sub", "Mul", "Div");
    private static final int LONGEST_GATE = 6;

    private final Dataflow flow;
    private final Graph graph;
    private final Map<Integer, Integer> parents = new HashMap<>();
    private final BitSet joined = new BitSet();

    FusionGroups(Dataflow flow) {
        this.flow = flow;
        this.graph = flow.graph();
        BitSet anchored = flow.anchored();
        anchored.stream().forEach(node -> parents.put(node, node));
        anchored.stream().mapToObj(graph::node).forEach(this::joinNormalization);
        anchored.stream().mapToObj(graph::node).forEach(this::joinGate);
        anchored.stream().mapToObj(graph::node).forEach(this::joinFollower);
    }

    /** The groups of two or more nodes, each ascending, in order of their first nodes. */
    List<List<Integer>> groups() {
        Map<Integer, List<Integer>> byRoot = new LinkedHashMap<>();
        flow.anchored().stream()
                .forEach(node -> byRoot.computeIfAbsent(root(node), key -> new ArrayList<>())
                        .add(node));
        List<List<Integer>> groups = new ArrayList<>(byRoot.values());
        groups.removeIf(group -> group.size() < 2);
        return groups;
    }

    /** A number that two nodes share if they are in one group. */
    int root(int node) {
        int root = node;
        while (parents.get(root) != root) {
            root = parents.get(root);
        }
        for (int at = node; at != root; ) {
            at = parents.put(at, root);
        }
        return root;
    }

    private void join(int one, int other) {
        parents.put(root(one), root(other));
        joined.set(one);
        joined.set(other);
    }

    /** Joins a node with the only reader of its only output, where the two are usually fused. */
    private void joinFollower(GraphNode node) {
        GraphNode follower = onlyReader(node);
        if (follower == null) {
            return;
        }
        boolean quantises = follower.op().equals("QuantizeLinear");
        boolean normalises = follower.is("BatchNormalization") && FOLDED.contains(node.op());
        boolean activates = isActivation(follower) && (LINEAR.contains(node.op()) || isSum(node) || isScaling(node));
        boolean biases =
                isScaling(follower) && (LINEAR.contains(node.op()) || isScaling(node) && joined.get(node.index()));
        if (quantises || normalises || activates || biases) {
            join(node.index(), follower.index());
        }
    }

    private void joinNormalization(GraphNode division) {
        Set<Integer> nodes = new SpelledNormalization(flow).endingAt(division);
        nodes.forEach(node -> join(node, division.index()));
        // Its scale and its shift.
        GraphNode last = division;
        for (int i = 0; i < 2 && !nodes.isEmpty(); i++) {
            GraphNode follower = onlyReader(last);
            if (follower == null || !isScaling(follower)) {
                return;
            }
            join(last.index(), follower.index());
            last = follower;
        }
    }

    /** {@code x * f(x)}: joins the product, the nodes of f, and what makes x when only these read it. */
    private void joinGate(GraphNode product) {
        if (!product.is("Mul") || product.inputs().size() != 2) {
            return;
        }
        for (int side = 0; side < 2; side++) {
            String gated = product.inputs().get(side);
            List<Integer> gate = gateBetween(gated, product.inputs().get(1 - side));
            if (!gate.isEmpty()) {
                gate.forEach(node -> join(node, product.index()));
                joinMaker(gated, gate, product);
                GraphNode follower = onlyReader(product);
                if (follower != null && isScaling(follower)) {
                    join(product.index(), follower.index());
                }
                return;
            }
        }
    }

    private void joinMaker(String gated, List<Integer> gate, GraphNode product) {
        Value value = graph.value(gated);
        if (value.producer() < 0 || value.output() || flow.carrier(gated) < 0) {
            return;
        }
        GraphNode maker = graph.node(value.producer());
        boolean readElsewhere =
                liveReaders(value).stream().anyMatch(reader -> reader != product.index() && !gate.contains(reader));
        if (!readElsewhere && (LINEAR.contains(maker.op()) || isSum(maker) || isScaling(maker))) {
            join(maker.index(), product.index());
        }
    }

    /** Nodes of an elementwise chain from {@code from} to {@code to} that nothing else reads; empty if there is none. */
    private List<Integer> gateBetween(String from, String to) {
        List<Integer> chain = new ArrayList<>();
        String at = to;
        while (!at.equals(from)) {
            Value value = graph.value(at);
            if (flow.carrier(at) < 0
                    || value.producer() < 0
                    || value.output()
                    || liveReaders(value).size() != 1) {
                return List.of();
            }
            GraphNode node = graph.node(value.producer());
            if (chain.size() == LONGEST_GATE || !isActivation(node) && !isScaling(node)) {
                return List.of();
            }
            chain.add(node.index());
            at = flow.carriers().get(flow.reads(node.index())[0]);
        }
        return chain;
    }

    /** The one node that reads the one output of a node, if it is an anchored one and the value is no output. */
    private GraphNode onlyReader(GraphNode node) {
        List<String> outputs =
                node.outputs().stream().filter(name -> !name.isEmpty()).toList();
        if (outputs.size() != 1) {
            return null;
        }
        Value value = graph.value(outputs.get(0));
        List<Integer> readers = liveReaders(value);
        if (value.output() || readers.size() != 1) {
            return null;
        }
        GraphNode reader = graph.node(readers.get(0));
        return reader.role() == GraphNode.Role.ANCHORED ? reader : null;
    }

    private List<Integer> liveReaders(Value value) {
        return value.consumers().stream().filter(flow::isLive).toList();
    }

    private boolean isActivation(GraphNode node) {
        return ACTIVATIONS.contains(node.op()) && readsOne(node);
    }

    /** Arithmetic with a constant: bias, scale, the steps of a hard activation. */
    private boolean isScaling(GraphNode node) {
        return node.domain().isEmpty()
                && ARITHMETIC.contains(node.op())
                && readsOne(node)
                && node.inputs().stream().anyMatch(name -> graph.value(name).constant());
    }

    private static boolean isSum(GraphNode node) {
        return node.is("Add") || node.is("Sum");
    }

    private boolean readsOne(GraphNode node) {
        return node.role() == GraphNode.Role.ANCHORED && flow.reads(node.index()).length == 1;
    }
}
