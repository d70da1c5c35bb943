package dev.cleave.partition.split;

import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.edge.EdgeChoice;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Answers are not kept as often as was asked for, however they are coded or heads are run; the message is one line that names a point. */
public final class UnmetBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient EdgeChoice edge;

    private UnmetBudgetException(String message, EdgeChoice edge) {
        super(message);
        this.edge = edge;
    }

    /** What devices would have run. */
    EdgeChoice edge() {
        return edge;
    }

    /** @param why in one line, which names the point */
    static UnmetBudgetException because(String why, EdgeChoice edge) {
        return new UnmetBudgetException(why, edge);
    }

    /**
     * @param edge what devices would have run
     * @param calibrated all points, at least one of which does not meet the budget
     * @param tensors of a point, by index
     */
    static UnmetBudgetException of(
            EdgeChoice edge, double wantedAgreement, List<Calibrated> calibrated, IntFunction<List<String>> tensors) {
        Calibrated closest = calibrated.stream()
                .filter(point -> !point.met())
                .max(Comparator.comparingDouble(point -> point.chosenBy().agreement()))
                .orElseThrow();
        double bound = Budget.bound(wantedAgreement);
        long unmet = calibrated.stream().filter(point -> !point.met()).count();
        String message = String.format(
                Locale.ROOT,
                "%d of %d points keep fewer than %.1f %% of the answers however they are coded; closest is %s with %.1f %%"
                        + " at %.0f bytes (%s)",
                unmet,
                calibrated.size(),
                bound * 100,
                String.join("+", tensors.apply(closest.measurement().point())),
                closest.chosenBy().agreement() * 100,
                closest.chosenBy().wireBytes(),
                closest.chosenBy().label());
        return new UnmetBudgetException(message, edge);
    }
}
