package dev.cleave.partition.split;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.Reference;
import dev.cleave.bundle.View;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CalibrationNotes;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.CutFinder;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.draft.ModelTitle;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeChooser;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.half.HalfTails;
import dev.cleave.partition.heads.ConvertedHeads;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reduce.OutputReducer;
import dev.cleave.partition.reference.ReferenceProbe;
import dev.cleave.partition.reply.ReplySurvey;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.sequence.StateSequence;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Model in, bundle out: reads, probes, cuts, extracts, calibrates and writes, in that order and one direction.
 *
 * <p>Calibration runs on a draft of the bundle that differs from the result only in its quality levels, so what is
 * measured is what will be served.
 */
public final class ModelSplitter {
    /** Of the whole in integers and in float: enough to tell which is faster. */
    private static final TimingLimits TIMING =
            TimingLimits.defaults().withRuns(5, 25).withTime(Duration.ofSeconds(3));

    private final Engine engine;
    /** Null where none is at hand. */
    private final Engine lite;

    private final SessionOptions options;
    private final Progress progress;
    private final String toolVersion;
    private final LongSupplier nanoTime;

    /** @param engine stays the caller's */
    public ModelSplitter(Engine engine, SessionOptions options, String toolVersion, Progress progress) {
        this(engine, options, toolVersion, progress, System::nanoTime);
    }

    /** @param nanoTime that tells whether integers are faster */
    ModelSplitter(Engine engine, SessionOptions options, String toolVersion, Progress progress, LongSupplier nanoTime) {
        this(engine, null, options, toolVersion, progress, nanoTime);
    }

    private ModelSplitter(
            Engine engine,
            Engine lite,
            SessionOptions options,
            String toolVersion,
            Progress progress,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.engine = engine;
        this.lite = lite;
        this.options = options;
        this.toolVersion = toolVersion;
        this.progress = progress;
    }

    /**
     * The same splitter with an engine that runs converted heads: what it does not take is not written, and what it gives is
     * held against the accuracy budget. Without one they are written as they are.
     *
     * @param tfLite of {@link dev.cleave.engine.GraphFormat#TFLITE}; stays the caller's; null: none
     */
    public ModelSplitter withHeadsOn(Engine tfLite) {
        return new ModelSplitter(engine, tfLite, options, toolVersion, progress, nanoTime);
    }

    /**
     * Writes the full bundle of a model.
     *
     * @param samples for calibration, or null: then floats cross as {@code fp16}, as ranges are not known
     * @throws ModelException if the model cannot be read or cut as asked; names the model or point, and why
     * @throws UnmetBudgetException if the samples' answers are not kept; nothing is written
     */
    public SplitResult split(SplitRequest request, SampleSource samples, Path target)
            throws IOException, EngineException, CodecException {
        return split(request, samples, target, Map.of());
    }

    /**
     * Writes the full bundle of a model of which some points were calibrated before.
     *
     * @param samples for calibration; without them nothing that was calibrated before is used either
     * @param known by the names of a boundary's tensors in their order, what calibration found; the model, its reductions and the
     *     wanted agreement must be those of the request
     */
    public SplitResult split(
            SplitRequest request, SampleSource samples, Path target, Map<List<String>, Calibrated> known)
            throws IOException, EngineException, CodecException {
        EdgeChoice tried;
        try (ScratchFolder scratch = ScratchFolder.create("cleave-split")) {
            return split(request, samples, target, known, null, scratch);
        } catch (UnmetBudgetException unmet) {
            boolean ownChoice = request.edgeMode() == EdgeMode.AUTO && request.edgeChoice() == null;
            if (!ownChoice || unmet.edge().model() == null) {
                throw unmet;
            }
            tried = unmet.edge().inFloat("in INT8 " + unmet.getMessage());
        }
        // Integers on the device were a choice of the tool's, and floats may keep the budget.
        try (ScratchFolder scratch = ScratchFolder.create("cleave-split")) {
            return split(request, samples, target, known, tried, scratch);
        }
    }

