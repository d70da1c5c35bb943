package dev.cleave.partition.cut;

import dev.cleave.partition.graph.Dataflow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * A division of a graph's anchored nodes into a head, which needs nothing from the tail, and the tail. Immutable.
 *
 * <p>Boundary tensors are in a fixed order: inputs of the model first, then by the nodes that make them.
 *
 * @param head indices of the anchored nodes before the cut
 * @param boundary every tensor made or fed before the cut and used after it
 * @param earlyOutputs outputs of the graph that the head makes (or that are inputs or constants); they do not cross
 *     for that reason alone
 * @param lateOutputs outputs of the graph that the tail makes
 */
public record Cut(BitSet head, List<String> boundary, List<String> earlyOutputs, List<String> lateOutputs) {
    public Cut {
        head = (BitSet) head.clone();
        boundary = List.copyOf(boundary);
        earlyOutputs = List.copyOf(earlyOutputs);
        lateOutputs = List.copyOf(lateOutputs);
    }

    /** The cut after a set of anchored nodes, which must hold all that its members depend on. */
    public static Cut after(BitSet head, Dataflow flow) {
        BitSet crossing = new BitSet();
        BitSet tail = flow.anchored();
        tail.andNot(head);
        tail.stream().forEach(node -> {
            for (int carrier : flow.reads(node)) {
                if (isBefore(carrier, head, flow)) {
                    crossing.set(carrier);
                }
            }
        });
        List<String> boundary = new ArrayList<>();
        crossing.stream().forEach(carrier -> boundary.add(flow.carriers().get(carrier)));
        List<String> early = new ArrayList<>();
        List<String> late = new ArrayList<>();
        for (String output : flow.graph().outputs().keySet()) {
            boolean made = true;
            for (int carrier : flow.behind(output)) {
                made &= isBefore(carrier, head, flow);
            }
            (made ? early : late).add(output);
        }
        return new Cut(head, boundary, early, late);
    }

    private static boolean isBefore(int carrier, BitSet head, Dataflow flow) {
        int producer = flow.producer(carrier);
        return producer < 0 || head.get(producer);
    }

    /** The same without tensors that stay on the side where they are used: state that the tail alone reads. */
    Cut without(Set<String> staying) {
        List<String> crossing = new ArrayList<>(boundary);
        crossing.removeAll(staying);
        return new Cut(head, crossing, earlyOutputs, lateOutputs);
    }

    /** A copy. */
    @Override
    public BitSet head() {
        return (BitSet) head.clone();
    }

    public boolean isInHead(int node) {
        return head.get(node);
    }

    /** Number of anchored nodes before the cut. */
    public int size() {
        return head.cardinality();
    }

    /** True if every node before this cut is before the other one too. */
    public boolean isWithin(Cut other) {
        BitSet rest = head();
        rest.andNot(other.head);
        return rest.isEmpty();
    }

    /** The point's name, {@code TENSOR[+TENSOR..]}: its whole boundary. */
    public String point() {
        return String.join("+", boundary);
    }

    /** The point's name for messages: of a wide boundary the first tensors and how many there are. */
    public String shortPoint() {
        int shown = Math.min(boundary.size(), 4);
        return String.join("+", boundary.subList(0, shown))
                + (shown < boundary.size() ? "+(" + (boundary.size() - shown) + " more)" : "");
    }
}
