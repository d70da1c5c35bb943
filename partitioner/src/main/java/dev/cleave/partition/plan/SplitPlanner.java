package dev.cleave.partition.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.calibrate.CodecChoices;
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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Measures what a decision needs: the facade of planning. Profiles the machines that it has no profile of (this one
 * stands in for them), predicts every cut, runs the few that may win, and calibrates what they send.
 *
 * <p>One thread. What it gives, {@link PlanTable}, answers for any link through {@link Decision}.
 */
public final class SplitPlanner {
    private final Engine engine;
    private final SessionOptions options;
    private final String toolVersion;
    private final Progress progress;
    private final LongSupplier nanoClock;
    private final CodecChoices choices;

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
        this.choices = choices;
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
    public PlanTable measure(PlanRequest request) throws IOException, EngineException, CodecException {
        return measure(List.of(request)).get(0);
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
    public List<PlanTable> measure(List<PlanRequest> requests) throws IOException, EngineException, CodecException {
        PlanRequest first = requests.get(0);
        for (PlanRequest request : requests) {
            if (!request.sharesMeasurementsWith(first)) {
                throw new IllegalArgumentException("requests " + first + " and " + request
                        + "; expected the same but for slowdown, link, objective, memory and floor");
            }
        }
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return new Run(first, scratch).tables(requests);
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

        List<PlanTable> tables(List<PlanRequest> requests) throws IOException, EngineException, CodecException {
            DeviceProfile here = request.edge() == null || request.cloud() == null ? profileHere() : null;
            DeviceProfile edgeProfile = request.edge() == null ? here : request.edge();
            DeviceProfile cloudProfile = request.cloud() == null ? here : request.cloud();
            List<Cut> known = summary.cuts().all();
            MachineTimes edge = MachineTimes.of(edgeProfile, edgeProfile.nodeMillis(model.graph()), known);
            MachineTimes cloud = MachineTimes.of(cloudProfile, cloudProfile.nodeMillis(model.graph()), known);
            double batchFactor = BatchFactor.of(cloudProfile, request.batch());
            Map<String, Double> wireBytes = WireSketch.of(model, graphs, preprocessing, engine, options, samples);

            List<Search> searches = new ArrayList<>();
            Set<Cut> all = new LinkedHashSet<>();
            for (PlanRequest each : requests) {
                searches.add(search(
                        each, new AdditiveModel(summary, edge, each.edgeSlowdown(), cloud, batchFactor, wireBytes)));
                all.addAll(searches.get(searches.size() - 1).shortlist);
            }
            CutTimes times = here == null
                    ? null
                    : new CutTimer(engine, options, request.limits(), nanoClock, progress)
                            .time(graphs, List.copyOf(all), inputs());
            CandidateRows.Surveys surveys = CandidateRows.Surveys.of(survey(), List.copyOf(all), samples);
            List<PlanTable> tables = new ArrayList<>();
            for (Search search : searches) {
                AdditiveModel measured = search.predicted;
                if (times != null) {
                    CutTimes own = times.of(search.shortlist);
                    measured = new AdditiveModel(
                            summary,
                            request.edge() == null ? edge.with(own) : edge,
                            search.request.edgeSlowdown(),
                            request.cloud() == null ? cloud.with(own) : cloud,
                            batchFactor,
                            wireBytes);
                }
                tables.add(table(search, measured, surveys.of(search.shortlist), edgeProfile, cloudProfile));
            }
            return tables;
        }

        /** What one question is about, before anything of it is run. */
        private record Search(
                PlanRequest request,
                AdditiveModel predicted,
                List<Cut> found,
                List<Cut> shortlist,
                double searchMillis) {}

        private Search search(PlanRequest each, AdditiveModel predicted) {
            long started = nanoClock.getAsLong();
            List<Cut> found = new CandidateFinder(summary, predicted)
                    .find(each.link(), each.constraints().floor());
            CandidateRows rows = new CandidateRows(summary, predicted, each.batch());
            List<Cut> shortlist = Shortlist.of(
                            fitting(each, found.stream().map(rows::predicted).toList()),
                            each.link(),
                            each.objective(),
                            each.mostMeasured())
                    .stream()
                    .map(CandidateCost::cut)
                    .toList();
            return new Search(each, predicted, found, shortlist, (nanoClock.getAsLong() - started) / 1e6);
        }

        private CutSurvey survey() throws ModelException {
            return new CutSurvey(
                    model,
                    preprocessing,
                    engine,
                    options,
                    1 - request.constraints().maxDisagreement(),
                    progress,
                    choices);
        }

        private PlanTable table(
                Search search,
                AdditiveModel measured,
                CandidateRows.Surveys surveys,
                DeviceProfile edgeProfile,
                DeviceProfile cloudProfile) {
            CandidateRows rows = new CandidateRows(summary, measured, request.batch());
            return new PlanTable(
                    model.graph().model().file().toString(),
                    summary.nodes(),
                    describe(edgeProfile),
                    search.request.edgeSlowdown(),
                    describe(cloudProfile),
                    Agreement.forOutputs(model.outputs()).label(),
                    rows.all(search.found, surveys, search.request.edgeSlowdown()),
                    new LayerStrip(summary, measured).layers(rows.cuts(search.found, surveys)),
                    surveys.calibrated(),
                    search.searchMillis);
        }

        /** Those that the device has room for; all, if it has none for any, so that there is something to explain. */
        private List<CandidateCost> fitting(PlanRequest each, List<CandidateCost> predicted) {
            List<CandidateCost> fitting = predicted.stream()
                    .filter(row -> row.headMemoryBytes() <= each.constraints().edgeMemoryBytes())
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
