package dev.cleave.cli.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.View;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave split}: a model in, a bundle out. */
@Command(
        name = "split",
        description = "Cuts a model into a bundle with one or more split points.",
        footer = {"", "Example:", "  cleave split model.onnx -o model.cleave --ladder 4 --random 16"})
public final class SplitCommand extends Verb {
    private static final double DEFAULT_DISAGREEMENT = 0.02;

    @Parameters(paramLabel = "MODEL", description = "An ONNX model.")
    private Path model;

    @Option(names = "-o", required = true, paramLabel = "FILE", description = "The bundle to write.")
    private Path output;

    @Option(
            names = "--at",
            paramLabel = "auto|POINT[,POINT..]",
            description = "Where to cut: TENSOR[+TENSOR..] for each point. Default auto.")
    private String at = "auto";

    @Option(names = "--ladder", paramLabel = "N", description = "Number of points that auto chooses. Default 4.")
    private Integer ladder;

    @Option(names = "--name", paramLabel = "NAME", description = "Name to serve it under. Default: the file's.")
    private String name;

    @Option(names = "--model-version", paramLabel = "TEXT", description = "Version of the model. Default 1.")
    private String version = "1";

    @Option(names = "--labels-text", paramLabel = "FILE", description = "Names of the classes, one a line.")
    private Path labelsText;

    @Option(
            names = "--max-disagreement",
            paramLabel = "P",
            description = "Exit with 3 if a point's answers differ more often. Default 0.02.")
    private double maxDisagreement = DEFAULT_DISAGREEMENT;

    @Option(
            names = "--not-before",
            paramLabel = "TENSOR",
            description = "Nothing made before this tensor may leave the device.")
    private String notBefore;

    @Option(
            names = "--reduce-output",
            paramLabel = "NAME=argmax|topk:K",
            description = "Leave of a large output only the best along its last axis.")
    private List<String> reductions = new ArrayList<>();

    @Option(
            names = "--state",
            paramLabel = "INPUT=OUTPUT",
            description = "State of a streaming model: this output is that input of the next run.")
    private Map<String, String> state = new LinkedHashMap<>();

    @Option(names = "--edge-only", paramLabel = "FILE", description = "Write the edge view, too.")
    private Path edgeOnly;

    @Option(
            names = "--edge-through",
            paramLabel = "N",
            description = "Leave what comes after point N out of the edge view; then there is no LOCAL.")
    private Integer edgeThrough;

    @Option(names = "--cloud-only", paramLabel = "FILE", description = "Write the cloud view, too.")
    private Path cloudOnly;

    @Mixin
    private SampleOptions samples;

    /** The JSON document. */
    record Document(String bundle, String id, int segments, List<Point> splitPoints, long millis) {}

    record Point(int index, List<Tensor> tensors, String codec, double wireBytesMean, double agreement) {}

