package dev.cleave.partition.edge;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.graph.ModelException;
import java.util.Locale;

/**
 * What devices are to run, and why. Immutable.
 *
 * @param model in integers, or null: devices run the float model
 * @param reason why not, in one line; empty if there was nothing to decide, or {@code model} is there
 * @param floatMillis median of the whole float model on this machine; NaN if nothing was timed
 * @param integerMillis of the whole in integers, in the same rounds
 */
public record EdgeChoice(EdgeModel model, String reason, double floatMillis, double integerMillis) {
    /** The float model, and nobody asked for another one. */
    public static final EdgeChoice FLOAT = new EdgeChoice(null, "", Double.NaN, Double.NaN);

    static EdgeChoice floatBecause(String reason) {
        return new EdgeChoice(null, reason, Double.NaN, Double.NaN);
    }

    /** What was measured, and the float model in spite of it. */
    public EdgeChoice inFloat(String because) {
        return new EdgeChoice(null, because, floatMillis, integerMillis);
    }

    /** The float model's summary with those cuts on offer at which the device can stop. */
    public ModelSummary offered(ModelSummary summary) {
        return model == null
                ? summary
                : new ModelSummary(
                        summary.model(), summary.state(), summary.cuts().only(model::offers), summary.work());
    }

    /** This choice if the device can stop at every point of a ladder; else the float model. */
    public EdgeChoice orFloat(Ladder ladder) {
        try {
            if (model != null) {
                model.at(ladder);
            }
            return this;
        } catch (ModelException refused) {
            return inFloat(refused.getMessage());
        }
    }

    /** Time in integers over time in float; 1 where devices run the float model. */
    public double pace() {
        return model == null ? 1 : integerMillis / floatMillis;
    }

    /** What was decided, in one line for people; empty if there was nothing to decide. */
    public String summary() {
        if (model == null) {
            return reason.isEmpty() ? "" : "heads in float: " + reason;
        }
        return String.format(
                Locale.ROOT,
                "heads in INT8: weights %.2fx, whole %.2f ms against %.2f ms in float (%.2fx%s); %d nodes in integers, %d in"
                        + " float",
                model.report().weightsRatio(),
                integerMillis,
                floatMillis,
                pace(),
                pace() > 1 ? ", SLOWER" : "",
                model.report().integerNodes().size(),
                model.report().floatNodes().size());
    }
}
