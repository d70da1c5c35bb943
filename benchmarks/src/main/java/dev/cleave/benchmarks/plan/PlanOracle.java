package dev.cleave.benchmarks.plan;

import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.PlanRequest;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.plan.SplitPlanner;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Plans models for links and devices, then measures every legal cut of them, and tells how far the plans were from the best.
 * The planner's part is done before the oracle's begins.
 */
@Command(
        name = "plan-oracle",
        description = "Compares plans with a separate run of all legal cuts.",
        mixinStandardHelpOptions = true)
final class PlanOracle implements Callable<Integer> {
    private static final long SEED = 1;
    private static final int REPLICATES = 1000;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: all seven.")
    private List<String> models = List.of();

    @Option(names = "--runs", paramLabel = "N", description = "Oracle's runs of every head and tail. Default 30.")
    private int runs = 30;

    @Option(names = "--pictures", paramLabel = "N", description = "For trained models. Default 50.")
    private int pictures = 50;

    @Option(names = "--topology-pictures", paramLabel = "N", description = "For seeded weights. Default 4.")
    private int topologyPictures = 4;

    @Option(names = "--links", split = ",", paramLabel = "LINK", description = "Of NB, 3G, LTE, WiFi, fast.")
    private List<String> links = List.of("NB", "3G", "LTE", "WiFi", "fast");

    @Option(names = "--slowdowns", split = ",", paramLabel = "X", description = "Default 1,4,10.")
    private List<Double> slowdowns = List.of(1.0, 4.0, 10.0);

    @Option(
            names = "--int8",
            paramLabel = "auto|always|never",
            description = "Whether devices run the head in 8-bit integers. Default auto: where that is faster here.")
    private EdgeMode edgeMode = EdgeMode.AUTO;

    @Option(names = "--session-memory", paramLabel = "MiB", description = "Of the oracle's sessions. Default 3072.")
    private long sessionMebibytes = 3072;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final SessionOptions options = SessionOptions.defaults().withThreads(1);

    public static void main(String[] arguments) {
        System.exit(commandLine(new PlanOracle()).execute(arguments));
    }

    /** That takes what {@code --int8} may be in lower case. */
    static CommandLine commandLine(Object command) {
        return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() throws Exception {
        OracleReport report = new OracleReport();
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-plan-oracle")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                boolean topology = known.isTopology();
                PlanModel model = material.open(known, topology ? topologyPictures : pictures, engine);
                notes.say(known + ": what devices run");
                compare(model.choosing(edgeMode, engine, options, notes), engine, report);
                write(report, engine);
            }
            lines(report, engine).forEach(System.out::println);
        }
        return report.isPassed() ? 0 : 3;
    }

    private List<String> lines(OracleReport report, Engine engine) {
        List<String> lines = new ArrayList<>(List.of("# Plans against an oracle", ""));
        lines.addAll(Surroundings.lines(engine, LocalDate.now()));
        lines.add("- runs: " + runs
                + " of every head and tail for the oracle, interleaved, medians; one thread on either"
                + " side; " + pictures + " pictures for trained models, " + topologyPictures
                + " for topologies; --int8=" + edgeMode.name().toLowerCase(Locale.ROOT) + "; intervals of " + REPLICATES
                + " bootstrap replicates");
        lines.addAll(report.lines());
        return lines;
    }

    /** After each model, so that an hour's work is not lost with the last one. */
    private void write(OracleReport report, Engine engine) throws IOException {
        if (out != null) {
            Files.write(out, lines(report, engine));
        }
    }

    private void compare(PlanModel model, Engine engine, OracleReport report)
            throws IOException, EngineException, CodecException {
        notes.say(model.describeEdge());
        notes.say(model.name() + ": planning");
        List<PlanRequest> requests = new ArrayList<>();
        List<ShapedLink> cells = new ArrayList<>();
        for (Objective objective : List.of(Objective.LATENCY, Objective.GATEWAY)) {
            for (ShapedLink link : ShapedLink.named(links)) {
                for (double slowdown : slowdowns) {
                    requests.add(request(model, link, slowdown, objective));
                    cells.add(link);
                }
            }
        }
        List<CostTable> tables = new SplitPlanner(
                        engine, options, ToolVersion.text(), notes, System::nanoTime, model.choices())
                .measure(requests);
        List<SplitPlan> plans = new ArrayList<>();
        Set<Cut> shown = new LinkedHashSet<>();
        for (int i = 0; i < tables.size(); i++) {
            PlanRequest request = requests.get(i);
            SplitPlan plan = Decision.of(
                    tables.get(i), request.link(), request.objective(), model.constraints(), 0, System::nanoTime);
            plans.add(plan);
            if (plan.best().cost().kind() == CandidateKind.SPLIT) {
                shown.add(plan.best().cost().cut());
            }
        }
        notes.say(model.name() + ": measuring all cuts");
        TimingLimits limits = new TimingLimits(runs, runs, Duration.ZERO, sessionMebibytes << 20);
        Oracle oracle = Oracle.measure(model, shown, limits, new Bootstrap(REPLICATES, SEED), engine, options, notes);
        report.add(model, oracle);
        int half = plans.size() / 2;
        for (int i = 0; i < half; i++) {
            report.add(model, cells.get(i), requests.get(i).edgeSlowdown(), plans.get(i), plans.get(half + i), oracle);
        }
        notes.say(model.name() + ": done, " + oracle.cuts() + " cuts");
    }

    static PlanRequest request(PlanModel model, ShapedLink link, double slowdown, Objective objective) {
        return PlanRequest.of(model.summary(), link.profile())
                .withObjective(objective)
                .withConstraints(model.constraints())
                .withPreprocessing(model.preprocessing())
                .withSamples(model.samples(), model.wantedAgreement())
                .withEdgeChoice(model.edge())
                .withEdgeSlowdown(slowdown);
    }

    /** In words: {@code split at conv_3}. */
    static String describe(Candidate candidate) {
        return describe(candidate.cost().kind(), candidate.cost().tensors());
    }

    static String describe(CandidateKind kind, List<String> tensors) {
        return kind.jsonName() + (kind == CandidateKind.SPLIT ? " " + String.join("+", tensors) : "");
    }
}
