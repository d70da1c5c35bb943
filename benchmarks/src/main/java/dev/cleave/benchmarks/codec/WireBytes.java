package dev.cleave.benchmarks.codec;

import dev.cleave.answer.Proportion;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Labels;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.partition.split.UnmetBudgetException;
import dev.cleave.partition.verify.ReferenceModel;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.picture.PictureCodecs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What crosses at the points of bundles as {@code split} makes them, heads in integers included, and which JPEG does as well:
 * split on every second picture, verified on the others.
 */
@Command(
        name = "wire-bytes",
        description = "Measures bytes, agreement and accuracy of split points beside JPEG's.",
        mixinStandardHelpOptions = true)
final class WireBytes implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: mobilenetv2 squeezenet.")
    private List<String> models = List.of("mobilenetv2", "squeezenet");

    @Option(names = "--pictures", paramLabel = "N", description = "Half of them to split with. Default 200.")
    private int pictures = 200;

    @Option(names = "--max-disagreement", paramLabel = "P", description = "As split has it. Default 0.02.")
    private double maxDisagreement = SplitRequest.DEFAULT_DISAGREEMENT;

    @Option(
            names = "--int8",
            paramLabel = "auto|always|never",
            description = "Whether devices run the head in 8-bit integers. Default always.")
    private EdgeMode edgeMode = EdgeMode.ALWAYS;

    @Option(
            names = "--at",
            split = ",",
            paramLabel = "TENSOR[+TENSOR..]",
            description = "Points, for one model. Default: each model's usual ones, narrow tensors half-way.")
    private List<String> at = List.of();

    @Option(names = "--ladder", paramLabel = "N", description = "Instead, a ladder of split's own.")
    private Integer ladder;

    @Option(names = "--threads", paramLabel = "N", description = "Of a run; 0: one a core. Default 1.")
    private int threads = 1;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final List<String> summaries = new ArrayList<>();
    private final MarkdownTable table = new MarkdownTable(
            "model",
            "point",
            "work before, %",
            "level",
            "codec",
            "bytes",
            "zstd, same symbols",
            "under zstd, %",
            "agreement (95 %)",
            "top-1 (95 %)",
            "JPEG, equal agreement",
            "JPEG, equal top-1");
    private boolean passed = true;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new WireBytes())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<PlanMaterial.Known> known = PlanMaterial.named(models);
        checkOptions(known);
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-wire-bytes")) {
            for (PlanMaterial.Known each : known) {
                measure(each, engine, Files.createDirectory(work.file(each.toString())));
            }
            MarkdownPage page = new MarkdownPage("Bytes on the wire", engine, how());
            page.add("Means of whole payloads; level " + QualityLevel.RAW + " is left out:", table);
            page.add(summaries);
            page.publish(out);
        }
        return passed ? 0 : 3;
    }

    private void checkOptions(List<PlanMaterial.Known> known) {
        if (pictures < 4 || ladder != null && ladder < 1 || !(maxDisagreement >= 0 && maxDisagreement <= 1)) {
            throw new UserException("--pictures " + pictures + ", --ladder " + ladder + ", --max-disagreement "
                    + maxDisagreement + "; expected at least 4, at least 1, and 0 to 1");
        }
        if (!at.isEmpty() && ladder != null) {
            throw new UserException("--at names the points already; expected no --ladder beside it");
        }
        if (!at.isEmpty() && known.size() != 1) {
            throw new UserException("--at names tensors of one model; expected one, not " + known);
        }
        if (known.contains(PlanMaterial.Known.YOLOX_NANO) && at.isEmpty() && ladder == null) {
            throw new UserException("model yolox_nano has no usual points; expected --at or --ladder");
        }
        known.stream().filter(PlanMaterial.Known::isTopology).findFirst().ifPresent(topology -> {
            throw new UserException("model " + topology + " has no weights of its own; expected one that has");
        });
    }

    private List<String> how() {
        return List.of(
                pictures + " pictures: every second one to split with, the others for all figures here",
                "split: --int8=" + edgeMode.name().toLowerCase(Locale.ROOT) + " --max-disagreement " + maxDisagreement
                        + (ladder == null ? ", points given" : " --ladder " + ladder),
                "agreement: the same answer as the unsplit model in float; JPEG: the picture at the model's size, the"
                        + " whole model in float on the gateway, the fewest bytes that do as well");
    }

    private void measure(PlanMaterial.Known known, Engine engine, Path folder) throws Exception {
        SessionOptions options = SessionOptions.defaults().withThreads(threads);
        PlanModel model = new PlanMaterial(folder).open(known, pictures, engine);
        Path file = model.summary().model().graph().model().file();
        notes.say(known + ": splitting");
        try {
            Samples calibration = CodecMaterial.everySecond(model.samples(), 0);
            SplitResult split = new ModelSplitter(engine, options, ToolVersion.text(), notes)
                    .split(
                            request(known, model, file),
                            (probed, preprocessing) -> calibration,
                            folder.resolve("model.cleave"));
            verify(known, model, split, engine, options);
        } catch (UnmetBudgetException unmet) {
            passed = false;
            summaries.add("- FAIL: " + known + ": " + unmet.getMessage());
        }
    }

    private void verify(
            PlanMaterial.Known known, PlanModel model, SplitResult split, Engine engine, SessionOptions options)
            throws Exception {
        Samples report = CodecMaterial.everySecond(model.samples(), 1);
        Bundle bundle = Bundle.open(split.bundle());
        notes.say(known + ": verifying");
        try (ReferenceModel reference =
                ReferenceModel.load(model.summary().model().graph().model(), bundle.contract(), engine, options)) {
            VerifyReport verified = new Verifier(bundle, engine, options, PictureCodecs.find(), notes)
                    .verify(report, reference, reference.digest(), labels(model), true);
            notes.say(known + ": zstd");
            List<WirePoint> points =
                    WirePoint.of(verified, split.measurements(), ZstdBytes.measure(bundle, report, engine, options));
            for (WirePoint point : points) {
                add(known, model.summary(), point, verified);
            }
            summarise(known, split, points, verified);
        }
    }

    private SplitRequest request(PlanMaterial.Known known, PlanModel model, Path file) {
        SplitRequest request = SplitRequest.of(file)
                .withPreprocessing(model.preprocessing())
                .withEdgeMode(edgeMode)
                .withMaxDisagreement(maxDisagreement)
                .withWantedAgreement(Budget.wanted(maxDisagreement));
        if (ladder != null) {
            return request.withCount(ladder).withPlanned(true);
        }
        List<String> points = at.isEmpty() ? CodecMaterial.cuts(known) : at;
        return request.withAt(
                points.stream().map(point -> Arrays.asList(point.split("\\+"))).toList());
    }

    private static Function<String, Integer> labels(PlanModel model) throws Exception {
        if (model.labels() == null) {
            return name -> null;
        }
        Labels labels = Labels.read(model.labels());
        return name -> labels.classOf(name).orElseThrow();
    }

    private void add(PlanMaterial.Known known, ModelSummary summary, WirePoint point, VerifyReport verified)
            throws ModelException {
        VerifyReport.Level level = point.level();
        table.row(
                known,
                String.join("+", point.tensors()),
                100 * summary.point(summary.cuts().at(point.tensors())).workBefore(),
                level.name(),
                level.codec(),
                level.wireBytesMean(),
                point.zstdBytes(),
                100 * (1 - level.wireBytesMean() / point.zstdBytes()),
                text(level.agreeing()),
                text(level.correct()),
                text(verified.jpegOfEqualAgreement(level)),
                text(verified.jpegOfEqualAccuracy(level)));
    }

    private void summarise(PlanMaterial.Known known, SplitResult split, List<WirePoint> points, VerifyReport verified) {
        String heads = split.edge().summary().isEmpty()
                ? "heads in float"
                : split.edge().summary();
        summaries.add("- " + known + ": " + heads);
        VerifyReport.Level local =
                verified.points().get(verified.points().size() - 1).level();
        summaries.add("- " + known + ": top-1 of the model in float "
                + text(verified.reference().correct())
                + "; of the whole as devices run it " + text(local.correct()) + ", which agrees on "
                + text(local.agreeing()));
        WirePoint best = WirePoint.best(points);
        boolean keeps = best.level().agreeing().share() >= 1 - maxDisagreement;
        boolean small = best.level().wireBytesMean() <= wantedBytes(known);
        passed &= keeps && small;
        summaries.add(String.format(
                Locale.ROOT,
                "- %s: %s at %s, the point with the fewest bytes on inputs of the split's own: %.0f bytes%s, agreement %s (wanted"
                        + " %.2f)",
                keeps && small ? "pass" : "FAIL",
                known,
                String.join("+", best.tensors()),
                best.level().wireBytesMean(),
                wantedBytes(known) == Double.POSITIVE_INFINITY
                        ? ""
                        : String.format(Locale.ROOT, " (wanted %.0f)", wantedBytes(known)),
                text(best.level().agreeing()),
                1 - maxDisagreement));
    }

    /** At the best point; infinite where nothing was promised. */
    private static double wantedBytes(PlanMaterial.Known known) {
        return switch (known) {
            case MOBILENETV2 -> 4500;
            case SQUEEZENET -> 3000;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    private static String text(Proportion proportion) {
        return proportion.of() == 0
                ? "-"
                : String.format(
                        Locale.ROOT, "%.3f (%.3f-%.3f)", proportion.share(), proportion.low(), proportion.high());
    }

    private static String text(VerifyReport.Jpeg jpeg) {
        return jpeg == null ? "-" : String.format(Locale.ROOT, "%.0f (quality %d)", jpeg.bytesMean(), jpeg.quality());
    }
}
