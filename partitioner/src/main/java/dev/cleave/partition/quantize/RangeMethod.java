package dev.cleave.partition.quantize;

/**
 * How the range of an activation follows from the values that were seen: a wide one has coarse steps, a narrow one cuts
 * off the largest values (Nagel et al., A White Paper on Neural Network Quantization, 2021, section 3.1).
 */
public enum RangeMethod {
    /** From the smallest to the largest. */
    MIN_MAX("min-max") {
        @Override
        Range of(Histogram values) {
            return values.all();
        }
    },
    /** Leaves out one value in 100,000 at each end. */
    PERCENTILE_99_999("percentile 99.999") {
        @Override
        Range of(Histogram values) {
            return values.within(1e-5);
        }
    },
    /** Leaves out one value in 10,000 at each end. */
    PERCENTILE_99_99("percentile 99.99") {
        @Override
        Range of(Histogram values) {
            return values.within(1e-4);
        }
    },
    /** With the least mean squared error between values and their integers. */
    MSE("mse") {
        @Override
        Range of(Histogram values) {
            Range best = values.all();
            for (int round = 0; round < ROUNDS; round++) {
                best = bestHigh(values, best);
                best = bestLow(values, best);
            }
            return best;
        }
    };

    private static final int ROUNDS = 2;
    private static final int FRACTIONS = 64;
    private static final int LEAST_FRACTION = 8;

    private final String label;

    RangeMethod(String label) {
        this.label = label;
    }

    /** What reports call it. */
    public String label() {
        return label;
    }

    abstract Range of(Histogram values);

    private static Range bestHigh(Histogram values, Range from) {
        Range best = from;
        for (int i = LEAST_FRACTION; i <= FRACTIONS; i++) {
            Range candidate = new Range(from.low(), values.all().high() * i / FRACTIONS);
            best = better(values, best, candidate);
        }
        return best;
    }

    private static Range bestLow(Histogram values, Range from) {
        Range best = from;
        for (int i = LEAST_FRACTION; i <= FRACTIONS; i++) {
            Range candidate = new Range(values.all().low() * i / FRACTIONS, from.high());
            best = better(values, best, candidate);
        }
        return best;
    }

    private static Range better(Histogram values, Range one, Range other) {
        return values.error(other, Range.STEPS) < values.error(one, Range.STEPS) ? other : one;
    }
}
