package dev.cleave.partition.split;

import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.Calibrated;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** No way of coding keeps the answers as often as was asked for; the message is one line that names the point that comes closest. */
public final class UnmetBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private UnmetBudgetException(String message) {
        super(message);
    }

    /**
     * @param calibrated all points, at least one of which does not meet the budget
     * @param tensors of a point, by index
     */
    static UnmetBudgetException of(
            double wantedAgreement, List<Calibrated> calibrated, IntFunction<List<String>> tensors) {
        Calibrated closest = calibrated.stream()
                .filter(point -> !point.met())
                .max(Comparator.comparingDouble(point -> point.chosenBy().agreement()))
                .orElseThrow();
        return new UnmetBudgetException(String.format(
                Locale.ROOT,
                "--max-disagreement %.4g: cannot be kept at %s; closest is %s, that agrees on %.1f %% of inputs with %.0f bytes (%s);"
                        + " expected %.1f %%",
                1 - Budget.bound(wantedAgreement),
                calibrated.stream().filter(point -> !point.met()).count() + " of " + calibrated.size() + " points",
                String.join("+", tensors.apply(closest.measurement().point())),
                closest.chosenBy().agreement() * 100,
                closest.chosenBy().wireBytes(),
                closest.chosenBy().label(),
                Budget.bound(wantedAgreement) * 100));
    }
}
