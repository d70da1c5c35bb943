package dev.cleave.partition.plan;

import dev.cleave.answer.Proportion;
import dev.cleave.partition.cut.Cut;

/**
 * What a candidate may not do.
 *
 * @param maxDisagreement share of inputs whose answer may differ from the unsplit model's, 0..1
 * @param edgeMemoryBytes that the device has for weights and live tensors, or {@link #UNLIMITED}
 * @param floor the privacy floor: the earliest cut that may be used; nothing before it leaves the device. Null for none
 */
public record Constraints(double maxDisagreement, long edgeMemoryBytes, Cut floor) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** What sums of decimal shares are off by: 1 - 0.7 is more than 3 of 10. */
    private static final double ROUNDING = 1e-9;

    public Constraints {
        if (!(maxDisagreement >= 0 && maxDisagreement <= 1) || edgeMemoryBytes < 0) {
            throw new IllegalArgumentException("constraints of " + maxDisagreement + " disagreement and "
                    + edgeMemoryBytes + " bytes; expected 0..1, and 0 or more");
        }
    }

    /**
     * Whether answers change too often. Where it is known of how many inputs the share is, one may change, however few they are: some
     * input is all but a tie between two answers ({@link Proportion#misses}). Where the share is not known nothing is held against it.
     *
     * @param agreement share of answers that stay the same, 0..1, or NaN
     * @param inputs that it was counted on; 0 where that is not known
     */
    public boolean areMissedBy(double agreement, int inputs) {
        if (Double.isNaN(agreement)) {
            return false;
        }
        return inputs == 0
                ? agreement < 1 - maxDisagreement - ROUNDING
                : Proportion.ofShare(agreement, inputs).misses(maxDisagreement);
    }

    /** One answer in fifty may differ. */
    public static Constraints defaults() {
        return new Constraints(0.02, UNLIMITED, null);
    }
}
