package dev.cleave.partition.calibrate;

import java.util.Comparator;
import java.util.List;

/**
 * What can be had for how many bytes at one cut: the only thing that the planner knows of codecs. Immutable.
 *
 * @param levels by rising bytes; at least one
 */
public record CodecCurve(List<Level> levels) {
    /**
     * One way of encoding the boundary.
     *
     * @param label what reports call it, {@code quant:16/channel}
     * @param wireBytes mean payload bytes for one row
     * @param agreement share of inputs with the same answer as the unsplit model, 0..1; NaN where it was not measured
     */
    public record Level(String label, double wireBytes, double agreement) {}

    public CodecCurve {
        levels = levels.stream()
                .sorted(Comparator.comparingDouble(Level::wireBytes))
                .toList();
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("codec curve without a level; expected at least one");
        }
    }

    /** A curve of one level. */
    public static CodecCurve of(String label, double wireBytes, double agreement) {
        return new CodecCurve(List.of(new Level(label, wireBytes, agreement)));
    }

    /**
     * The level with the fewest bytes that agrees often enough. Levels of unknown agreement count as good enough; if no
     * level reaches it, the one that agrees most.
     */
    public Level cheapest(double wantedAgreement) {
        Level best = levels.get(0);
        for (Level level : levels) {
            if (Double.isNaN(level.agreement()) || level.agreement() >= wantedAgreement) {
                return level;
            }
            best = level.agreement() > best.agreement() ? level : best;
        }
        return best;
    }
}
