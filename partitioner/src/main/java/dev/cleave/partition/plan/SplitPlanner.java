package dev.cleave.partition.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.CutTimer;
import dev.cleave.partition.profile.CutTimes;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.Machine;
import dev.cleave.partition.profile.ProfileException;
import dev.cleave.partition.profile.ProfileSettings;
import dev.cleave.partition.profile.Profiler;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.survey.CutSurvey;
import dev.cleave.partition.survey.WireSketch;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Measures what a decision needs: the facade of planning. Profiles the machines that it has no profile of (this one
 * stands in for them), predicts every cut, runs the few that may win, and calibrates what they send.
 *
 * <p>One thread. What it gives, {@link CostTable}, answers for any link through {@link Decision}.
 */
public final class SplitPlanner {
    private final Engine engine;
    private final SessionOptions options;
    private final String toolVersion;
    private final Progress progress;
    private final LongSupplier nanoClock;

    /** @param engine stays the caller's */
    public SplitPlanner(
            Engine engine, SessionOptions options, String toolVersion, Progress progress, LongSupplier nanoClock) {
        this.engine = engine;
        this.options = options;
        this.toolVersion = toolVersion;
        this.progress = progress;
        this.nanoClock = nanoClock;
    }

    /**
     * Measures the candidates of a model.
     *
     * @throws ModelException if there is no legal cut at or after the floor and nothing else may be used, or the preprocessing does
     *     not fit
     * @throws ProfileException if a profile is of another model, or has no time for the expected batch
     */
    public CostTable measure(PlanRequest request) throws IOException, EngineException, CodecException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return new Run(request, scratch).table();
        }
    }

    /** One planning run: what is found goes from step to step. */
    private final class Run {
        private final PlanRequest request;
        private final ModelSummary summary;
        private final ProbedModel model;
        private final Preprocessing preprocessing;
        private final Samples samples;
        private final CutGraphs graphs;

        Run(PlanRequest request, ScratchFolder scratch) throws IOException {
            this.request = request;
            this.summary = request.summary();
            this.model = summary.model();
            this.preprocessing = PictureInput.bound(request.preprocessing(), model.inputs());
            this.samples = request.samples();
            this.graphs = new CutGraphs(model.flow(), model.facts(), scratch.file("weights.bin"));
        }

        CostTable table() throws IOException, EngineException, CodecException {
            DeviceProfile here = request.edge() == null || request.cloud() == null ? profileHere() : null;
            DeviceProfile edgeProfile = request.edge() == null ? here : request.edge();
            DeviceProfile cloudProfile = request.cloud() == null ? here : request.cloud();
            List<Cut> known = summary.cuts().all();
            MachineTimes edge = MachineTimes.of(edgeProfile, edgeProfile.nodeMillis(model.graph()), known);
            MachineTimes cloud = MachineTimes.of(cloudProfile, cloudProfile.nodeMillis(model.graph()), known);
            double batchFactor = BatchFactor.of(cloudProfile, request.batch());
            Map<String, Double> wireBytes = WireSketch.of(model, graphs, preprocessing, engine, options, samples);
            AdditiveModel predicted =
                    new AdditiveModel(summary, edge, request.edgeSlowdown(), cloud, batchFactor, wireBytes);

            long started = nanoClock.getAsLong();
            List<Cut> found = new CandidateFinder(summary, predicted)
                    .find(request.link(), request.constraints().floor());
            CandidateRows rows = new CandidateRows(summary, predicted, request.batch());
            List<Cut> shortlist = Shortlist.of(
                            fitting(found.stream().map(rows::predicted).toList()),
                            request.link(),
                            request.objective(),
                            request.mostMeasured())
                    .stream()
                    .map(CandidateCost::cut)
                    .toList();
            double searchMillis = (nanoClock.getAsLong() - started) / 1e6;

            AdditiveModel measured = predicted;
            if (here != null) {
                CutTimes times = new CutTimer(engine, options, request.limits(), nanoClock, progress)
                        .time(graphs, shortlist, inputs());
                measured = new AdditiveModel(
                        summary,
                        request.edge() == null ? edge.with(times) : edge,
                        request.edgeSlowdown(),
                        request.cloud() == null ? cloud.with(times) : cloud,
                        batchFactor,
                        wireBytes);
            }
            CutSurvey survey = new CutSurvey(
                    model,
                    preprocessing,
                    engine,
                    options,
                    1 - request.constraints().maxDisagreement(),
                    progress);
            CandidateRows.Surveys surveys = CandidateRows.Surveys.of(survey, shortlist, samples);
            CandidateRows full = new CandidateRows(summary, measured, request.batch());
            return new CostTable(
                    model.graph().model().file().toString(),
                    summary.nodes(),
                    describe(edgeProfile),
                    request.edgeSlowdown(),
                    describe(cloudProfile),
                    Agreement.forOutputs(model.outputs()).label(),
                    full.all(found, surveys, request.edgeSlowdown()),
                    new LayerStrip(summary, measured).layers(full.cuts(found, surveys)),
                    surveys.calibrated(),
                    searchMillis);
        }

        /** Those that the device has room for; all, if it has none for any, so that there is something to explain. */
        private List<CandidateCost> fitting(List<CandidateCost> predicted) {
            List<CandidateCost> fitting = predicted.stream()
                    .filter(row ->
                            row.headMemoryBytes() <= request.constraints().edgeMemoryBytes())
                    .toList();
            return fitting.isEmpty() ? predicted : fitting;
        }

        private DeviceProfile profileHere() throws IOException, EngineException {
            ProfileSettings settings = ProfileSettings.defaults()
                    .withLimits(request.limits())
                    .withSpotChecks(0)
                    .withBatchRows(request.batch() > 1 ? List.of(1, request.batch()) : List.of());
            return new Profiler(engine, options, settings, nanoClock, progress)
                    .profile(summary, timed(), Machine.local(), toolVersion);
        }

        private Samples timed() {
            return samples != null ? samples : CutSurvey.madeUp(model, preprocessing);
        }

        private Map<String, Tensor> inputs() throws IOException {
            return timed().get(0).inputs();
        }
    }

    private static String describe(DeviceProfile profile) {
        return profile.machine().describe() + ", " + profile.engine().name() + " "
                + profile.engine().version() + " on " + profile.engine().provider()
                + (profile.engine().threads() > 0 ? ", " + profile.engine().threads() + " threads" : "");
    }
}
