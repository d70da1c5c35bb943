package dev.cleave.benchmarks.plan;

import dev.cleave.partition.plan.SplitPlan.Candidate;

/**
 * How good a plan was in one cell, a model on a link with a device, as measured by the oracle afterwards.
 *
 * @param chosen the planner's candidate, with the total that it predicted
 * @param oracleBest the oracle's choice in words
 * @param overBest total of the planner's choice over the least total of all
 * @param overUnsplit total of the planner's choice over the least of LOCAL and CLOUD
 * @param speedup total of the CLOUD that sends floats, over that of the planner's choice
 */
record CellVerdict(
        String model,
        ShapedLink link,
        double slowdown,
        Candidate chosen,
        String oracleBest,
        Interval overBest,
        Interval overUnsplit,
        double speedup) {
    /** How much slower than the best is as good as the best. */
    static final double TOLERANCE = 1.05;

    /** Whether it is not certainly worse than the oracle's. */
    boolean isNearBest() {
        return overBest.low() <= TOLERANCE;
    }

    /** Whether it is not certainly worse than not splitting at all. */
    boolean isNearUnsplit() {
        return overUnsplit.low() <= TOLERANCE;
    }
}
