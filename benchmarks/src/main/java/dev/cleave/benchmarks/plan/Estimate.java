package dev.cleave.benchmarks.plan;

import dev.cleave.partition.profile.Timings;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Something measured, and what it might as well have been: its bootstrap replicates, replicate by replicate of the same
 * rounds as those of all other estimates. Immutable.
 */
final class Estimate {
    private final double value;
    private final double[] replicates;

    private Estimate(double value, double[] replicates) {
        this.value = value;
        this.replicates = replicates;
    }

    /** The median of some runs. */
    static Estimate ofMedian(Timings runs, Bootstrap bootstrap) {
        return new Estimate(runs.median(), bootstrap.medians(runs));
    }

    double value() {
        return value;
    }

    Estimate times(double factor) {
        return map(each -> each * factor);
    }

    Estimate plus(double constant) {
        return map(each -> each + constant);
    }

    Estimate plus(Estimate other) {
        return with(other, Double::sum);
    }

    Estimate over(Estimate other) {
        return with(other, (one, another) -> one / another);
    }

    /** The least of each replicate; at least one estimate. */
    static Estimate least(List<Estimate> estimates) {
        return estimates.stream()
                .reduce((one, other) -> one.with(other, Math::min))
                .orElseThrow();
    }

    Interval interval() {
        return Interval.of(value, replicates);
    }

    private Estimate map(DoubleUnaryOperator change) {
        return new Estimate(
                change.applyAsDouble(value),
                Arrays.stream(replicates).map(change).toArray());
    }

    private Estimate with(Estimate other, DoubleBinaryOperator joined) {
        double[] values = new double[replicates.length];
        Arrays.setAll(values, i -> joined.applyAsDouble(replicates[i], other.replicates[i]));
        return new Estimate(joined.applyAsDouble(value, other.value), values);
    }
}
