package dev.cleave.benchmarks.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.profile.Timings;
import java.util.List;

/**
 * A candidate on a link, as planned and as it then ran.
 *
 * @param chosen whether the plan chose it
 * @param answers one for each request, as {@code infer --json} prints them
 */
record RoundTripRow(String model, ShapedLink link, Candidate planned, boolean chosen, List<JsonNode> answers) {
    /** The stages of the waterfall that a plan knows; what is left of the total is nobody's. */
    enum Stage {
        HEAD("headMillis"),
        ENCODE("encodeMillis"),
        NETWORK("networkMillis"),
        DECODE("decodeMillis"),
        TAIL("tailMillis");

        private final String field;

        Stage(String field) {
            this.field = field;
        }
    }

    double predictedMillis() {
        return planned.totalMillis();
    }

    double predictedMillis(Stage stage) {
        return switch (stage) {
            case HEAD -> planned.cost().headMillis();
            case ENCODE -> planned.cost().encodeMillis();
            case NETWORK -> planned.uplinkMillis() + planned.downlinkMillis();
            case DECODE -> planned.cost().decodeMillis();
            case TAIL -> planned.cost().tailMillis();
        };
    }

    double measuredMillis() {
        return median(answers.stream()
                .mapToDouble(answer -> answer.get("totalMillis").asDouble())
                .toArray());
    }

    double measuredMillis(Stage stage) {
        return waterfall(stage.field);
    }

    /** Median of one part of the waterfall. */
    double waterfall(String field) {
        return median(answers.stream()
                .mapToDouble(answer -> answer.get("waterfall").get(field).asDouble())
                .toArray());
    }

    double measuredBytes() {
        return answers.stream()
                .mapToLong(answer -> answer.get("wireBytes").asLong())
                .average()
                .orElse(0);
    }

    /** Measured over predicted, less 1. */
    double error() {
        return measuredMillis() / predictedMillis() - 1;
    }

    boolean isSplit() {
        return planned.cost().kind() == CandidateKind.SPLIT;
    }

    static double median(double[] values) {
        return Timings.of(values).median();
    }
}
