package dev.cleave.partition.profile;

import dev.cleave.partition.cut.Cut;

/**
 * How long the head and the tail of a cut took, run in turn with those of other cuts.
 *
 * @param head as the device runs it
 * @param tail as the gateway runs it
 * @param gatewayHead the head as the gateway would run it: what the device saves or loses by running another model
 */
public record CutTime(Cut cut, Timings head, Timings tail, Timings gatewayHead) {
    /** Both sides run the same. */
    public CutTime(Cut cut, Timings head, Timings tail) {
        this(cut, head, tail, head);
    }

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

    /** Both halves as the gateway runs them. */
    public CutTime onGateway() {
        return new CutTime(cut, gatewayHead, tail);
    }
}
