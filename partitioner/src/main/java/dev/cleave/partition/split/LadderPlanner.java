package dev.cleave.partition.split;

import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.PlanRequest;
import dev.cleave.partition.plan.PlanRun;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlanner;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Measures a bundle's points, and chooses them by planning where none are given: the ladder of least regret. */
final class LadderPlanner {
    /** In the middle of the links that a ladder is made for; candidates are looked for around it. */
    private static final LinkProfile MIDDLE = new LinkProfile(5.85e6, 5.85e6, 50);
    /** Enough to tell cuts apart; {@code cleave plan} takes its time. */
    private static final TimingLimits LIMITS =
            TimingLimits.defaults().withRuns(5, 15).withTime(Duration.ofSeconds(6));

    private final Engine engine;
    private final SessionOptions options;
    private final String toolVersion;
    private final Progress progress;

    LadderPlanner(Engine engine, SessionOptions options, String toolVersion, Progress progress) {
        this.engine = engine;
        this.options = options;
        this.toolVersion = toolVersion;
        this.progress = progress;
    }

    /**
     * The points that were asked for, or as many as were asked for.
     *
     * @param edge what devices run; the summary's cuts are on offer there
     * @param floor the earliest cut that may be used, or null
     * @param replies how each output is coded on the way back
     */
    ChosenLadder choose(
            ModelSummary summary,
            EdgeChoice edge,
            SplitRequest request,
            Preprocessing preprocessing,
            Samples samples,
            Cut floor,
            List<CodecParams> replies)
            throws IOException, EngineException, CodecException {
        summary.requireCut();
        Constraints constraints =
                new Constraints(Math.min(1, 1 - Budget.bound(request.wantedAgreement())), Constraints.UNLIMITED, floor);
        PlanRequest question = PlanRequest.of(summary, MIDDLE)
                .withConstraints(constraints)
                .withEdgeChoice(edge)
                .withPreprocessing(preprocessing)
                .withReplies(replies)
                .withSamples(samples, request.wantedAgreement())
                .withLimits(LIMITS);
        SplitPlanner planner = new SplitPlanner(engine, options, toolVersion, progress, System::nanoTime);
        if (!request.at().isEmpty()) {
            Ladder asked = summary.at(request.at());
            return chosen(asked, planner.measure(question, asked.points()));
        }
        try (ScratchFolder scratch = ScratchFolder.create("cleave-plan")) {
            return choose(request.count(), question, planner.begin(question, scratch));
        }
    }

    private static ChosenLadder choose(int count, PlanRequest question, PlanRun run)
            throws IOException, EngineException, CodecException {
        CostTable table = run.candidates();
        List<Cut> points = leastRegret(table, question.constraints(), count);
        if (points.size() >= count) {
            return chosen(Ladder.of(points), table);
        }
        // A ladder of so many points was asked for, and not only of those that can win: a device may be unlike any
        // planned for.
        Ladder filled = question.summary()
                .narrowest(points, count, question.constraints().floor());
        CostTable all = filled.size() == points.size() ? table : run.of(filled.points());
        return chosen(withinBudget(filled, all), all);
    }

    /** Without the points at which answers differ too often however they are coded; with all of them if no other is left. */
    private static Ladder withinBudget(Ladder ladder, CostTable table) throws ModelException {
        List<Cut> met = ladder.points().stream()
                .filter(cut -> {
                    Calibrated known = table.calibrated().get(cut.boundary());
                    return known == null || known.met();
                })
                .toList();
        return met.isEmpty() ? ladder : Ladder.of(met);
    }

    private static ChosenLadder chosen(Ladder ladder, CostTable table) {
        return new ChosenLadder(ladder, table, table.calibrated());
    }

    private static List<Cut> leastRegret(CostTable table, Constraints constraints, int count) {
        SplitPlan plan = Decision.of(table, MIDDLE, Objective.LATENCY, constraints, count, System::nanoTime);
        return plan.ladder().stream()
                .map(candidate -> plan.candidates().get(candidate).cost().cut())
                .toList();
    }
}
