package dev.cleave.edge.policy;

/**
 * The point that requests are cut at until another one is clearly better. Pure; time is an argument; not thread-safe.
 *
 * <p>Better is by {@link #MARGIN}, and by {@link #MARGIN_AFTER_CHANGE} within a second of the last change: a new point
 * brings new measurements, and these are to settle first.
 */
final class InForce {
    static final double MARGIN = 1.1;
    static final double MARGIN_AFTER_CHANGE = 1.2;
    static final long SETTLING_NANOS = 1_000_000_000L;

    static final int NONE = -1;

    private int point = NONE;
    private int level;
    private long changedNanos;
    private boolean changed;

    /** How many times as good another choice has to be now. */
    double margin(long nowNanos) {
        return changed && nowNanos - changedNanos < SETTLING_NANOS ? MARGIN_AFTER_CHANGE : MARGIN;
    }

    /** {@link #NONE} before the first request. */
    int point() {
        return point;
    }

    /** The point in force has another level than the default, for the sake of a deadline. */
    boolean isCoarser() {
        return level > 0;
    }

    void take(int newPoint, int newLevel, long nowNanos) {
        if (point != newPoint && point != NONE) {
            changed = true;
            changedNanos = nowNanos;
        }
        point = newPoint;
        level = newLevel;
    }
}
