package dev.cleave.engine.tflite;

/**
 * The operators whose kernels divide by their options, and which of these must therefore be positive. Numbers are those of
 * {@code BuiltinOperator}, {@code BuiltinOptions} and the options' fields in TensorFlow Lite's schema.
 */
enum OptionRule {
    AVERAGE_POOL_2D(1, 5, Padding.FIRST_FIELD, 1, 2, 3, 4),
    MAX_POOL_2D(17, 5, Padding.FIRST_FIELD, 1, 2, 3, 4),
    L2_POOL_2D(12, 5, Padding.FIRST_FIELD, 1, 2, 3, 4),
    CONV_2D(3, 1, Padding.FIRST_FIELD, 1, 2, 4, 5),
    DEPTHWISE_CONV_2D(4, 2, Padding.FIRST_FIELD, 1, 2, 3, 5, 6),
    TRANSPOSE_CONV(67, 49, Padding.FIRST_FIELD, 1, 2),
    DEPTH_TO_SPACE(5, 94, Padding.NONE, 0),
    SPACE_TO_DEPTH(26, 19, Padding.NONE, 0);

    private enum Padding {
        NONE,
        FIRST_FIELD
    }

    private static final int OPTIONS_TYPE = 3;
    private static final int OPTIONS = 4;
    private static final int VALID = 1;

    private final int kind;
    private final int optionsType;
    private final Padding padding;
    private final int[] positive;

    OptionRule(int kind, int optionsType, Padding padding, int... positive) {
        this.kind = kind;
        this.optionsType = optionsType;
        this.padding = padding;
        this.positive = positive;
    }

    /** Checks an operator if there is a rule for its kind. */
    static void check(int kind, FlatTable operator) throws MalformedGraphException {
        for (OptionRule rule : values()) {
            if (rule.kind == kind) {
                rule.check(operator);
            }
        }
    }

    private void check(FlatTable operator) throws MalformedGraphException {
        FlatTable options = operator.table(OPTIONS);
        if (options == null || operator.byteAt(OPTIONS_TYPE, 0) != optionsType) {
            throw new MalformedGraphException("operator " + this + " has no options of its kind");
        }
        int pads = padding == Padding.NONE ? 0 : options.byteAt(0, 0);
        if (pads < 0 || pads > VALID) {
            throw new MalformedGraphException(
                    "operator " + this + " has padding " + pads + "; expected 0 (SAME) or 1 (VALID)");
        }
        for (int field : positive) {
            int value = options.intAt(field, absent(field));
            if (value < 1) {
                throw new MalformedGraphException("operator " + this + " has " + value + " in field " + field
                        + " of its options; expected at least 1");
            }
        }
    }

    /** Dilations are 1 where they are not written, all else is 0. */
    private int absent(int field) {
        return this == CONV_2D && field >= 4 || this == DEPTHWISE_CONV_2D && field >= 5 ? 1 : 0;
    }
}
