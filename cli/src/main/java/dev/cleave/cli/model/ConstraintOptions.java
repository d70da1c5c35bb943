package dev.cleave.cli.model;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.ModelException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What a split has to keep to, for verbs that choose points. Each verb declares {@code --max-disagreement} itself, as it
 * says there what follows from it, and hands the value on.
 */
final class ConstraintOptions {
    private static final double DEFAULT_DISAGREEMENT = 0.02;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(
            names = "--not-before",
            paramLabel = "TENSOR",
            description = "Nothing made before this tensor may leave the device.")
    private String notBefore;

    private double maxDisagreement = DEFAULT_DISAGREEMENT;

    /**
     * @param share of {@code --max-disagreement}; null for the default
     * @throws ParameterException unless it is a share
     */
    void setMaxDisagreement(Double share) {
        if (share != null && !(share >= 0 && share <= 1)) {
            throw new ParameterException(verb.commandLine(), "--max-disagreement " + share + ": expected 0 to 1");
        }
        maxDisagreement = share == null ? DEFAULT_DISAGREEMENT : share;
    }

    /** Share of answers that may differ from the unsplit model's, 0..1. */
    double maxDisagreement() {
        return maxDisagreement;
    }

    /** What a coding has to reach on the samples that choose it, 0..1. */
    double wantedAgreement() {
        return Budget.wanted(maxDisagreement);
    }

    /** The tensor before which nothing may leave the device, or null. */
    String notBefore() {
        return notBefore;
    }

    /**
     * The earliest cut that may be used, or null.
     *
     * @throws ModelException if the model cannot be cut at the tensor
     */
    Cut floor(ModelSummary summary) throws ModelException {
        return notBefore == null ? null : summary.cuts().at(List.of(notBefore));
    }
}
