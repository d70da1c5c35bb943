package dev.cleave.partition.quantize;

/**
 * How close a quantised model's answers were to the float model's on inputs that its ranges were not found from.
 *
 * @param inputs how many
 * @param agreeing of them, with the same answer
 * @param relativeError of the outputs: the mean over inputs and outputs of the Euclidean norm of the difference over that
 *     of the float model's output
 */
public record Quality(int inputs, int agreeing, double relativeError) {
    /** A share of inputs times their number may be a little less than the whole number that is meant. */
    private static final double ROUNDING = 1e-9;

    /** Share of inputs with the same answer; 1 where there are none. */
    public double agreement() {
        return inputs == 0 ? 1 : agreeing / (double) inputs;
    }

    /** Whether no larger share of inputs disagrees than is allowed (of few inputs: none), and outputs are close. */
    boolean isWithin(QuantizeSettings settings) {
        return inputs - agreeing <= Math.floor(settings.maxDisagreement() * inputs + ROUNDING)
                && relativeError <= settings.maxRelativeError();
    }

    /**
     * Whether this is to be preferred. An answer more or less among a few dozen is chance, and the outputs' error is not: of two
     * that are within the budget, or miss it by less than a whole input, the one with less error; else the one with more answers.
     */
    boolean isBetterThan(Quality other, QuantizeSettings settings) {
        if (isNearly(settings) != other.isNearly(settings)) {
            return isNearly(settings);
        }
        return isNearly(settings) || agreeing == other.agreeing
                ? relativeError < other.relativeError
                : agreeing > other.agreeing;
    }

    /** {@link #isWithin}, rounded up to a whole input. */
    private boolean isNearly(QuantizeSettings settings) {
        return inputs - agreeing <= Math.ceil(settings.maxDisagreement() * inputs)
                && relativeError <= settings.maxRelativeError();
    }
}
