package dev.cleave.partition.plan;

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

    public Constraints {
        if (!(maxDisagreement >= 0 && maxDisagreement <= 1) || edgeMemoryBytes < 0) {
            throw new IllegalArgumentException("constraints of " + maxDisagreement + " disagreement and "
                    + edgeMemoryBytes + " bytes; expected 0..1, and 0 or more");
        }
    }

    /** One answer in fifty may differ. */
    public static Constraints defaults() {
        return new Constraints(0.02, UNLIMITED, null);
    }
}
