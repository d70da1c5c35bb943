package dev.cleave.partition.cut;

import dev.cleave.partition.graph.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Cuts of one graph, any at all, as the fewest ladders that hold each of them once.
 *
 * <p>Nesting is a partial order, so the fewest chains that cover it are found by a largest matching of cuts to
 * successors (Fulkerson, "Note on Dilworth's decomposition theorem for partially ordered sets", 1956): every cut begins
 * a chain of its own unless it is matched as the successor of another.
 */
public final class NestedChains {
    private final List<Cut> cuts;
    /** The cut that comes after each in its chain, or -1; and the one before. */
    private final int[] next;

    private final int[] before;

    private NestedChains(List<Cut> cuts) {
        this.cuts = cuts;
        next = new int[cuts.size()];
        before = new int[cuts.size()];
        Arrays.fill(next, -1);
        Arrays.fill(before, -1);
    }

    /** The fewest ladders; a cut that is there twice is taken once. */
    public static List<Ladder> of(Collection<Cut> cuts) throws ModelException {
        List<Cut> sorted = new ArrayList<>(new LinkedHashSet<>(cuts));
        sorted.sort(Comparator.comparingInt(Cut::size));
        NestedChains chains = new NestedChains(sorted);
        for (int cut = 0; cut < sorted.size(); cut++) {
            chains.match(cut, new boolean[sorted.size()]);
        }
        return chains.ladders();
    }

    /** Finds a successor for a cut; those that have one already may be given another. */
    private boolean match(int cut, boolean[] tried) {
        for (int successor = 0; successor < cuts.size(); successor++) {
            if (tried[successor] || !isBefore(cut, successor)) {
                continue;
            }
            tried[successor] = true;
            if (before[successor] < 0 || match(before[successor], tried)) {
                before[successor] = cut;
                next[cut] = successor;
                return true;
            }
        }
        return false;
    }

    private boolean isBefore(int cut, int other) {
        return cuts.get(cut).size() < cuts.get(other).size() && cuts.get(cut).isWithin(cuts.get(other));
    }

    private List<Ladder> ladders() throws ModelException {
        List<Ladder> ladders = new ArrayList<>();
        for (int first = 0; first < cuts.size(); first++) {
            if (before[first] < 0) {
                List<Cut> chain = new ArrayList<>();
                for (int cut = first; cut >= 0; cut = next[cut]) {
                    chain.add(cuts.get(cut));
                }
                ladders.add(Ladder.of(chain));
            }
        }
        return ladders;
    }
}
