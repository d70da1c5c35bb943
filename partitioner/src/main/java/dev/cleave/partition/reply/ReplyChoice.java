package dev.cleave.partition.reply;

import dev.cleave.codec.CodecParams.Quant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How somebody wants one output to be coded on the way back.
 *
 * @param output name of the model's output
 * @param form one of the codecs for outputs
 * @param number levels of {@code QUANT}, k of {@code TOP_K}, else 0
 */
public record ReplyChoice(String output, Form form, int number) {
    /** The codecs. */
    public enum Form {
        RAW,
        FP16,
        QUANT,
        TOP_K
    }

    private static final Pattern PATTERN = Pattern.compile("(.+)=(raw|fp16|quant|quant:(\\d{1,3})|topk:(\\d{1,8}))");

    /**
     * Reads {@code NAME=raw}, {@code NAME=fp16}, {@code NAME=quant}, {@code NAME=quant:LEVELS} or {@code NAME=topk:K}.
     *
     * @throws IllegalArgumentException naming the text and the forms
     */
    public static ReplyChoice parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        ReplyChoice choice = matcher.matches() ? of(matcher) : null;
        if (choice == null
                || choice.form == Form.TOP_K && choice.number < 1
                || choice.form == Form.QUANT
                        && (choice.number < Quant.MIN_LEVELS || choice.number > Quant.MAX_LEVELS)) {
            throw new IllegalArgumentException("reply \"" + text
                    + "\"; expected NAME=raw, NAME=fp16, NAME=quant[:LEVELS] with 2 to 256 levels, or NAME=topk:K with K of"
                    + " at least 1");
        }
        return choice;
    }

    private static ReplyChoice of(Matcher matcher) {
        String name = matcher.group(1);
        if (matcher.group(3) != null) {
            return new ReplyChoice(name, Form.QUANT, Integer.parseInt(matcher.group(3)));
        }
        if (matcher.group(4) != null) {
            return new ReplyChoice(name, Form.TOP_K, Integer.parseInt(matcher.group(4)));
        }
        return switch (matcher.group(2)) {
            case "raw" -> new ReplyChoice(name, Form.RAW, 0);
            case "fp16" -> new ReplyChoice(name, Form.FP16, 0);
            default -> new ReplyChoice(name, Form.QUANT, Quant.MAX_LEVELS);
        };
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return output + "="
                + switch (form) {
                    case RAW -> "raw";
                    case FP16 -> "fp16";
                    case QUANT -> "quant:" + number;
                    case TOP_K -> "topk:" + number;
                };
    }
}
