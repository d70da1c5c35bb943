package dev.cleave.partition.split;

import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.View;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.Calibrator;
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
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reduce.OutputReducer;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    private final SessionOptions options;
    private final Progress progress;
    private final String toolVersion;

    /** @param engine stays the caller's */
    public ModelSplitter(Engine engine, SessionOptions options, String toolVersion, Progress progress) {
        this.engine = engine;
        this.options = options;
        this.toolVersion = toolVersion;
        this.progress = progress;
    }

    /**
     * Writes the full bundle of a model.
     *
     * @param samples for calibration, or null: then floats cross as {@code fp16}, as ranges are not known
     * @throws ModelException if the model cannot be read or cut as asked; names the model or point, and why
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
        try (ScratchFolder scratch = ScratchFolder.create("cleave-split")) {
            return split(request, samples, target, known, scratch);
        }
    }

    private SplitResult split(
            SplitRequest request,
            SampleSource source,
            Path target,
            Map<List<String>, Calibrated> known,
            ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        progress.begin("probe shapes", 2);
        ModelSummary summary = summary(request);
        progress.step();
        Cut floor = request.notBefore() == null ? null : summary.cuts().at(List.of(request.notBefore()));
        Preprocessing preprocessing =
                PictureInput.bound(request.preprocessing(), summary.model().inputs());
        // Planning goes through them once for each step and cut.
        Samples samples = source == null
                ? null
                : source.open(summary.model(), preprocessing).cached(MemoryBudget.ofJvm());
        EdgeChoice edge = edge(request, summary, samples);
        summary = edge.offered(summary);
        ChosenLadder chosen = choose(request, summary, edge, preprocessing, samples, floor);
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
                        scratch.file("weights.bin"))
                .withEdge(edge.model(), scratch.file("edge-weights.bin"));
        progress.expectBytes(draft.bytes());
        if (samples == null) {
            progress.expectTime(Duration.ZERO);
        }
        Map<List<String>, Calibrated> before = new HashMap<>(chosen.known());
        before.putAll(known);
        List<Calibrated> calibrated =
                samples == null ? List.of() : calibrate(draft, samples, request.wantedAgreement(), before, scratch);
        Contract contract = draft.contract(params(draft, calibrated));
        List<PointMeasurement> measurements =
                calibrated.stream().map(Calibrated::measurement).toList();
        BundleWriter writer = draft.writer(contract);
        Manifest manifest = new Manifest(View.FULL, contract.local(), toolVersion, measurements);
        if (chosen.table() != null) {
            manifest = manifest.withPlan(ManifestPlan.of(chosen.table(), ladder, measurements));
        }
        writer.write(manifest, target);
        String metric = Agreement.forOutputs(contract.outputs()).label();
        return new SplitResult(target, writer.id(), contract, measurements, metric, edge, chosen.table());
    }

    /** What devices will run; the points that were asked for come before what they would gain. */
    private EdgeChoice edge(SplitRequest request, ModelSummary summary, Samples samples)
            throws IOException, EngineException {
        EdgeChoice choice = new EdgeChooser(engine, options, TIMING, System::nanoTime, progress)
                .choose(summary, request.edgeMode(), samples, request.maxDisagreement(), settings(request));
        EdgeChoice possible = choice.orFloat(summary.at(request.at()));
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
            Cut floor)
            throws IOException, EngineException, CodecException {
        if (request.planned()) {
            return new LadderPlanner(engine, options, toolVersion, progress)
                    .choose(summary, edge, request, preprocessing, samples, floor);
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
        summary.requireStateless();
        return summary;
    }

    private static ProbeSettings settings(SplitRequest request) {
        return ProbeSettings.defaults().withDims(request.dims());
    }

    private List<Calibrated> calibrate(
            DraftBundle draft,
            Samples samples,
            double wantedAgreement,
            Map<List<String>, Calibrated> known,
            ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        List<Calibrated> calibrated = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        for (int point = 1; point <= draft.splitPoints(); point++) {
            List<String> boundary =
                    draft.boundary(point).stream().map(TensorSpec::name).toList();
            Calibrated before = known.get(boundary);
            calibrated.add(before == null ? null : before.at(point));
            if (before == null) {
                open.add(point);
            }
        }
        if (open.isEmpty()) {
            progress.expectTime(Duration.ZERO);
            return calibrated;
        }
        try (DraftRun run = draft.open(engine, options, scratch)) {
            Calibrator calibrator =
                    new Calibrator(run.contract(), run.roundTrip(), wantedAgreement, MemoryBudget.ofJvm());
            for (Calibrated made : calibrator.calibrate(open, samples, progress)) {
                calibrated.set(made.measurement().point() - 1, made);
            }
        }
        return calibrated;
    }

    /** Of points 0..k: the calibrated ones, else the careful ones. */
    private static List<List<CodecParams>> params(DraftBundle draft, List<Calibrated> calibrated) {
        List<List<CodecParams>> params = new ArrayList<>(draft.carefulParams());
        for (Calibrated point : calibrated) {
            params.set(point.measurement().point(), point.params());
        }
        return params;
    }
}
