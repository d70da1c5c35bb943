package dev.cleave.partition.reduce;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces one large output by what its users read from it, along its last axis.
 *
 * <p>{@code argmax} leaves {@code NAME.argmax} (int64) and {@code NAME.max}; {@code topk:K} leaves {@code NAME.topk_indices}
 * (int64) and {@code NAME.topk_values}. The output's names say what was done, so the same reduction can be applied to
 * another copy of the model.
 *
 * @param output name of the model's output
 * @param k 0 for argmax, else the K of top-k
 */
public record Reduction(String output, int k) {
    static final String ARGMAX = ".argmax";
    static final String MAX = ".max";
    static final String TOPK_INDICES = ".topk_indices";
    static final String TOPK_VALUES = ".topk_values";

    private static final Pattern FORM = Pattern.compile("(.+)=(argmax|topk:(\\d{1,6}))");

    /**
     * Reads {@code NAME=argmax} or {@code NAME=topk:K}.
     *
     * @throws IllegalArgumentException naming the text and the two forms
     */
    public static Reduction parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || "0".equals(matcher.group(3))) {
            throw new IllegalArgumentException(
                    "output reduction \"" + text + "\"; expected NAME=argmax or NAME=topk:K with K of at least 1");
        }
        return new Reduction(matcher.group(1), matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3)));
    }

    String indices() {
        return output + (k == 0 ? ARGMAX : TOPK_INDICES);
    }

    String values() {
        return output + (k == 0 ? MAX : TOPK_VALUES);
    }
}
