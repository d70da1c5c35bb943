package dev.cleave.partition.profile;

import dev.cleave.partition.cut.Cut;

/** How long the head and the tail of a cut took, run in turn with those of other cuts. */
public record CutTime(Cut cut, Timings head, Timings tail) {
    /** Median. */
    public double headMillis() {
        return head.median();
    }

    /** Median. */
    public double tailMillis() {
        return tail.median();
    }

    /** Number of runs of each. */
    public int runs() {
        return head.runs();
    }

    /** Distance between the quartiles of head and tail together, as a share of their median. */
    public double spread() {
        return head.plus(tail).spread();
    }
}
