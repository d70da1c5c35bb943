package dev.cleave.partition.split;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.calibrate.Calibrator;
import dev.cleave.partition.calibrate.Calibrator.Calibrated;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.CutFinder;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.SegmentExtractor;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reduce.OutputReducer;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Model in, bundle out: reads, probes, cuts, extracts, calibrates and writes, in that order and one direction.
 *
 * <p>Calibration runs on a draft of the bundle that differs from the result only in its quality levels, so what is
 * measured is what will be served.
 */
public final class ModelSplitter {
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
        try (ScratchFolder scratch = ScratchFolder.create("cleave-split")) {
            return split(request, samples, target, scratch);
        }
    }

    private SplitResult split(SplitRequest request, SampleSource source, Path target, ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        progress.begin("probe shapes", 2);
        ModelSummary summary = summary(request);
        progress.step();
        Cut floor = request.notBefore() == null ? null : summary.cuts().at(List.of(request.notBefore()));
        Ladder ladder = request.at().isEmpty() ? summary.narrowest(request.count(), floor) : summary.at(request.at());
        summary = summary.confirmRows(ladder, engine, settings(request));
        progress.step();
        ProbedModel probed = summary.model();
        ExtractedModel extracted =
                new SegmentExtractor(probed.flow(), probed.facts(), ladder).extract(scratch.file("weights.bin"));
        ContractDraft draft = new ContractDraft(request, probed, summary.state(), ladder, floor, extracted);
        Samples samples = source == null ? null : source.open(probed, draft.preprocessing());
        progress.expectBytes(extracted.bytes());
        if (samples == null) {
            progress.expectTime(Duration.ZERO);
        }
        List<Calibrated> calibrated =
                samples == null ? List.of() : calibrate(draft, extracted, samples, request, scratch);
        Contract contract = draft.contract(levels(draft, calibrated));
        List<PointMeasurement> measurements =
                calibrated.stream().map(Calibrated::measurement).toList();
        BundleWriter writer = writer(contract, extracted);
        writer.write(new Manifest(View.FULL, contract.local(), toolVersion, measurements), target);
        String metric = Agreement.forOutputs(contract.outputs()).label();
        return new SplitResult(target, writer.id(), contract, measurements, metric);
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
        requireStateless(request, state);
        return summary;
    }

    /** The bundle format holds state, but nothing carries it from one run to the next yet. */
    private static void requireStateless(SplitRequest request, List<StatePair> state) throws ModelException {
        if (!state.isEmpty()) {
            throw new ModelException(
                    "model " + request.model() + ": output \"" + state.get(0).output()
                            + "\" is fed back as input \"" + state.get(0).input()
                            + "\"; expected a model without state, others cannot be run in parts yet");
        }
    }

    private static ProbeSettings settings(SplitRequest request) {
        ProbeSettings settings = ProbeSettings.defaults();
        for (Map.Entry<String, Long> dim : request.dims().entrySet()) {
            settings = settings.withDim(dim.getKey(), dim.getValue());
        }
        return settings;
    }

    private List<Calibrated> calibrate(
            ContractDraft draft, ExtractedModel extracted, Samples samples, SplitRequest request, ScratchFolder scratch)
            throws IOException, EngineException, CodecException {
        Contract contract = draft.contract(levels(draft, List.of()));
        Path file = scratch.file("draft.cleave");
        writer(contract, extracted).write(new Manifest(View.FULL, contract.local(), toolVersion, List.of()), file);
        Bundle bundle = Bundle.open(file);
        try (SegmentChain chain =
                SegmentChain.load(bundle, engine, options, contract.precision(), 0, contract.local())) {
            RoundTrip roundTrip = new RoundTrip(contract, chain, PictureCodecs.find());
            return new Calibrator(contract, roundTrip, request.wantedAgreement(), MemoryBudget.ofJvm())
                    .calibrate(samples, progress);
        }
    }

    /** Quality levels of points 0..k: the calibrated or the careful default, then {@code raw}. */
    private static List<List<QualityLevel>> levels(ContractDraft draft, List<Calibrated> calibrated) {
        List<List<QualityLevel>> levels = new ArrayList<>();
        levels.add(withRaw(draft.cloudParams()));
        for (int point = 1; point <= draft.splitPoints(); point++) {
            levels.add(withRaw(
                    calibrated.isEmpty()
                            ? halved(draft.boundary(point))
                            : calibrated.get(point - 1).params()));
        }
        return levels;
    }

    private static List<CodecParams> halved(List<TensorSpec> boundary) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : boundary) {
            params.add(spec.type().isFloating() ? new CodecParams.Fp16() : new CodecParams.Raw());
        }
        return params;
    }

    private static List<QualityLevel> withRaw(List<CodecParams> params) {
        List<CodecParams> raw = new ArrayList<>();
        params.forEach(any -> raw.add(new CodecParams.Raw()));
        return List.of(new QualityLevel(QualityLevel.DEFAULT, params), new QualityLevel(QualityLevel.RAW, raw));
    }

    private static BundleWriter writer(Contract contract, ExtractedModel extracted) throws IOException {
        BundleWriter writer = new BundleWriter(contract);
        extracted.graphs().forEach((name, bytes) -> writer.file(ContractDraft.path(extracted, name), bytes));
        return writer.file(extracted.weightsLocation(), extracted.weights());
    }
}
