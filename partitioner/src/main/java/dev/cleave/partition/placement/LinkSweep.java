package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The cheapest heads of one network over a range of links.
 *
 * <p>On a link that is slower by a factor f a head costs {@code a + f * b}: a line, as a and b do not depend on the link.
 * The least of all heads is the lower envelope of lines, which is concave. So a head that is cheapest on two links is
 * cheapest on every link between them, and none of those has to be solved. This is how Eisner and Severance, "Mathematical
 * Techniques for Efficient Record Segmentation in Large Shared Databases" (JACM 23(4), 1976), find all breakpoints of a
 * parametric problem; here the links to look at are given, and the search halves their range.
 */
public final class LinkSweep {
    private final PlacementProblem problem;
    private final double[] factors;
    private final List<BitSet> heads = new ArrayList<>();

    private LinkSweep(PlacementProblem problem, double[] factors) {
        this.problem = problem;
        this.factors = factors;
    }

    /**
     * Distinct heads, each of which is cheapest on some of the links.
     *
     * @param factors by which {@code problem}'s ship and return costs are multiplied, rising
     * @return in the order of the links; empty if there is no legal head
     */
    public static List<BitSet> cheapestHeads(PlacementProblem problem, double... factors) {
        LinkSweep sweep = new LinkSweep(problem, factors);
        int last = factors.length - 1;
        if (last >= 0) {
            Optional<BitSet> slowest = sweep.solve(last);
            sweep.solve(0).ifPresent(fastest -> {
                sweep.add(fastest);
                sweep.addBetween(0, fastest, last, slowest.orElseThrow());
                sweep.add(slowest.orElseThrow());
            });
        }
        return sweep.heads;
    }

    private void addBetween(int fast, BitSet fastHead, int slow, BitSet slowHead) {
        if (slow - fast < 2 || fastHead.equals(slowHead)) {
            return;
        }
        int middle = (fast + slow) >>> 1;
        BitSet head = solve(middle).orElseThrow();
        addBetween(fast, fastHead, middle, head);
        add(head);
        addBetween(middle, head, slow, slowHead);
    }

    private void add(BitSet head) {
        if (!heads.contains(head)) {
            heads.add(head);
        }
    }

    /** Whether there is a legal head does not depend on the link. */
    private Optional<BitSet> solve(int link) {
        return MinCut.solve(problem.onLink(factors[link])).map(Placement::head);
    }
}
