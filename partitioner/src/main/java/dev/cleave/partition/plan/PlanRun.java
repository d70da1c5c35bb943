package dev.cleave.partition.plan;

import dev.cleave.answer.Agreement;
import dev.cleave.bundle.Contract;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Machine;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.Precision;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.CutTime;
import dev.cleave.partition.profile.CutTimer;
import dev.cleave.partition.profile.CutTimes;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.ProfileException;
import dev.cleave.partition.profile.ProfileSettings;
import dev.cleave.partition.profile.Profiler;
import dev.cleave.partition.reply.ReplySurvey;
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
import java.util.stream.Collectors;

/**
 * The measurements of one model for one request: whatever is asked for, no machine is profiled and no cut is run twice.
 * Owns what was measured; made by {@link SplitPlanner#begin}. One thread.
 */
public final class PlanRun {
    private final Instruments instruments;
    private final PlanRequest request;
    private final ModelSummary summary;
    private final ProbedModel model;
    private final Preprocessing preprocessing;
    private final Samples samples;
    private final List<CodecParams> replies;
    private final DeviceModel device;
    private final CutGraphs gatewayGraphs;
    private final SidedGraphs graphs;
    private final Machines machines;
    private final Map<String, Double> wireBytes;
    /** Of each time that cuts were run, in the order of time. */
    private final List<CutTimes> times = new ArrayList<>();

    private CandidateRows.Surveys surveys;

    PlanRun(Instruments instruments, PlanRequest request, ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        this.instruments = instruments;
        this.request = request;
        this.summary = request.summary();
        this.model = summary.model();
        this.preprocessing = PictureInput.bound(request.preprocessing(), model.inputs());
        this.samples = request.samples();
        requireFitting();
        this.replies = request.replies() == null ? safeReplies() : request.replies();
        this.device = new DeviceModel(summary, request.edgeChoice().model());
        this.gatewayGraphs = new CutGraphs(model.flow(), model.facts(), scratch.file("weights.bin"));
        this.graphs = device.graphs(gatewayGraphs, scratch.file("device-weights.bin"));
        this.machines = machines();
        this.wireBytes = WireSketch.of(
                model, gatewayGraphs, preprocessing, instruments.engine(), instruments.options(), samples);
    }

    private List<CodecParams> safeReplies() throws IOException, EngineException {
        return new ReplySurvey(
                        model, preprocessing, instruments.engine(), instruments.options(), instruments.progress())
                .choose(List.of(), samples);
    }

    /** Of the candidates that the request's link, objective and constraints lead to. */
    public CostTable candidates() throws IOException, EngineException, CodecException {
        return candidates(List.of(request)).get(0);
    }

    /** Of these cuts and no others, nested or not; those that were not measured before are measured now. */
    public CostTable of(List<Cut> cuts) throws IOException, EngineException, CodecException {
        return tables(List.of(request), List.of(new Search(cuts, cuts, 0))).get(0);
    }

    /** @param requests that share the measurements of this one */
    List<CostTable> candidates(List<PlanRequest> requests) throws IOException, EngineException, CodecException {
        List<Search> searches = new ArrayList<>();
        for (PlanRequest each : requests) {
            searches.add(search(each, additive(each, machines)));
        }
        return tables(requests, searches);
    }

