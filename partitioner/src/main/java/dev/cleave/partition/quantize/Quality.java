package dev.cleave.partition.quantize;

import dev.cleave.answer.Proportion;

/**
 * How close a quantised model's answers were to the float model's on inputs that its ranges were not found from.
 *
 * @param inputs how many
 * @param agreeing of them, with the same answer
 * @param relativeError of the outputs: the mean over inputs and outputs of the Euclidean norm of the difference over that
 *     of the float model's output
 */
public record Quality(int inputs, int agreeing, double relativeError) {
    /** Share of inputs with the same answer; 1 where there are none. */
    public double agreement() {
        return inputs == 0 ? 1 : agreeing / (double) inputs;
    }

    /** Whether no larger share of inputs disagrees than is allowed ({@link Proportion#misses}), and outputs are close. */
    boolean isWithin(QuantizeSettings settings) {
        return !new Proportion(agreeing, inputs).misses(settings.maxDisagreement())
                && relativeError <= settings.maxRelativeError();
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
