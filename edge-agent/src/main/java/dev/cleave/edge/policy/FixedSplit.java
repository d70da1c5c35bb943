package dev.cleave.edge.policy;

/** Always the same point, whatever the link does; that bundle and view allow it is checked before. */
public record FixedSplit(int point) implements SplitPolicy {
    @Override
    public int choose(Situation situation) {
        return point;
    }
}
