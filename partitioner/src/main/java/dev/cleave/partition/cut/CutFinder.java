package dev.cleave.partition.cut;

import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the points at which a graph can be cut.
 *
 * <p>A cut is a set of nodes that holds all that its members depend on. There are exponentially many; the candidates
 * here are the closure of every node, which includes every point that all paths go through, and the prefixes of one
 * topological order. Bodies of control flow are inside their node and so never cut. Any other such set may be asked
 * for with {@link Cuts#at}.
 *
 * <p>State stays on one side of a cut: a head either reads no input that is state, or makes what that is fed back from and leaves nothing after
 * it that reads it. Candidates that hold a part of it are completed by the rest.
 */
public final class CutFinder {
    /** Nodes times candidates that are held at once: 64 MiB for each of the two kinds. */
    private static final long MOST_BITS = 1L << 29;

    private final Dataflow flow;
    private final TensorFacts facts;
    private final List<StatePair> state;
    private final FusionGroups fusion;
    private final Requantization requantization;
    private final List<List<Integer>> groups;
    private final BitSet working;

    private CutFinder(Dataflow flow, TensorFacts facts, List<StatePair> state) {
        this.flow = flow;
        this.facts = facts;
        this.state = state;
        this.fusion = new FusionGroups(flow);
        this.groups = fusion.groups();
        this.requantization = new Requantization(flow);
        this.working = working(flow);
    }

    /**
     * @param facts types of the graph's tensors; one of which nothing is known is refused at a boundary
     * @param state tensors that loop back from one run to the next
     * @throws ModelException if a state pair names what is no input or no output
     */
    public static Cuts find(Dataflow flow, TensorFacts facts, List<StatePair> state) throws ModelException {
        for (StatePair pair : state) {
            if (!flow.graph().inputs().containsKey(pair.input())
                    || !flow.graph().outputs().containsKey(pair.output())) {
                throw new ModelException("state pair \"" + pair.input() + "\", \"" + pair.output()
                        + "\": expected the name of an input and of an output of the model");
            }
        }
        return new CutFinder(flow, facts, state).find();
    }

    private Cuts find() {
        Map<List<String>, Cut> offered = new LinkedHashMap<>();
        List<Refusal> refusals = new ArrayList<>();
        for (BitSet head : candidates()) {
            Cut cut = cutAfter(head);
            String reason = refusalOf(cut);
            reason = reason == null ? whyNotOffered(cut) : reason;
            if (reason == null) {
                offered.putIfAbsent(cut.boundary(), cut);
            } else {
                refusals.add(new Refusal(cut.shortPoint(), reason));
            }
        }
        return new Cuts(this, new ArrayList<>(offered.values()), refusals);
    }

    /** State that is used after the point alone is nothing that crosses it. */
    private Cut cutAfter(BitSet head) {
        Cut cut = Cut.after(head, flow);
        Set<String> staying = new HashSet<>();
        for (StatePair pair : state) {
            if (!cut.earlyOutputs().contains(pair.output())) {
                staying.add(pair.input());
            }
        }
        return staying.isEmpty() ? cut : cut.without(staying);
    }

    Optional<Cut> offered(BitSet head) {
        Cut cut = cutAfter(head);
        boolean legal = refusalOf(cut) == null && whyNotOffered(cut) == null;
        return legal ? Optional.of(cut) : Optional.empty();
    }

    List<List<Integer>> groups() {
        return groups;
    }

    Cut at(List<String> tensors) throws ModelException {
        BitSet head = new BitSet();
        for (String tensor : tensors) {
            Value value = flow.graph().value(tensor);
            if (value == null) {
                throw new ModelException("cut at \"" + tensor + "\": the main graph has no such tensor; expected one"
                        + " that a node makes (inspect lists the cuts)");
            }
            if (value.constant()) {
                throw new ModelException("cut at \"" + tensor + "\": it depends on no input, so it never crosses");
            }
            for (int carrier : flow.behind(tensor)) {
                addClosure(flow.producer(carrier), head);
            }
        }
        Cut cut = cutAfter(head);
        String reason = refusalOf(cut);
        if (reason != null && stateRefusal(cut) != null) {
            BitSet completed = (BitSet) head.clone();
            completeState(completed);
            Cut whole = cutAfter(completed);
            if (refusalOf(whole) == null && whole.boundary().containsAll(carriersOf(tensors))) {
                cut = whole;
                reason = null;
            }
        }
        if (reason != null) {
            throw new ModelException("cut at \"" + String.join("+", tensors) + "\": " + reason);
        }
        for (String tensor : tensors) {
            requireCrossing(tensor, cut);
        }
        return cut;
    }

    private List<String> carriersOf(List<String> tensors) {
        List<String> carriers = new ArrayList<>();
        for (String tensor : tensors) {
            for (int carrier : flow.behind(tensor)) {
                carriers.add(flow.carriers().get(carrier));
            }
        }
        return carriers;
    }

    private void requireCrossing(String tensor, Cut cut) throws ModelException {
        for (int carrier : flow.behind(tensor)) {
            if (!cut.boundary().contains(flow.carriers().get(carrier))) {
                throw new ModelException("cut at \"" + tensor + "\": nothing after the point uses it");
            }
        }
    }

    private List<BitSet> candidates() {
        BitSet stateNodes = new BitSet();
        for (StatePair pair : state) {
            for (int carrier : flow.behind(pair.output())) {
                addClosure(flow.producer(carrier), stateNodes);
            }
        }
        int[] nodes = flow.anchored().stream().toArray();
        Set<BitSet> heads = new HashSet<>();
        int step = step(nodes.length);
        for (int i = 0; i < nodes.length; i += step) {
            BitSet head = (BitSet) stateNodes.clone();
            addClosure(nodes[i], head);
            completeState(head);
            heads.add(head);
            if (!state.isEmpty()) {
                BitSet before = new BitSet();
                addClosure(nodes[i], before);
                completeState(before);
                heads.add(before);
            }
        }
        heads.addAll(prefixes(nodes, step));
        // The whole graph is no cut; it needs no refusal either.
        heads.remove(flow.anchored());
        List<BitSet> sorted = new ArrayList<>(heads);
        sorted.sort(Comparator.comparingInt(BitSet::cardinality).thenComparing(CutFinder::compareBits));
        return sorted;
    }

    /** Where a head reads or makes a part of some state it gets all of it, and what else reads it. */
    private void completeState(BitSet head) {
        int before;
        do {
            before = head.cardinality();
            for (StatePair pair : state) {
                if (reads(head, pair.input()) || makes(head, pair.output())) {
                    for (int carrier : flow.behind(pair.output())) {
                        addClosure(flow.producer(carrier), head);
                    }
                    addReaders(pair.input(), head);
                }
            }
        } while (head.cardinality() > before);
    }

    private boolean makes(BitSet head, String output) {
        for (int carrier : flow.behind(output)) {
            int producer = flow.producer(carrier);
            if (producer >= 0 && head.get(producer)) {
                return true;
            }
        }
        return false;
    }

    private boolean reads(BitSet head, String input) {
        return head.stream().anyMatch(node -> isReadBy(node, input));
    }

    private void addReaders(String input, BitSet head) {
        flow.anchored().stream().filter(node -> isReadBy(node, input)).forEach(node -> addClosure(node, head));
    }

    private boolean isReadBy(int node, String input) {
        for (int carrier : flow.reads(node)) {
            if (flow.carriers().get(carrier).equals(input)) {
                return true;
            }
        }
        return false;
    }

    /** In graphs so large that a set of nodes for each node would fill the memory only every so many are tried. */
    private static int step(int nodes) {
        return 1 + (int) ((long) nodes * nodes / MOST_BITS);
    }

    /** Prefixes of the topological order that hold whole fusion groups. */
    private List<BitSet> prefixes(int[] nodes, int step) {
        List<BitSet> prefixes = new ArrayList<>();
        BitSet prefix = new BitSet();
        BitSet open = new BitSet();
        Map<Integer, Integer> missing = new HashMap<>();
        groups.forEach(group -> missing.put(fusion.root(group.get(0)), group.size()));
        for (int i = 0; i < nodes.length; i++) {
            prefix.set(nodes[i]);
            int root = fusion.root(nodes[i]);
            int left = missing.merge(root, -1, Integer::sum);
            open.set(root, left > 0);
            if (open.isEmpty() && i % step == 0) {
                prefixes.add((BitSet) prefix.clone());
            }
        }
        return prefixes;
    }

    private static int compareBits(BitSet one, BitSet other) {
        BitSet differing = (BitSet) one.clone();
        differing.xor(other);
        int first = differing.nextSetBit(0);
        return first < 0 ? 0 : one.get(first) ? -1 : 1;
    }

    /** Adds a node and all that it depends on; -1 (an input of the model) adds nothing. */
    private void addClosure(int node, BitSet closed) {
        Deque<Integer> open = new ArrayDeque<>();
        open.push(node);
        while (!open.isEmpty()) {
            int next = open.pop();
            if (next >= 0 && !closed.get(next)) {
                closed.set(next);
                for (int carrier : flow.reads(next)) {
                    open.push(flow.producer(carrier));
                }
            }
        }
    }

    /** Why a cut is impossible; null if it is legal. */
    private String refusalOf(Cut cut) {
        if (cut.size() == 0) {
            return "nothing is made before it; that is point 0, where the inputs cross";
        }
        if (cut.lateOutputs().isEmpty()) {
            return "every output is made before it; that is the last point, where nothing crosses";
        }
        if (cut.boundary().isEmpty()) {
            return "nothing crosses it: the outputs after it depend on nothing before it";
        }
        for (String tensor : cut.boundary()) {
            if (facts.spec(tensor) == null) {
                return "tensor \"" + tensor + "\" cannot cross: "
                        + facts.refused().getOrDefault(tensor, "its type is not known");
            }
        }
        return stateRefusal(cut);
    }

    private String stateRefusal(Cut cut) {
        for (StatePair pair : state) {
            boolean kept = cut.earlyOutputs().contains(pair.output());
            if (kept && cut.boundary().contains(pair.input())) {
                return "it would ship state: \"" + pair.input() + "\" (fed back from \"" + pair.output()
                        + "\") is used after it";
            }
            if (!kept && reads(cut.head(), pair.input())) {
                return "it would ship state: \"" + pair.output() + "\" (fed back to \"" + pair.input()
                        + "\") is made after it";
            }
        }
        return null;
    }

    /** Why a legal cut is not among those on offer; null if it is. */
    private String whyNotOffered(Cut cut) {
        for (List<Integer> group : groups) {
            boolean first = cut.isInHead(group.get(0));
            for (int node : group) {
                if (cut.isInHead(node) != first) {
                    return "it separates " + label(group.get(0)) + " from " + label(group.get(group.size() - 1))
                            + ", which run as one";
                }
            }
        }
        for (String tensor : cut.boundary()) {
            if (requantization.involves(tensor)) {
                return "tensor \"" + tensor + "\" is quantised twice in a row, which engines do once";
            }
        }
        boolean worksBefore = working.intersects(cut.head());
        BitSet after = (BitSet) working.clone();
        after.andNot(cut.head());
        if (!working.isEmpty() && (!worksBefore || after.isEmpty())) {
            return "all that computes lies " + (worksBefore ? "before" : "after") + " it";
        }
        return null;
    }

    private String label(int node) {
        return flow.graph().node(node).label();
    }

    /**
     * One line that says why a graph has no legal cut, if its structure alone tells; else null. Nothing has to be known
     * of its tensors, so this can be asked of a model that does not run.
     */
    public static String impossibleBecause(Dataflow flow) {
        BitSet anchored = flow.anchored();
        if (anchored.isEmpty()) {
            return "no legal cut: no output depends on a node that reads an input";
        }
        BitSet body = body(flow);
        GraphNode first = flow.graph().node(body.nextSetBit(0));
        return body.cardinality() == 1 && first.hasBody()
                ? "no legal cut: the whole network is inside one " + first.label() + ", and a body is never cut through"
                : null;
    }

    /** The nodes that compute; all, if none does. */
    private static BitSet body(Dataflow flow) {
        BitSet working = working(flow);
        return working.isEmpty() ? flow.anchored() : working;
    }

    /** Nodes that compute, as opposed to plumbing. */
    private static BitSet working(Dataflow flow) {
        BitSet working = new BitSet();
        flow.anchored().stream()
                .filter(node -> !Plumbing.isPlumbing(flow.graph().node(node)))
                .forEach(working::set);
        return working;
    }

    String noneBecause(List<Refusal> refusals) {
        String impossible = impossibleBecause(flow);
        if (impossible != null) {
            return impossible;
        }
        BitSet body = body(flow);
        if (body.cardinality() == 1) {
            return "no legal cut: one node, " + label(body.nextSetBit(0)) + ", does all the work";
        }
        BitSet anchored = flow.anchored();
        if (groups.size() == 1
                && groups.get(0).containsAll(anchored.stream().boxed().toList())) {
            return "no legal cut: the whole network runs as one, from " + label(anchored.nextSetBit(0)) + " to "
                    + label(anchored.length() - 1);
        }
        return "no legal cut: none of " + refusals.size() + " points will do; the first, \""
                + refusals.get(0).point() + "\": " + refusals.get(0).reason();
    }
}
