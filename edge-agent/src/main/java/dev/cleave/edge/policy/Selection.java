package dev.cleave.edge.policy;

/**
 * What was chosen, and all that its reason needs.
 *
 * @param best what would have been chosen without a point to keep
 * @param margin by which another one would have had to be better
 * @param inTime which choices met the deadline
 */
record Selection(Options options, Prediction chosen, Prediction best, double margin, InTime inTime) {
    /** What it took to meet the deadline. */
    enum InTime {
        DEFAULT_LEVELS,
        COARSER_LEVELS,
        NONE
    }

    int point() {
        return chosen.point();
    }
}
