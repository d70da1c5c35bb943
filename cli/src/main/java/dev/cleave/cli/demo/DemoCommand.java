package dev.cleave.cli.demo;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.inputs.Labels;
import dev.cleave.cli.link.LinkRates;
import dev.cleave.cli.model.BarProgress;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.FolderSamples;
import dev.cleave.cli.samples.PreprocessOption;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.partition.split.UnmetBudgetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave demo}: splits a model, serves it, runs it three ways over a shaped link, and says which it would take. */
@Command(
        name = "demo",
        description = "Shows the whole thing: a model split, served, and run LOCAL, SPLIT and CLOUD over a slow link.",
        footer = {"", "Example:", "  cleave demo"})
public final class DemoCommand extends Verb {
    /** Agreement with the default codec that the demo promises on its own model. */
    private static final double MOST_DISAGREEMENT = 0.02;

    private static final int SHOWN = 6;

    @Option(names = "--model", paramLabel = "FILE", description = "Your own ONNX model. Default: a text recogniser.")
    private Path model;

    @Option(names = "--inputs", paramLabel = "DIR", description = "Inputs of your own model.")
    private Path inputs;

    @Option(names = "--labels", paramLabel = "FILE", description = "Their classes: file-name<TAB>class-index.")
    private Path labels;

    @Option(
            names = "--preprocess",
            paramLabel = "FILE|PRESET",
            description = "How pictures become tensors: a JSON file, or imagenet, tf, unit, caffe.")
    private String preprocess;

    @Option(
            names = "--uplink",
            paramLabel = "RATE",
            description = "Rate of the link, both ways. Default 5.85mbit (LTE).")
    private BitRate uplink = BitRate.parse("5.85mbit");

    @Option(names = "--rtt", paramLabel = "TIME", description = "Its round-trip time. Default 50ms.")
    private Duration rtt = Duration.ofMillis(50);

    @Override
    protected void run(Terminal terminal) throws Exception {
        if ((model == null) != (inputs == null)) {
            throw usage("--model and --inputs go together");
        }
        if (model == null && (labels != null || preprocess != null)) {
            throw usage("--labels and --preprocess go with --model");
        }
        Path work = Files.createTempDirectory("cleave-demo");
        try {
            DemoReport report = demo(terminal, work);
            print(terminal, report);
            requirePromises(report);
        } finally {
            delete(work);
        }
    }

    private DemoReport demo(Terminal terminal, Path work) throws Exception {
        terminal.note("1/4 preparing model and inputs");
        DemoMaterial material = material(work);
        terminal.note("2/4 splitting " + material.title());
        SplitResult split = split(terminal, material, work);
        LinkRates rates = new LinkRates(uplink, uplink, rtt);
        terminal.note("3/4 starting a gateway process behind a link of " + rates);
        try (DemoRun run = DemoRun.start(work, split, material.inputs(), rates)) {
            terminal.note("4/4 running the inputs LOCAL, SPLIT and CLOUD, an agent process each");
            return passes(terminal, run, split, material, rates);
        }
    }

    private DemoReport passes(Terminal terminal, DemoRun run, SplitResult split, DemoMaterial material, LinkRates rates)
            throws Exception {
        int points = split.contract().splitPoints();
        try (var progress = terminal.progress("passes", points + 4)) {
            DemoPass local = run.local();
            progress.step();
            List<DemoPass> splits = new ArrayList<>();
            for (int point = 1; point <= points; point++) {
                splits.add(run.split(point, QualityLevel.DEFAULT));
                progress.step();
            }
            DemoPass best = splits.stream()
                    .min(Comparator.comparingDouble(DemoPass::p50Millis))
                    .orElseThrow();
            DemoPass cloud = run.cloud(QualityLevel.DEFAULT);
            progress.step();
            DemoPass splitRaw = run.split(best.point(), QualityLevel.RAW);
            progress.step();
            DemoPass cloudRaw = run.cloud(QualityLevel.RAW);
            return new DemoReport(
                    material.title(),
                    rates,
                    split.edge(),
                    codec(split, best.point()),
                    local,
                    best,
                    cloud,
                    splits,
                    splitRaw,
                    cloudRaw,
                    DemoPlan.of(split, rates),
                    material.answers());
        }
    }

    private static String codec(SplitResult split, int point) {
        return CodecLabel.of(
                split.contract().points().get(point).levels().get(0).codecs());
    }

    private DemoMaterial material(Path work) throws IOException {
        if (model == null) {
            return LinesMaterial.prepare(work);
        }
        Labels known = labels == null ? null : Labels.read(labels);
        Function<String, Integer> classes =
                name -> known == null || known.classOf(name).isEmpty()
                        ? null
                        : (Integer) known.classOf(name).getAsInt();
        SplitRequest request = SplitRequest.of(model)
                .withPreprocessing(PreprocessOption.read(preprocess))
                .withPlanned(true)
                .withEdgeMode(EdgeMode.AUTO);
        return OwnMaterial.prepare(request, inputs, classes, work);
    }

