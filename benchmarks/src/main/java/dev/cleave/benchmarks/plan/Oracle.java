package dev.cleave.benchmarks.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
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
import java.util.Map;
import java.util.Set;

/**
 * Every legal cut of one model, and LOCAL and CLOUD, measured: what a planner with unlimited time would know. It shares
 * nothing with the planner's own measurements but the way in which they are made. Immutable.
 */
final class Oracle {
    private final List<OracleCandidate> candidates;
    private final double maxDisagreement;
    private final double inputBytes;
    private final double outputBytes;

    private Oracle(List<OracleCandidate> candidates, double maxDisagreement, double inputBytes, double outputBytes) {
        this.candidates = candidates;
        this.maxDisagreement = maxDisagreement;
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
        CutTimes times;
        try (ScratchFolder scratch = ScratchFolder.create("cleave-oracle")) {
            CutGraphs graphs = new CutGraphs(
                    model.summary().model().flow(), model.summary().model().facts(), scratch.file("weights.bin"));
            times = new CutTimer(engine, options, limits, System::nanoTime, progress)
                    .time(graphs, cuts, model.samples().get(0).inputs());
        }
        CutSurvey survey = new CutSurvey(
                        model.summary().model(),
                        model.preprocessing(),
                        engine,
                        options,
                        1 - model.maxDisagreement(),
                        progress,
                        model.choices())
                .withReplies(new ReplySurvey(model.summary().model(), model.preprocessing(), engine, options, progress)
                        .choose(List.of(), model.samples()));
        double prepareMillis = survey.prepareMillis(model.samples());
        Estimate whole = Estimate.ofMedian(times.whole(), bootstrap);
        List<OracleCandidate> candidates = new ArrayList<>();
        candidates.add(new OracleCandidate(CandidateKind.LOCAL, List.of(), whole, null, prepareMillis, null));
        candidates.add(cloud(CandidateKind.CLOUD_RAW, whole, survey.cloudRaw(model.samples())));
        candidates.add(cloud(CandidateKind.CLOUD_COMPRESSED, whole, survey.cloudCompressed(model.samples())));
        Map<Cut, Surveyed> surveyed = survey.survey(cuts, model.samples());
        for (CutTime time : times.cuts()) {
            candidates.add(new OracleCandidate(
                    CandidateKind.SPLIT,
                    time.cut().boundary(),
                    Estimate.ofMedian(time.head(), bootstrap),
                    Estimate.ofMedian(time.tail(), bootstrap),
                    prepareMillis,
                    surveyed.get(time.cut())));
        }
        ProbedModel probed = model.summary().model();
        return new Oracle(
                candidates, model.maxDisagreement(), bytes(probed, probed.inputs()), bytes(probed, probed.outputs()));
    }

    private static double bytes(ProbedModel probed, List<TensorSpec> tensors) {
        return tensors.stream()
                .mapToDouble(tensor -> probed.facts().bytes(tensor.name()))
                .sum();
    }

    private static OracleCandidate cloud(CandidateKind kind, Estimate whole, Surveyed sent) {
        return new OracleCandidate(kind, List.of(), null, whole, 0, sent);
    }

    /** Cuts that were measured. */
    int cuts() {
        return (int) candidates.stream()
                .filter(each -> each.kind() == CandidateKind.SPLIT)
                .count();
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

    /** The least of LOCAL and both kinds of CLOUD. */
    Estimate leastUnsplit(LinkProfile link, double slowdown) {
        return Estimate.least(allowed().stream()
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
        return candidates.stream()
                .filter(each -> !(each.agreement() < 1 - maxDisagreement))
                .toList();
    }
}
