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

    /**
     * Whether no larger share of inputs disagrees than is allowed, and outputs are close. Unless none is allowed, one input may
     * disagree however few there are: some input is all but a tie between two answers.
     */
    boolean isWithin(QuantizeSettings settings) {
        double share = settings.maxDisagreement();
        double allowed = share == 0 ? 0 : Math.max(1, Math.floor(share * inputs + ROUNDING));
        return inputs - agreeing <= allowed && relativeError <= settings.maxRelativeError();
    }

    /**
     * Whether this is to be preferred. An answer more or less among a few dozen is chance, and the outputs' error is not: of two
     * within the budget the one with less error; else the one with more answers.
     */
    boolean isBetterThan(Quality other, QuantizeSettings settings) {
        if (isWithin(settings) != other.isWithin(settings)) {
            return isWithin(settings);
        }
        return isWithin(settings) || agreeing == other.agreeing
                ? relativeError < other.relativeError
                : agreeing > other.agreeing;
    }
}