    /** @param device what devices run, or null if that is to be found out */
    private SplitResult split(
            SplitRequest request,
            SampleSource source,
            Path target,
            Map<List<String>, Calibrated> known,
            EdgeChoice device,
            ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        progress.begin("probe shapes", 2);
        ModelSummary summary = summary(request);
        progress.step();
        Cut floor = request.notBefore() == null ? null : summary.cuts().at(List.of(request.notBefore()));
        Preprocessing preprocessing =
                PictureInput.bound(request.preprocessing(), summary.model().inputs());
        // Planning goes through them once for each step and cut.
        Samples frames = source == null
                ? null
                : source.open(summary.model(), stateInputs(summary), preprocessing)
                        .cached(MemoryBudget.ofJvm());
        Samples samples = frames == null
                ? null
                : StateSequence.of(summary.model(), summary.state(), frames, engine, options, progress);
        List<CodecParams> replies = new ReplySurvey(summary.model(), preprocessing, engine, options, progress)
                .choose(
                        request.replies(),
                        samples,
                        summary.state().stream().map(StatePair::output).toList());
        replies = StateReplies.of(summary, request.replies(), replies);
        EdgeChoice edge = device == null ? edge(request, summary, samples) : device;
        summary = edge.offered(summary);
        ChosenLadder chosen = choose(request, summary, edge, preprocessing, samples, floor, replies);
        Ladder ladder = chosen.ladder();
        summary = summary.confirmRows(ladder, engine, settings(request));
        progress.step();
        ProbedModel probed = summary.model();
        DraftBundle draft = DraftBundle.extract(
                        new ModelTitle(request.name(), request.version(), request.labels()),
                        probed,
                        preprocessing,
                        summary.state(),
                        ladder,
                        privacyFloor(request, ladder, floor),
                        replies,
                        scratch.file("weights.bin"))
                .withEdge(edge.model(), scratch.file("edge-weights.bin"));
        List<String> halfRefusals = List.of();
        if (request.halfTails()) {
            HalfTails tails = HalfTails.extract(probed, ladder, engine, scratch.file("half-weights.bin"));
            draft = draft.with(tails.extracted());
            halfRefusals = tails.refusals();
        }
        LiteHeads liteHeads = new LiteHeads(engine, lite, options, progress);
        ConvertedHeads heads = liteHeads.convert(request, draft);
        draft = LiteHeads.into(draft, heads);
        progress.expectBytes(draft.bytes());
        if (samples == null) {
            progress.expectTime(Duration.ZERO);
        }
        Map<List<String>, Calibrated> before = new HashMap<>(chosen.known());
        before.putAll(known);
        PointCalibration points = new PointCalibration(draft, request.wantedAgreement());
        List<Calibrated> calibrated = List.of();
        Reference reference = null;
        List<TailCheck.Row> halfTails = List.of();
        Proportion local = new Proportion(0, 0);
        if (samples != null) {
            try (DraftRun run = draft.open(engine, options, scratch)) {
                calibrated = points.calibrate(run, samples, before, progress);
                points.requireMet(edge, calibrated);
                Contract decided = draft.contractOf(points.levels(calibrated));
                if (edge.model() != null) {
                    local = LocalCheck.measure(decided, run.roundTrip(), samples, progress);
                }
                heads = liteHeads.checked(request, edge, heads, run, decided, samples);
                reference = new ReferenceProbe(decided, run.roundTrip()).measure(samples, progress);
                if (request.halfTails()) {
                    halfTails = new TailCheck(
                                    run.bundle(), HalfTails.PRECISION, decided, run.roundTrip(), engine, options)
                            .measure(samples, progress);
                    HalfTailBudget.requireMet(halfTails, request.maxDisagreement(), metric(decided), edge);
                }
            }
        }
        draft = LiteHeads.into(draft, heads);
        Contract contract = draft.contractOf(points.levels(calibrated));
        List<PointMeasurement> measurements = calibrated.stream()
                .flatMap(each -> each.measurements().stream())
                .toList();
        CalibrationRecord calibration =
                samples == null ? null : CalibrationNotes.of(frames, request.wantedAgreement(), calibrated);
        BundleWriter writer = draft.writer(contract);
        Manifest manifest = new Manifest(View.FULL, contract.local(), toolVersion, measurements)
                .withReference(reference)
                .withCalibration(calibration)
                .withHeads(heads == null ? List.of() : heads.measured());
        if (chosen.table() != null) {
            List<PointMeasurement> defaults =
                    calibrated.stream().map(Calibrated::measurement).toList();
            manifest = manifest.withPlan(ManifestPlan.of(chosen.table(), ladder, defaults));
        }
        writer.write(manifest, target);
        return new SplitResult(
                target,
                writer.id(),
                contract,
                measurements,
                calibration,
                metric(contract),
                halfTails,
                halfRefusals,
                heads,
                edge,
                local,
                chosen.table());
    }

