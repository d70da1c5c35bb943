package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.TextFile;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.trust.SignOptions;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.partition.split.UnmetBudgetException;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            description = "Share of answers that may differ from the unsplit model's. Where points cannot keep to it,"
                    + " exit with 3 and write nothing. Default 0.02.")
    void setMaxDisagreement(Double share) {
        keepTo.setMaxDisagreement(share);
    }

    @Option(
            names = "--reduce-output",
            paramLabel = "NAME=argmax|topk:K",
            description = "Leave of a large output only the best along its last axis.")
    private List<String> reductions = new ArrayList<>();

    @Option(
            names = "--reply",
            paramLabel = "NAME=raw|fp16|quant[:LEVELS]|topk:K",
            description =
                    "How an output comes back from the gateway. Default: fp16 where the sample inputs' outputs survive"
                            + " it, else raw.")
    private List<String> replies = new ArrayList<>();

    @Option(
            names = "--state",
            paramLabel = "INPUT=OUTPUT",
            description = "State of a streaming model: this output is that input of the next run.")
    private Map<String, String> state = new LinkedHashMap<>();

    @Option(
            names = "--fp16",
            description = "Add the tails in 16-bit floats, for gateways with a GPU; checked on the inputs.")
    private boolean halfTails;

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
    private ConstraintOptions keepTo;

    @Mixin
    private EdgeOption edge;

    @Mixin
    private LiteOption lite;

    @Mixin
    private SignOptions signature;

    @Mixin
    private SampleOptions samples;

    @Override
    protected void run(Terminal terminal) throws Exception {
        SplitRequest request = request();
        edge.requireInputs(samples.areGiven());
        requireTargets();
        signature.prepare();
        long start = System.nanoTime();
        try (Engine engine = Engines.create(null);
                Engine heads = lite.open();
                BarProgress progress = new BarProgress(terminal, true)) {
            ModelSplitter splitter = new ModelSplitter(engine, SessionOptions.defaults(), ToolVersion.text(), progress)
                    .withHeadsOn(heads);
            SplitResult result = split(splitter, request);
            progress.end();
            noteLabelsThatDoNotFit(terminal, result.contract());
            signature.sign(result.bundle());
            writeViews(result);
            new SplitReport(result, lite.whyNotRun(samples.areGiven()))
                    .print(terminal, (System.nanoTime() - start) / 1_000_000);
            noteContradiction(terminal, result);
        }
    }

    private SplitResult split(ModelSplitter splitter, SplitRequest request) throws Exception {
        try {
            return splitter.split(request, samples.areGiven() ? samples.source() : null, output);
        } catch (UnmetBudgetException unmet) {
            throw new CheckFailedException(unmet.getMessage());
        }
    }

    private SplitRequest request() throws IOException {
        checkOptions();
        SplitRequest request = SplitRequest.of(model)
                .withVersion(version)
                .withPreprocessing(samples.preprocessing())
                .withDims(samples.dims())
                .withWantedAgreement(keepTo.wantedAgreement())
                .withMaxDisagreement(keepTo.maxDisagreement())
                .withEdgeMode(edge.mode())
                .withNotBefore(keepTo.notBefore())
                .withAt(points())
                .withPlanned(true)
                .withHalfTails(halfTails)
                .withTfLite(lite.isWanted())
                .withCount(ladder == null ? SplitRequest.DEFAULT_COUNT : ladder)
                .withState(state.entrySet().stream()
                        .map(pair -> new StatePair(pair.getKey(), pair.getValue()))
                        .toList());
        if (name != null) {
            request = request.withName(name);
        }
        if (labelsText != null) {
            request = request.withLabels(classNames());
        }
        try {
            request =
                    request.withReplies(replies.stream().map(ReplyChoice::parse).toList());
        } catch (IllegalArgumentException malformed) {
            throw usage("--reply: " + malformed.getMessage());
        }
        try {
            return request.withReductions(
                    reductions.stream().map(Reduction::parse).toList());
        } catch (IllegalArgumentException malformed) {
            throw usage("--reduce-output: " + malformed.getMessage());
        }
    }

    private List<String> classNames() throws IOException {
        List<String> names = TextFile.lines(labelsText, "the classes' names, one a line");
        if (names.stream().allMatch(String::isBlank)) {
            throw new UserException("--labels-text " + labelsText + ": holds no names; expected one a line");
        }
        return names;
    }

    private void checkOptions() {
        if (halfTails && !samples.areGiven()) {
            throw usage("--fp16 needs inputs to check the tails on; give --inputs DIR or --random N");
        }
        if (ladder != null && ladder < 1) {
            throw usage("--ladder " + ladder + ": expected at least 1");
        }
        if (edgeThrough != null && edgeOnly == null) {
            throw usage("--edge-through needs --edge-only FILE");
        }
        if (name != null && !name.equals(SplitRequest.servable(name))) {
            throw usage("--name '" + name + "': expected 1 to 128 printable ASCII characters without space, quote or"
                    + " slash, not starting with a dot");
        }
        boolean auto = at.equals("auto");
        if (ladder != null && !auto) {
            throw usage("--ladder goes with --at auto; " + at + " names the points already");
        }
        int last = 1 + (auto ? ladder == null ? SplitRequest.DEFAULT_COUNT : ladder : at.split(",").length);
        if (edgeThrough != null && (edgeThrough < 1 || edgeThrough > last)) {
            throw usage("--edge-through " + edgeThrough + ": expected 1 to " + last);
        }
    }

    private List<List<String>> points() {
        if (at.equals("auto")) {
            return List.of();
        }
        List<List<String>> points = new ArrayList<>();
        for (String point : at.split(",", -1)) {
            List<String> tensors = List.of(point.split("\\+", -1));
            if (tensors.contains("")) {
                throw usage("--at '" + at + "': an empty name; expected auto or TENSOR[+TENSOR..][,TENSOR..]");
            }
            points.add(tensors);
        }
        return points;
    }

    private void requireTargets() throws IOException {
        OutputFiles files = new OutputFiles(model);
        files.add("-o", output);
        files.add("--edge-only", edgeOnly);
        files.add("--cloud-only", cloudOnly);
    }

    private static void noteLabelsThatDoNotFit(Terminal terminal, Contract contract) {
        Shape scores = contract.outputsWithoutState().get(0).shape();
        long classes = scores.rank() == 0 ? -1 : scores.dim(scores.rank() - 1);
        int names = contract.labels().size();
        if (names > 0 && classes > 1 && names != classes) {
            terminal.note("note: --labels-text holds " + names + " names, and output \""
                    + contract.outputsWithoutState().get(0).name() + "\" has " + classes + " classes");
        }
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

    /** Where the inputs that had no part in choosing say, beyond chance, that the budget is not kept after all. */
    private void noteContradiction(Terminal terminal, SplitResult result) {
        double bound = 1 - keepTo.maxDisagreement();
        for (PointMeasurement measured : result.measurements()) {
            Proportion agreeing = Proportion.ofShare(measured.agreement(), measured.inputs());
            if (measured.level().equals(QualityLevel.DEFAULT) && agreeing.high() < bound) {
                terminal.note("note: point " + measured.point() + " agrees on " + agreeing.count() + " of "
                        + agreeing.of() + " inputs that did not choose its codec; expected "
                        + ShareText.of(bound) + ", so give more inputs, or a smaller --max-disagreement");
            }
        }
    }
}
