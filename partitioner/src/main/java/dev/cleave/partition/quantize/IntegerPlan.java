package dev.cleave.partition.quantize;

import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which operators of a prepared graph run on integers, and which tensors are integers therefore. Immutable.
 *
 * <p>A product with weights always may. What computes without weights follows where its inputs are integers already,
 * as it would gain nothing from quantising them; what moves values follows where its input is, or where a product reads
 * its result. Tensors that one moves to the other share scale and zero point.
 */
final class IntegerPlan {
    private final Graph graph;
    private final Dataflow flow;
    private final Map<Integer, Unit> units = new LinkedHashMap<>();
    private final Map<String, Unit> makers = new HashMap<>();
    private final Set<String> quantized = new LinkedHashSet<>();
    private final Map<String, String> parents = new HashMap<>();
    private final Set<Integer> floatResults = new HashSet<>();

    /**
     * Plans a graph.
     *
     * @param found by the index of their node
     * @param kept nodes that stay in float
     */
    IntegerPlan(Dataflow flow, Map<Integer, Unit> found, Collection<Integer> kept) {
        this.flow = flow;
        this.graph = flow.graph();
        Set<Integer> wanted = wantedMoves(found, kept);
        for (Unit unit : found.values()) {
            if (!kept.contains(unit.node().index()) && follows(unit, wanted)) {
                units.put(unit.node().index(), unit);
                outputs(unit).forEach(output -> makers.put(output, unit));
            }
        }
        for (Unit unit : units.values()) {
            collect(unit);
        }
    }

    /** Moves of values that nothing made integers yet, and whose result a product with weights reads. */
    private Set<Integer> wantedMoves(Map<Integer, Unit> found, Collection<Integer> kept) {
        List<Unit> reversed = new ArrayList<>(found.values());
        Collections.reverse(reversed);
        Set<Integer> wanted = new HashSet<>();
        for (Unit unit : reversed) {
            boolean serves = unit.kind() == Unit.Kind.MOVING
                    && readers(unit.output()).stream()
                            .anyMatch(reader -> wanted.contains(reader)
                                    || !kept.contains(reader)
                                            && found.containsKey(reader)
                                            && found.get(reader).kind() == Unit.Kind.LINEAR);
            if (serves && !kept.contains(unit.node().index())) {
                wanted.add(unit.node().index());
            }
        }
        return wanted;
    }

    private boolean follows(Unit unit, Set<Integer> wanted) {
        return switch (unit.kind()) {
            case LINEAR -> true;
            case COMPUTING -> dataInputs(unit).stream().allMatch(makers::containsKey);
            case MOVING, LIMITING ->
                makers.containsKey(unit.node().inputs().get(0))
                        || wanted.contains(unit.node().index());
        };
    }

    private void collect(Unit unit) {
        quantized.addAll(dataInputs(unit));
        if (mayGiveFloats(unit)) {
            floatResults.add(unit.node().index());
            makers.remove(unit.output());
            return;
        }
        quantized.addAll(outputs(unit));
        if (unit.keepsScale()) {
            for (String output : outputs(unit)) {
                parents.put(output, unit.node().inputs().get(0));
            }
        }
    }

    /** A matrix product whose result only floats read need not round it to 8 bits. */
    private boolean mayGiveFloats(Unit unit) {
        return (unit.node().is("Gemm") || unit.node().is("MatMul"))
                && unit.activation() == null
                && readers(unit.output()).stream().noneMatch(units::containsKey);
    }

    private List<Integer> readers(String name) {
        Value value = graph.value(name);
        return value.consumers().stream().filter(flow::isLive).toList();
    }

    /** What a unit computes with, without stored operands and shapes. */
    List<String> dataInputs(Unit unit) {
        List<String> inputs = unit.node().inputs();
        List<String> candidates = unit.kind() == Unit.Kind.COMPUTING ? inputs : inputs.subList(0, 1);
        return candidates.stream().filter(name -> !graph.value(name).constant()).toList();
    }

    private static List<String> outputs(Unit unit) {
        GraphNode last = unit.activation() == null ? unit.node() : unit.activation();
        return last.outputs().stream().filter(name -> !name.isEmpty()).toList();
    }

    Graph graph() {
        return graph;
    }

    /** Nodes that run on integers, by index, ascending. */
    Map<Integer, Unit> units() {
        return Collections.unmodifiableMap(units);
    }

    /** Whether a node is the activation of a unit, done by its quantisation. */
    boolean isAbsorbed(GraphNode node) {
        Unit maker = makers.get(node.outputs().get(0));
        return maker != null && maker.activation() == node;
    }

    /** Names of the tensors that are integers, in the float model's terms. */
    Set<String> quantized() {
        return Collections.unmodifiableSet(quantized);
    }

    /** Whether integers are all that the quantised model has of a tensor. */
    boolean isMadeByUnit(String tensor) {
        return makers.containsKey(tensor);
    }

    /** Whether a unit's result stays a float tensor. */
    boolean givesFloats(Unit unit) {
        return floatResults.contains(unit.node().index());
    }

    /** The tensor whose scale and zero point a quantised tensor has: itself, or what it was moved from. */
    String root(String tensor) {
        String root = tensor;
        while (parents.containsKey(root)) {
            root = parents.get(root);
        }
        return root;
    }

    /** The activation that limits a tensor, or null. */
    GraphNode activationOf(String tensor) {
        Unit maker = makers.get(tensor);
        return maker == null ? null : maker.activation();
    }
}