    private static String metric(Contract contract) {
        return Agreement.forOutputs(contract.outputsWithoutState()).label();
    }

    /** What devices will run; the points that were asked for come before what they would gain. */
    private EdgeChoice edge(SplitRequest request, ModelSummary summary, Samples samples)
            throws IOException, EngineException {
        if (request.edgeChoice() != null) {
            return request.edgeChoice();
        }
        if (!summary.state().isEmpty() && request.edgeMode() != EdgeMode.NEVER) {
            String why = "its state \"" + summary.state().get(0).input()
                    + "\" would add up what 8 bits lose; expected a model without state";
            if (request.edgeMode() == EdgeMode.ALWAYS) {
                throw new ModelException("model " + request.model() + " in INT8: " + why);
            }
            return EdgeChoice.FLOAT.inFloat(why);
        }
        Ladder asked = summary.at(request.at());
        EdgeChoice choice = new EdgeChooser(engine, options, TIMING, nanoTime, progress)
                .choose(summary, request.edgeMode(), samples, request.maxDisagreement(), settings(request));
        EdgeChoice possible = choice.orFloat(asked);
        if (request.edgeMode() == EdgeMode.ALWAYS && possible.model() == null) {
            throw new ModelException("model " + request.model() + " in INT8: " + possible.reason());
        }
        return possible;
    }

    private ChosenLadder choose(
            SplitRequest request,
            ModelSummary summary,
            EdgeChoice edge,
            Preprocessing preprocessing,
            Samples samples,
            Cut floor,
            List<CodecParams> replies)
            throws IOException, EngineException, CodecException {
        if (request.planned() && summary.state().isEmpty()) {
            return new LadderPlanner(engine, options, toolVersion, progress)
                    .choose(summary, edge, request, preprocessing, samples, floor, replies);
        }
        Ladder ladder = request.at().isEmpty() ? summary.narrowest(request.count(), floor) : summary.at(request.at());
        return new ChosenLadder(ladder, null, Map.of());
    }

    /** The first point whose head holds all that must stay on the device; 0 without a floor. */
    private static int privacyFloor(SplitRequest request, Ladder ladder, Cut floor) throws ModelException {
        if (floor == null) {
            return 0;
        }
        for (int point = 1; point <= ladder.size(); point++) {
            if (floor.isWithin(ladder.points().get(point - 1))) {
                return point;
            }
        }
        throw new ModelException(
                "no point of the ladder is at or after \"" + request.notBefore() + "\"; expected one that may be used");
    }

    private ModelSummary summary(SplitRequest request) throws ModelException {
        OnnxModel model = OnnxModel.read(request.model());
        try {
            model = model.with(OutputReducer.reduce(model.proto(), request.reductions()));
        } catch (IllegalArgumentException refused) {
            throw new ModelException("model " + request.model() + ": " + refused.getMessage());
        }
        String impossible = CutFinder.impossibleBecause(new Dataflow(Graph.of(model)));
        if (impossible != null) {
            throw new ModelException("model " + request.model() + ": " + impossible);
        }
        ProbedModel probed = new ShapeProbe(engine, settings(request)).probe(model);
        List<StatePair> state = request.state().isEmpty() ? StatePair.detect(probed.graph()) : request.state();
        ModelSummary summary = ModelSummary.of(probed, state);
        summary.requireCarriedState();
        if (!state.isEmpty() && request.halfTails()) {
            throw new ModelException("model " + request.model() + " with tails in fp16: its state \""
                    + state.get(0).input() + "\" would go round in them; expected a model without state");
        }
        return summary;
    }

    private static Set<String> stateInputs(ModelSummary summary) {
        return summary.state().stream().map(StatePair::input).collect(Collectors.toSet());
    }

    private static ProbeSettings settings(SplitRequest request) {
        return ProbeSettings.defaults().withDims(request.dims());
    }
}
