package dev.cleave.edge.events;

import java.util.Objects;

/**
 * An answer of the gateway, compared with that of a second run of the same request.
 *
 * @param splitPoint at which the request had been answered
 * @param level quality level that its boundary was coded at
 * @param reference where the second run was: {@code LOCAL} on the device alone, or {@code CLOUD} with the inputs sent as they
 *     are
 * @param precision of the graphs that the second run used, as far as the device knows: {@code fp32}, {@code fp16}, {@code int8}
 * @param rule what counts as the same answer: {@code equal}, {@code top-1} or {@code l2<=5%}
 * @param rows compared
 * @param agreed of these, those with the same answer
 */
public record ShadowCheck(
        int splitPoint, String level, Source reference, String precision, String rule, int rows, int agreed) {
    public ShadowCheck {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(reference, "reference");
        Objects.requireNonNull(precision, "precision");
        Objects.requireNonNull(rule, "rule");
        if (agreed < 0 || agreed > rows) {
            throw new IllegalArgumentException(agreed + " of " + rows + " rows agree; expected 0 to all of them");
        }
    }
}
