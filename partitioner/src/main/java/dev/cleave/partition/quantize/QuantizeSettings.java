package dev.cleave.partition.quantize;

import dev.cleave.engine.SessionOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How to quantise.
 *
 * @param maxDisagreement share of held-out inputs that may get another answer than from the float model
 * @param maxRelativeError of the outputs on those inputs ({@link Quality}); infinite: answers alone count
 * @param methods of finding ranges, of which the best is taken
 * @param keptInFloat names of tensors whose makers stay in float in any case
 * @param isEqualized whether channels of an activation may be brought to like sizes, so that its integers stand for values
 *     of the float model with a scale for each channel
 * @param isThorough whether, where the budget does not hold, the fewest nodes left in float are looked for, with a trial
 *     for each node; else the longest head that can be integers
 * @param mostTrialInputs held-out inputs that a variant is tried on
 * @param options of the sessions that try variants
 * @param runLimit of one run
 */
public record QuantizeSettings(
        double maxDisagreement,
        double maxRelativeError,
        List<RangeMethod> methods,
        Set<String> keptInFloat,
        boolean isEqualized,
        boolean isThorough,
        int mostTrialInputs,
        SessionOptions options,
        Duration runLimit) {
    public QuantizeSettings {
        if (!(maxDisagreement >= 0 && maxDisagreement <= 1)) {
            throw new IllegalArgumentException("disagreement " + maxDisagreement + "; expected 0 .. 1");
        }
        if (methods.isEmpty() || mostTrialInputs < 1) {
            throw new IllegalArgumentException("no method or no trial input; expected at least one of each");
        }
        methods = List.copyOf(methods);
        keptInFloat = Set.copyOf(keptInFloat);
    }

    /** Two inputs in a hundred, all methods, equalised, thorough, at most 128 held-out inputs, one minute a run. */
    public static QuantizeSettings defaults() {
        return new QuantizeSettings(
                0.02,
                Double.POSITIVE_INFINITY,
                List.of(RangeMethod.values()),
                Set.of(),
                true,
                true,
                128,
                SessionOptions.defaults(),
                Duration.ofMinutes(1));
    }

    public QuantizeSettings withMaxDisagreement(double value) {
        return new QuantizeSettings(
                value,
                maxRelativeError,
                methods,
                keptInFloat,
                isEqualized,
                isThorough,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withMaxRelativeError(double value) {
        return new QuantizeSettings(
                maxDisagreement,
                value,
                methods,
                keptInFloat,
                isEqualized,
                isThorough,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withThorough(boolean value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                methods,
                keptInFloat,
                isEqualized,
                value,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withMethods(List<RangeMethod> value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                value,
                keptInFloat,
                isEqualized,
                isThorough,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withKeptInFloat(Set<String> value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                methods,
                value,
                isEqualized,
                isThorough,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withEqualized(boolean value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                methods,
                keptInFloat,
                value,
                isThorough,
                mostTrialInputs,
                options,
                runLimit);
    }

    public QuantizeSettings withMostTrialInputs(int value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                methods,
                keptInFloat,
                isEqualized,
                isThorough,
                value,
                options,
                runLimit);
    }

    public QuantizeSettings withOptions(SessionOptions value) {
        return new QuantizeSettings(
                maxDisagreement,
                maxRelativeError,
                methods,
                keptInFloat,
                isEqualized,
                isThorough,
                mostTrialInputs,
                value,
                runLimit);
    }
}
