package dev.cleave.benchmarks.plan;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.profile.Timings;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SampleSource;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a ladder costs: the bundle's bytes over those of the weights alone, and a chain of its segments over the whole model. */
@Command(name = "ladder-cost", description = "Measures what a ladder costs.", mixinStandardHelpOptions = true)
final class LadderCost implements Callable<Integer> {
    private static final double TOLERANCE = 1.05;
    private static final int WARM_UP = 100;
    private static final int REPLICATES = 1000;
    private static final long SEED = 1;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: mobilenetv2.")
    private List<String> models = List.of("mobilenetv2");

    @Option(names = "--points", paramLabel = "N", description = "Of the ladder. Default 4.")
    private int points = SplitRequest.DEFAULT_COUNT;

    @Option(names = "--runs", paramLabel = "N", description = "Of chain and whole, in turn. Default 100.")
    private int runs = 100;

    @Option(names = "--threads", split = ",", paramLabel = "N", description = "Of a run; 0: one a core. Default 1,0.")
    private List<Integer> threads = List.of(1, 0);

    @Option(names = "--pictures", paramLabel = "N", description = "To calibrate on; 0: none. Default 50.")
    private int pictures = 50;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final MarkdownTable sizes = new MarkdownTable(
            "model", "points", "device", "levels", "weights", "graphs", "contract", "rest", "bundle / weights");
    private final MarkdownTable times =
            new MarkdownTable("model", "points", "threads", "whole ms", "chain ms", "chain / whole", "near");
    private boolean passed = true;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LadderCost()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-ladder-cost")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                PlanModel model = material.open(known, Math.max(1, pictures), engine);
                time(model, plain(model, engine, work.file(known + ".cleave")), engine);
                if (pictures > 0) {
                    for (EdgeMode mode : List.of(EdgeMode.NEVER, EdgeMode.ALWAYS)) {
                        calibrated(model, mode, engine, work.file(known + "-" + mode + ".cleave"));
                    }
                }
            }
            List<String> lines = new ArrayList<>(List.of("# What a ladder costs", ""));
            lines.addAll(Surroundings.lines(engine, LocalDate.now()));
            lines.add("- bundles: as `split` makes them, without inputs (one level a point) and calibrated on "
                    + pictures + " pictures");
            lines.add("- runs: " + runs + " of either, in turn, after " + WARM_UP + "; medians; intervals of "
                    + REPLICATES + " bootstrap replicates");
            lines.add("");
            lines.addAll(sizes.lines());
            lines.add("");
            lines.addAll(times.lines());
            lines.add("");
            lines.add(String.format(Locale.ROOT, "- %s: both at most %.2f", passed ? "pass" : "FAIL", TOLERANCE));
            lines.forEach(System.out::println);
            if (out != null) {
                Files.write(out, lines);
            }
        }
        return passed ? 0 : 3;
    }

    private SplitRequest request(PlanModel model) {
        return SplitRequest.of(model.summary().model().graph().model().file())
                .withCount(points)
                .withPreprocessing(model.preprocessing())
                .withPlanned(true);
    }

    private Bundle plain(PlanModel model, Engine engine, Path file) throws Exception {
        return split(model, request(model), null, engine, file);
    }

    /** Codec, levels and tables do not depend on the budget's being kept: topologies have none to keep. */
    private void calibrated(PlanModel model, EdgeMode mode, Engine engine, Path file) throws Exception {
        SplitRequest request = request(model)
                .withEdgeMode(mode)
                .withMaxDisagreement(model.maxDisagreement())
                .withWantedAgreement(model.wantedAgreement());
        split(model, request, model.samples(), engine, file);
    }

    private Bundle split(PlanModel model, SplitRequest request, Samples samples, Engine engine, Path file)
            throws Exception {
        SampleSource source = samples == null ? null : (probed, preprocessing) -> samples;
        new ModelSplitter(engine, SessionOptions.defaults(), ToolVersion.text(), Progress.NONE)
                .split(request, source, file);
        Bundle bundle = Bundle.open(file);
        size(model, bundle, Files.size(file));
        return bundle;
    }

    private void size(PlanModel model, Bundle bundle, long bytes) throws IOException {
        Contract contract = bundle.contract();
        long weights = stored(bundle, "weights/");
        long graphs = stored(bundle, "graphs/");
        long tables = stored(bundle, "contract.json");
        double ratio = (double) bytes / weights;
        passed &= ratio <= TOLERANCE;
        sizes.row(
                model.name(),
                contract.splitPoints(),
                contract.edgePrecision(),
                contract.points().stream()
                        .mapToInt(point -> point.levels().size())
                        .sum(),
                weights,
                graphs,
                tables,
                bytes - weights - graphs - tables,
                ratio);
    }

    /** Bytes of the files whose path starts like this. */
    private static long stored(Bundle bundle, String start) throws IOException {
        try (ZipFile zip = new ZipFile(bundle.file().toFile())) {
            return zip.stream()
                    .filter(entry -> entry.getName().startsWith(start))
                    .mapToLong(ZipEntry::getSize)
                    .sum();
        }
    }

    private void time(PlanModel model, Bundle bundle, Engine engine) throws Exception {
        for (int count : threads) {
            time(model, bundle, engine, SessionOptions.defaults().withThreads(count));
        }
    }

    private void time(PlanModel model, Bundle bundle, Engine engine, SessionOptions options) throws Exception {
        Contract contract = bundle.contract();
        Map<String, Tensor> inputs = model.samples().get(0).inputs();
        try (Session whole = engine.load(bundle.graph(contract.precision(), "whole"), options);
                SegmentChain chain =
                        SegmentChain.load(bundle, engine, options, contract.precision(), 0, contract.local())) {
            double[] wholeMillis = new double[runs];
            double[] chainMillis = new double[runs];
            for (int run = -WARM_UP; run < runs; run++) {
                double wholly = millis(() -> whole.run(inputs));
                double inParts = millis(() -> chain.run(0, contract.local(), inputs, 0));
                if (run >= 0) {
                    wholeMillis[run] = wholly;
                    chainMillis[run] = inParts;
                }
            }
            Bootstrap bootstrap = new Bootstrap(REPLICATES, SEED);
            Estimate one = Estimate.ofMedian(Timings.of(wholeMillis), bootstrap);
            Estimate parts = Estimate.ofMedian(Timings.of(chainMillis), bootstrap);
            Interval ratio = parts.over(one).interval();
            passed &= ratio.low() <= TOLERANCE;
            times.row(
                    model.name(),
                    contract.splitPoints(),
                    options.threads() == 0 ? "one a core" : options.threads(),
                    one.value(),
                    parts.value(),
                    ratio,
                    ratio.low() <= TOLERANCE ? "yes" : "NO");
        }
    }

    /** Something that is timed. */
    private interface Run {
        Object run() throws EngineException;
    }

    private static double millis(Run work) throws EngineException {
        long started = System.nanoTime();
        work.run();
        return (System.nanoTime() - started) / 1e6;
    }
}
