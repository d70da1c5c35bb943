package dev.cleave.partition.cut;

import dev.cleave.partition.graph.ModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Points 1..k of a bundle: cuts of one graph, each head within the next one's. Immutable. */
public final class Ladder {
    private final List<Cut> points;

    private Ladder(List<Cut> points) {
        this.points = List.copyOf(points);
    }

    /**
     * Orders cuts of one graph by the size of their heads.
     *
     * @throws ModelException naming two points that are not nested, or are the same
     */
    public static Ladder of(List<Cut> cuts) throws ModelException {
        List<Cut> sorted = new ArrayList<>(cuts);
        sorted.sort(Comparator.comparingInt(Cut::size));
        for (int i = 1; i < sorted.size(); i++) {
            Cut lower = sorted.get(i - 1);
            Cut upper = sorted.get(i);
            if (!lower.isWithin(upper) || lower.size() == upper.size()) {
                throw new ModelException("points \"" + lower.shortPoint() + "\" and \"" + upper.shortPoint() + "\" are "
                        + (lower.isWithin(upper)
                                ? "the same"
                                : "not nested: each needs nodes that the other does not"));
            }
        }
        return new Ladder(sorted);
    }

    /** Point 1 first. */
    public List<Cut> points() {
        return points;
    }

    /** k. */
    public int size() {
        return points.size();
    }
}