    record Tensor(String name, String type, List<Long> shape) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        SplitRequest request = request();
        requireWritable(output);
        long start = System.nanoTime();
        terminal.note(estimate());
        try (Engine engine = Engines.create(null);
                BarProgress progress = new BarProgress(terminal)) {
            ModelSplitter splitter = new ModelSplitter(engine, SessionOptions.defaults(), ToolVersion.text(), progress);
            SplitResult result = splitter.split(request, samples.areGiven() ? samples::open : null, output);
            progress.end();
            writeViews(result);
            report(terminal, result, (System.nanoTime() - start) / 1_000_000);
            requireAgreement(result);
        }
    }

    private SplitRequest request() throws IOException {
        SplitRequest request = SplitRequest.of(model)
                .withVersion(version)
                .withPreprocessing(samples.preprocessing())
                .withDims(samples.dims())
                .withWantedAgreement(Math.max(SplitRequest.DEFAULT_AGREEMENT, 1 - maxDisagreement))
                .withNotBefore(notBefore)
                .withAt(points())
                .withCount(ladder == null ? SplitRequest.DEFAULT_COUNT : ladder)
                .withState(state.entrySet().stream()
                        .map(pair -> new StatePair(pair.getKey(), pair.getValue()))
                        .toList());
        if (name != null) {
            request = request.withName(name);
        }
        if (labelsText != null) {
            request = request.withLabels(Files.readAllLines(labelsText));
        }
        try {
            return request.withReductions(
                    reductions.stream().map(Reduction::parse).toList());
        } catch (IllegalArgumentException malformed) {
            throw usage("--reduce-output: " + malformed.getMessage());
        }
    }

    private List<List<String>> points() {
        if (ladder != null && ladder < 1) {
            throw usage("--ladder " + ladder + ": expected at least 1");
        }
        if (maxDisagreement < 0 || maxDisagreement > 1) {
            throw usage("--max-disagreement " + maxDisagreement + ": expected 0 to 1");
        }
        if (edgeThrough != null && edgeOnly == null) {
            throw usage("--edge-through needs --edge-only FILE");
        }
        if (at.equals("auto")) {
            return List.of();
        }
        if (ladder != null) {
            throw usage("--ladder goes with --at auto; " + at + " names the points already");
        }
        List<List<String>> points = new ArrayList<>();
        for (String point : at.split(",")) {
            points.add(List.of(point.split("\\+")));
        }
        return points;
    }

    private static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new UserException("-o " + file + ": there is no folder " + folder);
        }
        if (Files.isDirectory(file)) {
            throw new UserException("-o " + file + ": is a folder; expected a file");
        }
    }

    /** A first idea of how long it takes and how large it gets, before anything is read. */
    private String estimate() throws IOException {
        if (!Files.isRegularFile(model)) {
            return "splitting " + model;
        }
        long bytes = Files.size(model);
        return "splitting " + model + " of " + new ByteSize(bytes) + " into a bundle of about "
                + new ByteSize(bytes + bytes / 50) + (samples.areGiven() ? ", calibrated on the inputs" : "");
    }

    private void writeViews(SplitResult result) throws IOException {
        if (edgeOnly == null && cloudOnly == null) {
            return;
        }
        Bundle full = Bundle.open(result.bundle());
        if (edgeOnly != null) {
            int through = edgeThrough == null ? full.contract().local() : edgeThrough;
            BundleWriter.writeView(full, View.EDGE, through, edgeOnly);
        }
        if (cloudOnly != null) {
            BundleWriter.writeView(full, View.CLOUD, 0, cloudOnly);
        }
    }

    private void report(Terminal terminal, SplitResult result, long millis) {
        List<Point> points = new ArrayList<>();
        for (LadderPoint point : result.contract().points()) {
            if (point.index() > 0) {
                points.add(point(point, result));
            }
        }
        if (terminal.isJson()) {
            terminal.json()
                    .document(new Document(result.bundle().toString(), result.id(), points.size() + 1, points, millis));
            return;
        }
        Table table = Table.of("point", "tensors", "codec", "bytes", "agreement");
        for (Point point : points) {
            table.row(
                    point.index(),
                    point.tensors().stream().map(t -> t.name() + t.shape()).collect(Collectors.joining(" + ")),
                    point.codec(),
                    Double.isNaN(point.wireBytesMean()) ? null : Math.round(point.wireBytesMean()),
                    Double.isNaN(point.agreement()) ? null : percent(point.agreement()));
        }
        terminal.print(table);
        if (!result.contract().batchReason().isEmpty()) {
            terminal.print("requests are not batched: " + result.contract().batchReason());
        }
        if (result.measurements().isEmpty()) {
            terminal.print("no sample inputs: floats cross as fp16; give --inputs or --random for fewer bytes");
        }
        terminal.print("wrote " + result.bundle() + " (id " + result.id().substring(0, 12) + ") in "
                + String.format(Locale.ROOT, "%.1f s", millis / 1000.0));
    }

    private static Point point(LadderPoint point, SplitResult result) {
        PointMeasurement measured = result.measurements().stream()
                .filter(any -> any.point() == point.index())
                .findFirst()
                .orElse(null);
        return new Point(
                point.index(),
                point.specs().stream().map(SplitCommand::tensor).toList(),
                Codecs.describe(point.levels().get(0).codecs()),
                measured == null ? Double.NaN : measured.wireBytesMean(),
                measured == null ? Double.NaN : measured.agreement());
    }

    /** Of one row; -1 where a dimension is open. */
    private static Tensor tensor(TensorSpec spec) {
        Shape row = spec.shape().withRows(1);
        List<Long> dims = new ArrayList<>();
        for (long dim : row.dims()) {
            dims.add(dim);
        }
        return new Tensor(spec.name(), spec.type().jsonName(), dims);
    }

    private void requireAgreement(SplitResult result) {
        for (PointMeasurement measured : result.measurements()) {
            if (measured.agreement() < 1 - maxDisagreement) {
                throw new CheckFailedException("point " + measured.point() + " agrees on "
                        + percent(measured.agreement()) + " of " + measured.inputs() + " inputs (" + result.metric()
                        + "); expected " + percent(1 - maxDisagreement));
            }
        }
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }
}
