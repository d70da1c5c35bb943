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
 * <p>One thread. What it gives, {@link CostTable}, answers for any link through {@link Decision}.
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
            return new Run(request, scratch).tables(List.of(request), cuts).get(0);
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
        for (PlanRequest request : requests) {
            if (!request.sharesMeasurementsWith(first)) {
                throw new IllegalArgumentException("requests " + first + " and " + request
                        + "; expected the same but for slowdown, link, objective, memory and floor");
            }
        }
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return new Run(first, scratch).tables(requests, null);
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
        List<CostTable> tables(List<PlanRequest> requests, List<Cut> given)
                throws IOException, EngineException, CodecException {
            requireFitting();
            Machines machines = machines();
            Map<String, Double> wireBytes = WireSketch.of(model, graphs, preprocessing, engine, options, samples);
            List<Search> searches = new ArrayList<>();
            Set<Cut> all = new LinkedHashSet<>();
            for (PlanRequest each : requests) {
                Search search =
                        given == null ? search(each, additive(each, machines, wireBytes)) : new Search(given, given, 0);
                searches.add(search);
                all.addAll(search.shortlist());
            }
            CutTimes times = machines.anyHere() ? run(List.copyOf(all)) : null;
            CandidateRows.Surveys surveys = survey(List.copyOf(all));
            List<CostTable> tables = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                List<Cut> shortlist = searches.get(i).shortlist();
                Machines ran = times == null ? machines : with(times.of(shortlist), machines);
                AdditiveModel measured = additive(requests.get(i), ran, wireBytes);
                tables.add(table(requests.get(i), searches.get(i), measured, surveys.of(shortlist), machines));
            }
            return tables;
        }

        private CostTable table(
                PlanRequest each,
                Search search,
                AdditiveModel measured,
                CandidateRows.Surveys surveys,
                Machines machines) {
            CandidateRows rows = new CandidateRows(summary, measured, each.batch());
            return new CostTable(
                    model.graph().model().file().toString(),
                    summary.nodes(),
                    describe(machines.edgeProfile()),
                    each.edgeSlowdown(),
                    describe(machines.cloudProfile()),
                    Agreement.forOutputs(model.outputs()).label(),
                    rows.all(search.found(), surveys, each.edgeSlowdown()),
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

        private AdditiveModel additive(PlanRequest each, Machines machines, Map<String, Double> wireBytes)
                throws ProfileException {
            return new AdditiveModel(
                    summary,
                    machines.edge(),
                    each.edgeSlowdown(),
                    machines.cloud(),
                    BatchFactor.of(machines.cloudProfile(), request.batch()),
                    wireBytes);
        }

        /** Which cuts are worth a row, and which of them worth running. */
        private Search search(PlanRequest each, AdditiveModel additive) {
            long started = nanoClock.getAsLong();
            List<Cut> found = new CandidateFinder(summary, additive)
                    .find(each.link(), each.constraints().floor());
            CandidateRows rows = new CandidateRows(summary, additive, each.batch());
            List<CandidateCost> predicted =
                    fitting(each, found, rows).stream().map(rows::predicted).toList();
            List<Cut> shortlist = Shortlist.of(predicted, each.link(), each.objective(), each.mostMeasured()).stream()
                    .map(CandidateCost::cut)
                    .toList();
            return new Search(found, shortlist, (nanoClock.getAsLong() - started) / 1e6);
        }

        /** Times heads and tails here. */
        private CutTimes run(List<Cut> cuts) throws IOException, EngineException {
            return new CutTimer(engine, options, request.limits(), nanoClock, progress)
                    .time(graphs, cuts, timed().get(0).inputs());
        }

        /** What was run here holds for whichever machine is this one. */
        private Machines with(CutTimes times, Machines machines) {
            return new Machines(
                    machines.edgeProfile(),
                    machines.cloudProfile(),
                    request.edge() == null ? machines.edge().with(times) : machines.edge(),
                    request.cloud() == null ? machines.cloud().with(times) : machines.cloud(),
                    true);
        }

        private CandidateRows.Surveys survey(List<Cut> cuts) throws IOException, EngineException, CodecException {
            CutSurvey survey =
                    new CutSurvey(model, preprocessing, engine, options, request.wantedAgreement(), progress, choices);
            return CandidateRows.Surveys.of(survey, cuts, samples);
        }

        /** Those that the device has room for; all, if it has none for any, so that there is something to explain. */
        private List<Cut> fitting(PlanRequest each, List<Cut> cuts, CandidateRows rows) {
            long memoryBytes = each.constraints().edgeMemoryBytes();
            if (memoryBytes == Constraints.UNLIMITED) {
                return cuts;
            }
            List<Cut> fitting = cuts.stream()
                    .filter(cut -> rows.headMemoryBytes(cut) <= memoryBytes)
                    .toList();
            return fitting.isEmpty() ? cuts : fitting;
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