    private List<CostTable> tables(List<PlanRequest> requests, List<Search> searches)
            throws IOException, EngineException, CodecException {
        Set<Cut> all = new LinkedHashSet<>();
        searches.forEach(search -> all.addAll(search.shortlist()));
        measure(all);
        List<CostTable> tables = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            tables.add(table(requests.get(i), searches.get(i)));
        }
        return tables;
    }

    /** Runs and surveys the cuts of which that was not done before, interleaved. */
    private void measure(Set<Cut> cuts) throws IOException, EngineException, CodecException {
        List<Cut> open = cuts.stream()
                .filter(cut -> surveys == null || !surveys.cuts().containsKey(cut))
                .toList();
        if (surveys != null && open.isEmpty()) {
            return;
        }
        if (machines.anyHere()) {
            times.add(new CutTimer(
                            instruments.engine(),
                            instruments.options(),
                            request.limits(),
                            instruments.nanoClock(),
                            instruments.progress())
                    .time(graphs, open, timed().get(0).inputs()));
        }
        CutSurvey survey = new CutSurvey(
                        model,
                        preprocessing,
                        instruments.engine(),
                        instruments.options(),
                        request.wantedAgreement(),
                        instruments.progress(),
                        instruments.choices())
                .withReplies(replies)
                .withEdge(request.edgeChoice().model());
        surveys = surveys == null
                ? CandidateRows.Surveys.of(survey, open, samples)
                : surveys.with(survey.survey(open, samples));
    }

    private CostTable table(PlanRequest each, Search search) throws ProfileException {
        AdditiveModel measured = additive(each, ran(search.shortlist()));
        CandidateRows.Surveys surveyed = surveys.of(search.shortlist());
        CandidateRows rows = new CandidateRows(summary, device, measured, each.batch());
        return new CostTable(
                model.graph().model().file().toString(),
                summary.nodes(),
                device(),
                each.edgeSlowdown(),
                machines.cloudProfile().describe(),
                Agreement.forOutputs(model.outputs()).label(),
                rows.all(search.found(), surveyed, each.edgeSlowdown()),
                new LayerStrip(summary, measured).layers(rows.cuts(search.found(), surveyed)),
                surveyed.calibrated(),
                0,
                search.millis());
    }

    /** The machines as they are known from running these cuts, and from no others. */
    private Machines ran(List<Cut> cuts) {
        Machines known = machines;
        for (CutTimes each : times) {
            Set<Cut> timed = each.cuts().stream().map(CutTime::cut).collect(Collectors.toSet());
            known = known.with(each.of(cuts.stream().filter(timed::contains).toList()));
        }
        return known;
    }

    /** Refuses profiles that do not fit before anything is measured. */
    private void requireFitting() throws ProfileException, ModelException {
        if (request.edge() != null) {
            request.edge().nodeMillis(summary);
            requireSamePrecision(request.edge());
        }
        if (request.cloud() != null) {
            request.cloud().nodeMillis(summary);
            BatchFactor.of(request.cloud(), request.batch());
        }
    }

    /** A device that has timed its own heads did so in integers, if that is what it runs. */
    private boolean isOfIntegers(DeviceProfile edge) throws ModelException {
        return edge.model().precision().equals(Contract.INT8)
                && !Precision.of(model.graph()).equals(Contract.INT8);
    }

    private void requireSamePrecision(DeviceProfile edge) throws ProfileException, ModelException {
        if (request.edgeChoice().model() == null && isOfIntegers(edge)) {
            throw new ProfileException("profile of " + edge.model().file()
                    + " is of heads in int8; expected one of the model itself, or heads in int8 to plan with");
        }
    }

    /** Both machines as they were profiled; one without a profile is this machine, profiled now. */
    private Machines machines() throws IOException, EngineException {
        DeviceProfile here = request.edge() == null || request.cloud() == null ? profileHere() : null;
        DeviceProfile edge = request.edge() == null ? here : request.edge();
        DeviceProfile cloud = request.cloud() == null ? here : request.cloud();
        List<Cut> known = summary.cuts().all();
        MachineTimes onEdge = MachineTimes.of(edge, edge.nodeMillis(summary), known);
        EdgeChoice choice = request.edgeChoice();
        return new Machines(
                edge,
                cloud,
                choice.model() == null || isOfIntegers(edge) ? onEdge : onEdge.at(choice.pace()),
                MachineTimes.of(cloud, cloud.nodeMillis(summary), known),
                request.edge() == null,
                request.cloud() == null);
    }

    private AdditiveModel additive(PlanRequest each, Machines known) throws ProfileException {
        return new AdditiveModel(
                summary,
                known.edge(),
                each.edgeSlowdown(),
                known.cloud(),
                BatchFactor.of(known.cloudProfile(), request.batch()),
                wireBytes);
    }

    /** Which cuts are worth a row, and which of them worth running. */
    private Search search(PlanRequest each, AdditiveModel additive) {
        long started = instruments.nanoClock().getAsLong();
        List<Cut> found = new CandidateFinder(summary, device, additive)
                .find(each.link(), each.constraints().floor());
        CandidateRows rows = new CandidateRows(summary, device, additive, each.batch());
        List<CandidateCost> predicted =
                fitting(each, found, rows).stream().map(rows::predicted).toList();
        List<Cut> shortlist = Shortlist.of(predicted, each.link(), each.objective(), each.mostMeasured()).stream()
                .map(CandidateCost::cut)
                .toList();
        return new Search(found, shortlist, (instruments.nanoClock().getAsLong() - started) / 1e6);
    }

    /** Those that the device has room for; all, if it has none for any, so that there is something to explain. */
    private static List<Cut> fitting(PlanRequest each, List<Cut> cuts, CandidateRows rows) {
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
        return new Profiler(
                        instruments.engine(),
                        instruments.options(),
                        settings,
                        instruments.nanoClock(),
                        instruments.progress())
                .profile(summary, timed(), Machine.local(), instruments.toolVersion());
    }

    private Samples timed() {
        return samples != null ? samples : CutSurvey.madeUp(model, preprocessing);
    }

    /**
     * What prediction led to.
     *
     * @param found cuts that can be best for some link
     * @param shortlist those of them that are run
     */
    private record Search(List<Cut> found, List<Cut> shortlist, double millis) {}

    /** The machine, and what it runs if that was a question. */
    private String device() {
        String machine = machines.edgeProfile().describe();
        String heads = request.edgeChoice().summary();
        return heads.isEmpty() ? machine : machine + "; " + heads;
    }
}
