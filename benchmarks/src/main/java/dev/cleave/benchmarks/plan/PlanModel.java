package dev.cleave.benchmarks.plan;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeChooser;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model that plans are made for.
 *
 * @param summary of the float model, with those cuts on offer at which the device can stop
 * @param cuts that the float model has
 * @param edge what devices run
 * @param preprocessing without geometry: the pictures have the model's size
 * @param preprocessingFile the same as a file
 * @param pictures folder
 * @param samples the same as the model takes them
 * @param labels file of the pictures' classes, as {@code verify --labels} reads it; null where nobody knows them
 * @param trained false: a topology with seeded weights, whose codec is pinned as its answers mean nothing
 */
public record PlanModel(
        String name,
        ModelSummary summary,
        int cuts,
        EdgeChoice edge,
        Preprocessing preprocessing,
        Path preprocessingFile,
        Path pictures,
        Samples samples,
        Path labels,
        boolean trained) {
    /** What trained networks of this kind need. */
    private static final CodecChoices PINNED = CodecChoices.pinned(24, 90);

    /**
     * The same with devices that run what suits them: quantised once and timed once, as {@code cleave plan} does it, for all
     * that is done with the model afterwards.
     *
     * @throws ModelException if integers were asked for in any case, and cannot be had
     */
    public PlanModel choosing(EdgeMode mode, Engine engine, SessionOptions options, Progress progress)
            throws IOException, EngineException {
        EdgeChoice choice = new EdgeChooser(engine, options, TimingLimits.defaults(), System::nanoTime, progress)
                .choose(summary, mode, samples, maxDisagreement(), ProbeSettings.defaults());
        return new PlanModel(
                name,
                choice.offered(summary),
                cuts,
                choice,
                preprocessing,
                preprocessingFile,
                pictures,
                samples,
                labels,
                trained);
    }

    /** What devices run, and how many of the legal cuts they have, in one line. */
    public String describeEdge() {
        String heads = edge.summary().isEmpty() ? "heads in float" : edge.summary();
        return name + ": " + heads + "; " + summary.cuts().all().size() + " of " + cuts + " legal cuts on offer";
    }

    public CodecChoices choices() {
        return trained ? CodecChoices.ALL : PINNED;
    }

    public double maxDisagreement() {
        return trained ? Constraints.defaults().maxDisagreement() : 1;
    }

    /** That a way of coding has to reach on the samples which choose it. */
    public double wantedAgreement() {
        return trained ? Budget.wanted(maxDisagreement()) : 0;
    }

    public Constraints constraints() {
        return new Constraints(maxDisagreement(), Constraints.UNLIMITED, null);
    }
}
