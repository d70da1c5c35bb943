package dev.cleave.partition.draft;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.View;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.SegmentExtractor;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A bundle of a ladder whose quality levels are not decided yet: graphs and weights are extracted, and all of the
 * contract is known but how boundaries are coded. Immutable; its weights lie in a folder that is the caller's.
 */
public final class DraftBundle {
    /** What the format allows; the gateway decides how many rows it joins. */
    private static final int MOST_ROWS = 1 << 16;

    private final ModelTitle title;
    private final ProbedModel probed;
    private final Preprocessing preprocessing;
    private final List<StatePair> statePairs;
    private final Ladder ladder;
    private final int privacyFloor;
    private final List<CodecParams> replies;
    private final DraftFiles files;
    /** What devices run, or null: the model itself. */
    private final EdgeModel edge;

    private DraftBundle(
            ModelTitle title,
            ProbedModel probed,
            Preprocessing preprocessing,
            List<StatePair> statePairs,
            Ladder ladder,
            int privacyFloor,
            List<CodecParams> replies,
            DraftFiles files,
            EdgeModel edge) {
        this.title = title;
        this.probed = probed;
        this.preprocessing = preprocessing;
        this.statePairs = List.copyOf(statePairs);
        this.ladder = ladder;
        this.privacyFloor = privacyFloor;
        this.replies = List.copyOf(replies);
        this.files = files;
        this.edge = edge;
    }

    private DraftBundle with(DraftFiles other, EdgeModel integers) {
        return new DraftBundle(
                title, probed, preprocessing, statePairs, ladder, privacyFloor, replies, other, integers);
    }

    /**
     * Extracts the graphs and weights of a ladder.
     *
     * @param preprocessing bound to an input, see {@link PictureInput}; or null
     * @param statePairs tensors that loop back
     * @param ladder may be empty: then there are CLOUD and LOCAL alone
     * @param privacyFloor the first point that may be used, 0 for none
     * @param replies how each output is coded on the way back
     * @param weights file to write
     */
    public static DraftBundle extract(
            ModelTitle title,
            ProbedModel probed,
            Preprocessing preprocessing,
            List<StatePair> statePairs,
            Ladder ladder,
            int privacyFloor,
            List<CodecParams> replies,
            Path weights)
            throws IOException {
        ExtractedModel extracted = new SegmentExtractor(probed.flow(), probed.facts(), ladder).extract(weights);
        return new DraftBundle(
                title,
                probed,
                preprocessing,
                statePairs,
                ladder,
                privacyFloor,
                replies,
                DraftFiles.of(extracted),
                null);
    }

    /** Replies that lose nothing, whatever the outputs are. */
    public static List<CodecParams> rawReplies(ProbedModel probed) {
        return Collections.nCopies(probed.outputs().size(), new CodecParams.Raw());
    }

    /**
     * The same ladder with heads in integers.
     *
     * @param integers of the same model, or null: then nothing changes
     * @param weights file to write
     * @throws ModelException naming a point that the integer model does not have
     */
    public DraftBundle withEdge(EdgeModel integers, Path weights) throws IOException {
        if (integers == null) {
            return this;
        }
        ProbedModel model = integers.summary().model();
        ExtractedModel segments = new SegmentExtractor(model.flow(), model.facts(), integers.at(ladder), Contract.INT8)
                .extract(weights)
                .segmentsAndWhole();
        return with(files.with(segments), integers);
    }

    /** The same ladder with graphs and weights of a further precision, for gateways. */
    public DraftBundle with(ExtractedModel further) throws IOException {
        return with(files.with(further), edge);
    }

    /**
     * The same ladder, and the first segments of what devices run in a further form.
     *
     * @param segments from segment 0 on; they replace those of that form that there were
     */
    public DraftBundle withForms(GraphFormat format, List<byte[]> segments) {
        return with(files.withForms(edgePrecision(), format, segments), edge);
    }

    /** Segments 0..k of what devices run, in ONNX; their weights lie in the caller's folder. */
    public List<GraphSource> deviceSegments() {
        List<GraphSource> segments = new ArrayList<>();
        for (int i = 0; i <= ladder.size(); i++) {
            segments.add(files.graph(edgePrecision(), "segment-" + i));
        }
        return segments;
    }

    private String edgePrecision() {
        return edge == null ? files.precision() : Contract.INT8;
    }

    /** Size of graphs and weights in bytes. */
    public long bytes() {
        return files.bytes();
    }

    /** k. */
    public int splitPoints() {
        return ladder.size();
    }

    /** Tensors of point 0..k; state never crosses. */
    public List<TensorSpec> boundary(int point) {
        return point == 0
                ? crossingInputs()
                : specs(ladder.points().get(point - 1).boundary());
    }

