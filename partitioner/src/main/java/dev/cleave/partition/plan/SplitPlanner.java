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
     * <p>A model without a legal cut, or with none after the floor, gets the rows that are no cuts.
     *
     * @throws ModelException if the preprocessing does not fit the model
     * @throws ProfileException if a profile is of another model, or has no time for the expected batch
     */
    public CostTable measure(PlanRequest request) throws IOException, EngineException, CodecException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return new Run(request, scratch).table(null);
        }
    }

    /** Measures these cuts and no others, nested or not. */
    public CostTable measure(PlanRequest request, List<Cut> cuts) throws IOException, EngineException, CodecException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return new Run(request, scratch).table(cuts);
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

        /** @param given cuts to measure, or null to search for them */
        CostTable table(List<Cut> given) throws IOException, EngineException, CodecException {
            requireFitting();
            Machines machines = machines();
            Map<String, Double> wireBytes = WireSketch.of(model, graphs, preprocessing, engine, options, samples);
            AdditiveModel predicted = additive(machines, wireBytes);
            Search search = given == null ? search(predicted) : new Search(given, given, 0);
            AdditiveModel measured = machines.anyHere() ? additive(run(machines, search), wireBytes) : predicted;
            CandidateRows.Surveys surveys = survey(search);
            CandidateRows rows = new CandidateRows(summary, measured, request.batch());
            return new CostTable(
                    model.graph().model().file().toString(),
                    summary.nodes(),
                    describe(machines.edgeProfile()),
                    request.edgeSlowdown(),
                    describe(machines.cloudProfile()),
                    Agreement.forOutputs(model.outputs()).label(),
                    rows.all(search.found(), surveys, request.edgeSlowdown()),
                    new LayerStrip(summary, measured).layers(rows.cuts(search.found(), surveys)),
                    surveys.calibrated(),
                    0,
                    search.millis());
        }

        /** Refuses profiles that do not fit before anything is measured. */
        private void requireFitting() throws ProfileException {
            if (request.edge() != null) {
                request.edge().nodeMillis(model.graph());
            }
            if (request.cloud() != null) {
                request.cloud().nodeMillis(model.graph());
                BatchFactor.of(request.cloud(), request.batch());
            }
        }

        /** Both machines as they were profiled; one without a profile is this machine, profiled now. */
        private Machines machines() throws IOException, EngineException {
            DeviceProfile here = request.edge() == null || request.cloud() == null ? profileHere() : null;
            DeviceProfile edge = request.edge() == null ? here : request.edge();
            DeviceProfile cloud = request.cloud() == null ? here : request.cloud();
            List<Cut> known = summary.cuts().all();
            return new Machines(
                    edge,
                    cloud,
                    MachineTimes.of(edge, edge.nodeMillis(model.graph()), known),
                    MachineTimes.of(cloud, cloud.nodeMillis(model.graph()), known),
                    here != null);
        }

        private AdditiveModel additive(Machines machines, Map<String, Double> wireBytes) throws ProfileException {
            return new AdditiveModel(
                    summary,
                    machines.edge(),
                    request.edgeSlowdown(),
                    machines.cloud(),
                    BatchFactor.of(machines.cloudProfile(), request.batch()),
                    wireBytes);
        }

        /** Which cuts are worth a row, and which of them worth running. */
        private Search search(AdditiveModel predicted) {
            long started = nanoClock.getAsLong();
            List<Cut> found = new CandidateFinder(summary, predicted)
                    .find(request.link(), request.constraints().floor());
            CandidateRows rows = new CandidateRows(summary, predicted, request.batch());
            List<CandidateCost> fitting =
                    fitting(found.stream().map(rows::predicted).toList());
            List<Cut> shortlist =
                    Shortlist.of(fitting, request.link(), request.objective(), request.mostMeasured()).stream()
                            .map(CandidateCost::cut)
                            .toList();
            return new Search(found, shortlist, (nanoClock.getAsLong() - started) / 1e6);
        }

        /** Times the shortlist's heads and tails here, for whichever machine is this one. */
        private Machines run(Machines machines, Search search) throws IOException, EngineException {
            CutTimes times = new CutTimer(engine, options, request.limits(), nanoClock, progress)
                    .time(graphs, search.shortlist(), timed().get(0).inputs());
            return new Machines(
                    machines.edgeProfile(),
                    machines.cloudProfile(),
                    request.edge() == null ? machines.edge().with(times) : machines.edge(),
                    request.cloud() == null ? machines.cloud().with(times) : machines.cloud(),
                    true);
        }

        private CandidateRows.Surveys survey(Search search) throws IOException, EngineException, CodecException {
            CutSurvey survey =
                    new CutSurvey(model, preprocessing, engine, options, request.wantedAgreement(), progress);
            return CandidateRows.Surveys.of(survey, search.shortlist(), samples);
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
                    .withBatchRows(
                            request.cloud() == null && request.batch() > 1 ? List.of(1, request.batch()) : List.of());
            return new Profiler(engine, options, settings, nanoClock, progress)
                    .profile(summary, timed(), Machine.local(), toolVersion);
        }

        private Samples timed() {
            return samples != null ? samples : CutSurvey.madeUp(model, preprocessing);
        }
    }

    /**
     * The two machines, and how long the model's parts take on them.
     *
     * @param anyHere whether one of them is this machine
     */
    private record Machines(
            DeviceProfile edgeProfile,
            DeviceProfile cloudProfile,
            MachineTimes edge,
            MachineTimes cloud,
            boolean anyHere) {}

    /**
     * What prediction led to.
     *
     * @param found cuts that can be best for some link
     * @param shortlist those of them that are run
     */
    private record Search(List<Cut> found, List<Cut> shortlist, double millis) {}

    private static String describe(DeviceProfile profile) {
        return profile.machine().describe() + ", " + profile.engine().name() + " "
                + profile.engine().version() + " on " + profile.engine().provider()
                + threads(profile.engine().threads());
    }

    private static String threads(int threads) {
        return threads <= 0 ? "" : ", " + threads + (threads == 1 ? " thread" : " threads");
    }
}