    private static SplitResult split(Terminal terminal, DemoMaterial material, Path work) throws Exception {
        Path models = Files.createDirectory(work.resolve("models"));
        try (Engine engine = Engines.create(null);
                BarProgress progress = new BarProgress(terminal)) {
            ModelSplitter splitter = new ModelSplitter(engine, SessionOptions.defaults(), ToolVersion.text(), progress);
            return splitter.split(
                    material.request(),
                    (probed, preprocessing) ->
                            FolderSamples.open(material.calibration(), probed.inputs(), preprocessing),
                    models.resolve("demo.cleave"));
        } catch (UnmetBudgetException unmet) {
            throw new CheckFailedException(unmet.getMessage());
        }
    }

    private static void print(Terminal terminal, DemoReport report) {
        if (terminal.isJson()) {
            terminal.json().document(report.document());
            return;
        }
        terminal.print("");
        terminal.print(answers(report));
        terminal.print("");
        terminal.print(comparison(report));
        terminal.print("");
        DemoWaterfall.lines(List.of(report.local(), report.split(), report.cloud()))
                .forEach(terminal::print);
        terminal.print(terminal.style().faint(DemoWaterfall.LEGEND));
        terminal.print("");
        DemoReport.Chosen chosen = report.chosen();
        if (!report.edge().summary().isEmpty()) {
            terminal.print("The device has its " + report.edge().summary() + ".");
        }
        terminal.print("Cleave would choose "
                + terminal.style().bold(chosen.kind().toUpperCase(Locale.ROOT)) + ": " + chosen.reason() + ".");
        terminal.print("The plan as a page: " + report.plan().report());
    }

    /** The first answers, side by side. */
    private static Table answers(DemoReport report) {
        Table table = Table.of("input", "right answer", "LOCAL", report.split().name(), "CLOUD");
        for (int i = 0; i < Math.min(SHOWN, report.local().answers().size()); i++) {
            DemoAnswer local = report.local().answers().get(i);
            table.row(
                    local.input(),
                    report.answers().expected(local.input()),
                    report.answers().readable(local),
                    report.answers().readable(report.split().answers().get(i)),
                    report.answers().readable(report.cloud().answers().get(i)));
        }
        return table;
    }

    private static Table comparison(DemoReport report) {
        Table table = Table.of("pass", "quality", "planned", "p50", "bytes", "like the whole", "right");
        List<DemoPass> passes = new ArrayList<>();
        passes.add(report.local());
        passes.addAll(report.points());
        passes.add(report.cloud());
        passes.add(report.splitRaw());
        passes.add(report.cloudRaw());
        for (DemoPass pass : passes) {
            int right = pass.correct(report.answers());
            table.row(
                    pass.name(),
                    pass == report.local() ? null : pass.quality(),
                    planned(report, pass),
                    String.format(Locale.ROOT, "%.1f ms", pass.p50Millis()),
                    Math.round(pass.meanBytes()),
                    String.format(
                            Locale.ROOT,
                            "%.1f %%",
                            pass.alike(report.reference()).share() * 100),
                    right < 0 ? null : right + "/" + pass.answers().size());
        }
        return table;
    }

    /** What the plan said of a pass at the default quality, for which it was made. */
    private static String planned(DemoReport report, DemoPass pass) {
        double millis = report.plan().millis(pass.point());
        boolean known = pass != report.splitRaw() && pass != report.cloudRaw() && !Double.isNaN(millis);
        return known ? String.format(Locale.ROOT, "%.1f ms", millis) : null;
    }

    /** With heads in float and the raw codec every answer is the same, whatever the model; else, nearly every one. */
    private void requirePromises(DemoReport report) {
        double exact = report.edge().model() == null ? 0 : MOST_DISAGREEMENT;
        requireAlike(report, report.local(), "", exact);
        requireAlike(report, report.splitRaw(), " with the raw codec", exact);
        requireAlike(report, report.split(), "", MOST_DISAGREEMENT);
    }

    private static void requireAlike(DemoReport report, DemoPass pass, String how, double atMost) {
        Proportion alike = pass.alike(report.reference());
        if (alike.misses(atMost)) {
            String expected = atMost == 0
                    ? "all of them"
                    : percent(1 - atMost)
                            + " or all but one; integers and codecs get better with more inputs to calibrate on";
            throw new CheckFailedException(pass.name() + how + " agrees with the unsplit model on " + alike.count()
                    + " of " + alike.of() + " inputs; expected " + expected);
        }
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