    private List<TensorSpec> crossingInputs() {
        Set<String> state = new HashSet<>();
        statePairs.forEach(pair -> state.add(pair.input()));
        return probed.inputs().stream()
                .filter(input -> !state.contains(input.name()))
                .toList();
    }

    /**
     * How each point's boundary is coded while nothing is known of its values: at CLOUD pictures as pictures and all else
     * as it is; at other points floats as halves, integers as they are.
     *
     * @return by point 0..k, one entry per tensor
     */
    public List<List<CodecParams>> carefulParams() {
        List<List<CodecParams>> params = new ArrayList<>();
        for (int point = 0; point <= ladder.size(); point++) {
            List<CodecParams> ofPoint = new ArrayList<>();
            for (TensorSpec spec : boundary(point)) {
                ofPoint.add(point == 0 ? cloud(spec) : halved(spec));
            }
            params.add(ofPoint);
        }
        return params;
    }

    private CodecParams cloud(TensorSpec input) {
        boolean picture = preprocessing != null && preprocessing.input().equals(input.name());
        return picture ? new CodecParams.Image() : new CodecParams.Raw();
    }

    private static CodecParams halved(TensorSpec spec) {
        return spec.type().isFloating() ? new CodecParams.Fp16() : new CodecParams.Raw();
    }

    /**
     * The contract once the default quality level is decided; level {@code raw} is added.
     *
     * @param params of points 0..k
     */
    public Contract contract(List<List<CodecParams>> params) {
        return contractOf(params.stream().map(DraftBundle::withRaw).toList());
    }

    /**
     * The contract once the quality levels are decided.
     *
     * @param levels of points 0..k, {@code default} first and {@code raw} last
     */
    public Contract contractOf(List<List<QualityLevel>> levels) {
        List<LadderPoint> points = new ArrayList<>();
        for (int point = 0; point <= ladder.size(); point++) {
            boolean point0 = point == 0;
            List<BoundaryTensor> boundary = boundary(point).stream()
                    .map(spec -> new BoundaryTensor(
                            spec, edge == null || point0 ? null : edge.forms().get(spec.name())))
                    .toList();
            points.add(new LadderPoint(point, boundary, earlyOutputs(point), levels.get(point)));
        }
        return new Contract(
                title.name(),
                title.version(),
                probed.graph().model().sha256(),
                files.precision(),
                edgePrecision(),
                probed.inputs(),
                probed.outputs(),
                replies,
                title.labels(),
                preprocessing,
                probed.isBatched() ? MOST_ROWS : 1,
                probed.batchReason(),
                points,
                state(),
                privacyFloor,
                files.digests(),
                files.prefixes());
    }

    /** Level {@code default}, and {@code raw}. */
    public static List<QualityLevel> withRaw(List<CodecParams> params) {
        List<CodecParams> raw = new ArrayList<>();
        params.forEach(any -> raw.add(new CodecParams.Raw()));
        return List.of(new QualityLevel(QualityLevel.DEFAULT, params), new QualityLevel(QualityLevel.RAW, raw));
    }

    private List<String> earlyOutputs(int point) {
        return point == 0 ? List.of() : ladder.points().get(point - 1).earlyOutputs();
    }

    /** State that a point keeps on one side is on the edge if its tensors are in the first head, else in the cloud. */
    private List<StateTensor> state() {
        List<StateTensor> state = new ArrayList<>();
        for (StatePair pair : statePairs) {
            boolean edge = !ladder.points().isEmpty()
                    && ladder.points().get(0).earlyOutputs().contains(pair.output());
            state.add(new StateTensor(
                    pair.input(), pair.output(), edge ? StateTensor.Side.EDGE : StateTensor.Side.CLOUD));
        }
        return state;
    }

    private List<TensorSpec> specs(Collection<String> names) {
        return names.stream().map(probed.facts()::spec).toList();
    }

    /** Writes a bundle of this draft's graphs and weights. */
    public BundleWriter writer(Contract contract) throws IOException {
        BundleWriter writer = new BundleWriter(contract);
        files.addTo(writer);
        return writer;
    }

    /**
     * Writes the draft with {@link #carefulParams} and loads all of its segments.
     *
     * @param scratch where the bundle is written; must outlive what is returned
     */
    public DraftRun open(Engine engine, SessionOptions options, ScratchFolder scratch)
            throws IOException, EngineException {
        Contract contract = contract(carefulParams());
        Path file = scratch.file("draft.cleave");
        writer(contract).write(new Manifest(View.FULL, contract.local(), "draft", List.of()), file);
        return DraftRun.load(Bundle.open(file), engine, options);
    }
}
