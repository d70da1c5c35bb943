package dev.cleave.partition.split;

import dev.cleave.answer.Proportion;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.tails.TailCheck;
import java.util.List;
import java.util.Locale;

/** What tails in 16-bit floats may change of the answers: as much as any point may. Pure. */
final class HalfTailBudget {
    private HalfTailBudget() {}

    /**
     * @param rows of the tails, each with its boundary coded as by default
     * @param metric name of the agreement metric
     * @param edge what devices would have run
     * @throws UnmetBudgetException naming the first point at which more answers change than may
     */
    static void requireMet(List<TailCheck.Row> rows, double maxDisagreement, String metric, EdgeChoice edge) {
        for (TailCheck.Row row : rows) {
            Proportion agreeing = row.agreeing();
            if (agreeing.misses(maxDisagreement)) {
                String why = String.format(
                        Locale.ROOT,
                        "the fp16 tail of point %d agrees on %d of %d inputs (%s); expected %.1f %%",
                        row.point(),
                        agreeing.count(),
                        agreeing.of(),
                        metric,
                        (1 - maxDisagreement) * 100);
                throw UnmetBudgetException.because(why, edge);
            }
        }
    }
}
