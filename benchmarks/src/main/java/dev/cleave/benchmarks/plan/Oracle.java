package dev.cleave.benchmarks.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.profile.CutTime;
import dev.cleave.partition.profile.CutTimer;
import dev.cleave.partition.profile.CutTimes;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reply.ReplySurvey;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.survey.CutSurvey;
import dev.cleave.partition.survey.Surveyed;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every legal cut of one model, and LOCAL and CLOUD, measured: what a planner with unlimited time would know. It shares
 * nothing with the planner's own measurements but what devices run and the way in which measurements are made. Immutable.
 */
final class Oracle {
    private final List<OracleCandidate> candidates;
    private final OracleCandidate floatLocal;
    private final Constraints constraints;
    private final double inputBytes;
    private final double outputBytes;

    /**
     * @param candidates LOCAL, both kinds of CLOUD, cuts
     * @param floatLocal LOCAL in float, whatever devices run
     */
    Oracle(
            List<OracleCandidate> candidates,
            OracleCandidate floatLocal,
            Constraints constraints,
            double inputBytes,
            double outputBytes) {
        this.candidates = candidates;
        this.floatLocal = floatLocal;
        this.constraints = constraints;
        this.inputBytes = inputBytes;
        this.outputBytes = outputBytes;
    }

    /**
     * Measures everything.
     *
     * @param more cuts beside the legal ones on offer: minimum cuts that the planner found
     * @param limits runs of each head and tail
     */
    static Oracle measure(
            PlanModel model,
            Set<Cut> more,
            TimingLimits limits,
            Bootstrap bootstrap,
            Engine engine,
            SessionOptions options,
            Progress progress)
            throws IOException, EngineException, CodecException {
        Set<Cut> distinct = new LinkedHashSet<>(model.summary().cuts().all());
        distinct.addAll(more);
        List<Cut> cuts = List.copyOf(distinct);
        CutTimes times = time(model, cuts, limits, engine, options, progress);
        CutSurvey survey = survey(model, engine, options, progress);
        double prepareMillis = survey.prepareMillis(model.samples());
        Estimate whole = Estimate.ofMedian(times.whole(), bootstrap);
        Estimate deviceWhole = Estimate.ofMedian(times.deviceWhole(), bootstrap);
        List<OracleCandidate> candidates = new ArrayList<>();
        candidates.add(OracleCandidate.local(
                deviceWhole,
                prepareMillis,
                survey.localAgreement(model.samples()),
                CutSurvey.localInputs(model.samples())));
        candidates.add(OracleCandidate.cloud(CandidateKind.CLOUD_RAW, whole, survey.cloudRaw(model.samples())));
        candidates.add(
                OracleCandidate.cloud(CandidateKind.CLOUD_COMPRESSED, whole, survey.cloudCompressed(model.samples())));
        Map<Cut, Surveyed> surveyed = survey.survey(cuts, model.samples());
        for (CutTime time : times.cuts()) {
            candidates.add(OracleCandidate.split(
                    time.cut().boundary(),
                    Estimate.ofMedian(time.head(), bootstrap),
                    Estimate.ofMedian(time.tail(), bootstrap),
                    prepareMillis,
                    surveyed.get(time.cut())));
        }
        ProbedModel probed = model.summary().model();
        return new Oracle(
                candidates,
                OracleCandidate.local(whole, prepareMillis, 1, 0),
                model.constraints(),
                bytes(probed, probed.inputs()),
                bytes(probed, probed.outputs()));
    }

    /** Heads as the device runs them. */
    private static CutTimes time(
            PlanModel model,
            List<Cut> cuts,
            TimingLimits limits,
            Engine engine,
            SessionOptions options,
            Progress progress)
            throws IOException, EngineException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-oracle")) {
            ProbedModel floats = model.summary().model();
            EdgeModel integers = model.edge().model();
            CutGraphs gateway = new CutGraphs(floats.flow(), floats.facts(), scratch.file("weights.bin"));
            return new CutTimer(engine, options, limits, System::nanoTime, progress)
                    .time(
                            integers == null
                                    ? SidedGraphs.alike(gateway)
                                    : integers.beside(gateway, scratch.file("device-weights.bin")),
                            cuts,
                            model.samples().get(0).inputs());
        }
    }

    private static CutSurvey survey(PlanModel model, Engine engine, SessionOptions options, Progress progress)
            throws IOException, EngineException, CodecException {
        ProbedModel probed = model.summary().model();
        return new CutSurvey(
                        probed,
                        model.preprocessing(),
                        engine,
                        options,
                        model.wantedAgreement(),
                        progress,
                        model.choices())
                .withReplies(new ReplySurvey(probed, model.preprocessing(), engine, options, progress)
                        .choose(List.of(), model.samples()))
                .withEdge(model.edge().model());
    }

    private static double bytes(ProbedModel probed, List<TensorSpec> tensors) {
        return tensors.stream()
                .mapToDouble(tensor -> probed.facts().bytes(tensor.name()))
                .sum();
    }

    /** Cuts that were measured. */
    int cuts() {
        return (int) candidates.stream()
                .filter(each -> each.kind() == CandidateKind.SPLIT)
                .count();
    }

    /** What LOCAL costs and whether it is an option, in one line. */
    String describeLocal() {
        OracleCandidate local = candidates.get(0);
        return String.format(
                Locale.ROOT,
                "LOCAL takes %.2f ms and agrees on %.1f %% of the pictures%s; in float it takes %.2f ms",
                local.head().value(),
                local.agreement() * 100,
                holdsBudget(local) ? "" : ", too few to be chosen",
                floatLocal.head().value());
    }

    /** What the planner chose, as it was measured here. */
    OracleCandidate of(CandidateCost row) {
        return candidates.stream()
                .filter(each -> each.is(row))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "candidate " + row.kind() + " at " + row.tensors() + " was not measured by the oracle"));
    }

    /** The candidate with the least total among those that keep the answers. */
    OracleCandidate best(LinkProfile link, double slowdown) {
        OracleCandidate best = null;
        for (OracleCandidate each : allowed()) {
            if (best == null
                    || each.total(link, slowdown).value()
                            < best.total(link, slowdown).value()) {
                best = each;
            }
        }
        return best;
    }

    /** The least total of each replicate. */
    Estimate least(LinkProfile link, double slowdown) {
        return Estimate.least(
                allowed().stream().map(each -> each.total(link, slowdown)).toList());
    }

    /** The least of LOCAL, both kinds of CLOUD, and LOCAL in float, which no plan can choose where devices have integers. */
    Estimate leastUnsplit(LinkProfile link, double slowdown) {
        return Estimate.least(Stream.concat(Stream.of(floatLocal), allowed().stream())
                .filter(each -> each.kind() != CandidateKind.SPLIT)
                .map(each -> each.total(link, slowdown))
                .toList());
    }

    /** CLOUD as others do it: inputs and outputs as they are, no codec at all. */
    Estimate floatCloud(LinkProfile link) {
        return candidates.get(1).tail().plus(link.uplinkMillis(inputBytes) + link.downlinkMillis(outputBytes));
    }

    /** The gateway's time if all went to the cloud. */
    double cloudGatewayMillis() {
        return candidates.get(1).gatewayMillis();
    }

    private List<OracleCandidate> allowed() {
        return candidates.stream().filter(this::holdsBudget).toList();
    }

    private boolean holdsBudget(OracleCandidate candidate) {
        return !constraints.areMissedBy(candidate.agreement(), candidate.agreementInputs());
    }
}
