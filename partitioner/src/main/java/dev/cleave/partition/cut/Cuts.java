package dev.cleave.partition.cut;

import dev.cleave.partition.graph.ModelException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The points at which a graph can be cut. Immutable. */
public final class Cuts {
    private final CutFinder finder;
    private final List<Cut> all;
    private final List<Refusal> refusals;

    Cuts(CutFinder finder, List<Cut> all, List<Refusal> refusals) {
        this.finder = finder;
        this.all = List.copyOf(all);
        this.refusals = List.copyOf(refusals);
    }

    /**
     * The points on offer, smallest head first: after every node (with all that it depends on), and along one
     * topological order. Points that differ only in nodes that no boundary tensor needs are there once.
     */
    public List<Cut> all() {
        return all;
    }

    /** Only those on offer that pass; any other can still be asked for by its tensors. */
    public Cuts only(Predicate<Cut> wanted) {
        return new Cuts(finder, all.stream().filter(wanted).toList(), refusals);
    }

    /** Candidate points that are not on offer, and why. */
    public List<Refusal> refusals() {
        return refusals;
    }

    /**
     * The point after which these tensors are made: the head is all that they depend on. The boundary holds them and
     * what else has to cross; a dequantised tensor stands for its integers.
     *
     * @throws ModelException naming the tensor or the point, and why it is refused
     */
    public Cut at(List<String> tensors) throws ModelException {
        return finder.at(tensors);
    }

    /** The point after a set of anchored nodes, if it could be on offer: legal, and dividing nothing that runs as one. */
    public Optional<Cut> after(BitSet head) {
        return finder.offered(head);
    }

    /** Nodes that run as one and are never divided; those that are alone are left out. */
    public List<List<Integer>> groups() {
        return finder.groups();
    }

    /** One line that says why no point is on offer, or null if there are some. */
    public String noneBecause() {
        return all.isEmpty() ? finder.noneBecause(refusals) : null;
    }
}
