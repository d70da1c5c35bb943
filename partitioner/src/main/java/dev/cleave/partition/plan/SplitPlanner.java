package dev.cleave.partition.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.ProfileException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures what a decision needs: the facade of planning. Profiles the machines that it has no profile of (this one
 * stands in for them), predicts every cut, runs the few that may win, and calibrates what they send.
 *
 * <p>One thread. What it gives, {@link CostTable}, answers for any link through {@link Decision}.
 */
public final class SplitPlanner {
    private final Instruments instruments;

    /** @param engine stays the caller's */
    public SplitPlanner(
            Engine engine, SessionOptions options, String toolVersion, Progress progress, LongSupplier nanoClock) {
        this(engine, options, toolVersion, progress, nanoClock, CodecChoices.ALL);
    }

    /** The same, with boundaries coded by one of a few codecs. */
    public SplitPlanner(
            Engine engine,
            SessionOptions options,
            String toolVersion,
            Progress progress,
            LongSupplier nanoClock,
            CodecChoices choices) {
        this.instruments = new Instruments(engine, options, toolVersion, progress, nanoClock, choices);
    }

    /**
     * Measures the candidates of a model.
     *
     * <p>A model without a legal cut, or with none after the floor, gets the rows that are no cuts.
     *
     * @throws ModelException if the preprocessing does not fit the model
     * @throws ProfileException if a profile is of another model, or has no time for the expected batch
     */
    public CostTable measure(PlanRequest request) throws IOException, EngineException, CodecException {
        return measure(List.of(request)).get(0);
    }

    /** Measures these cuts and no others, nested or not. */
    public CostTable measure(PlanRequest request, List<Cut> cuts) throws IOException, EngineException, CodecException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return begin(request, scratch).of(cuts);
        }
    }

    /**
     * Measures the candidates of a model for several devices, links and objectives. Each has a shortlist of its own, and its
     * table knows of no other; what two shortlists share is run once, interleaved with all else.
     *
     * @param requests at least one; they may differ in {@code edgeSlowdown}, {@code link}, {@code objective} and
     *     {@code constraints}, the constraints' agreement apart
     * @return a table for each, in their order
     * @throws IllegalArgumentException if they differ in anything else
     */
    public List<CostTable> measure(List<PlanRequest> requests) throws IOException, EngineException, CodecException {
        PlanRequest first = requests.get(0);
        for (int i = 1; i < requests.size(); i++) {
            if (!requests.get(i).sharesMeasurementsWith(first)) {
                throw new IllegalArgumentException("request " + i + " asks for other measurements than request 0;"
                        + " expected the same but for slowdown, link, objective, memory and floor");
            }
        }
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return begin(first, scratch).candidates(requests);
        }
    }

    /**
     * Begins to measure a model, for a caller that asks for more once it has seen the candidates: profiles the machines.
     *
     * @param scratch the caller's; has to stay as long as the run is used
     * @throws ModelException if the preprocessing does not fit the model
     * @throws ProfileException if a profile is of another model, or has no time for the expected batch
     */
    public PlanRun begin(PlanRequest request, ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        return new PlanRun(instruments, request, scratch);
    }
}
