package dev.cleave.benchmarks.plan;

import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.PlanRequest;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.plan.SplitPlanner;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Plans models for links, then runs the best split and both kinds of CLOUD of each plan through real processes: gateway,
 * shaped link, agent. Tells how far the predicted totals were from the measured ones, stage by stage.
 */
@Command(
        name = "plan-predicted",
        description = "Compares predicted round trips with real ones.",
        mixinStandardHelpOptions = true)
final class PlanPredicted implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: squeezenet mobilenetv2 cifar_resnet20.")
    private List<String> models = List.of("squeezenet", "mobilenetv2", "cifar_resnet20");

    @Option(names = "--inputs", paramLabel = "N", description = "Requests that count, for each row. Default 30.")
    private int inputs = 30;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Of each agent before that. Default 20.")
    private int warmUpSeconds = 20;

    @Option(names = "--links", split = ",", paramLabel = "LINK", description = "Of NB, 3G, LTE, WiFi, fast.")
    private List<String> links = List.of("3G", "LTE", "WiFi", "fast");

    @Option(
            names = "--int8",
            paramLabel = "auto|always|never",
            description = "Whether devices run the head in 8-bit integers. Default auto: where that is faster here.")
    private EdgeMode edgeMode = EdgeMode.AUTO;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private static final int FEWEST_WARM_UPS = 20;
    private static final int MOST_WARM_UPS = 2000;
    private static final int GATEWAY_WARM_UPS = 500;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final SessionOptions options = SessionOptions.defaults().withThreads(1);

    public static void main(String[] arguments) {
        System.exit(PlanOracle.commandLine(new PlanPredicted()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        PredictionReport report = new PredictionReport();
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-plan-predicted")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                Path folder = Files.createDirectory(work.file(known.toString()));
                PlanModel model = material.open(known, inputs, engine);
                notes.say(known + ": what devices run");
                compare(model.choosing(edgeMode, engine, options, notes), engine, folder, report);
            }
            List<String> lines = new ArrayList<>(List.of("# Predicted against measured round trips", ""));
            lines.addAll(Surroundings.lines(engine, LocalDate.now()));
            lines.add("- runs: " + inputs + " requests one after another in each row, after a warm-up of about "
                    + warmUpSeconds + " s (at least " + FEWEST_WARM_UPS + " requests) and " + GATEWAY_WARM_UPS
                    + " without link for the gateway; medians; --int8="
                    + edgeMode.name().toLowerCase(Locale.ROOT)
                    + "; agent, link and gateway in processes of their own, one thread a run");
            lines.addAll(report.lines());
            lines.forEach(System.out::println);
            if (out != null) {
                Files.write(out, lines);
            }
        }
        return report.isPassed() ? 0 : 3;
    }

    private void compare(PlanModel model, Engine engine, Path folder, PredictionReport report)
            throws IOException, EngineException, CodecException, InterruptedException {
        notes.say(model.describeEdge());
        report.add(model);
        notes.say(model.name() + ": planning");
        List<ShapedLink> chosenLinks = ShapedLink.named(links);
        List<CostTable> tables = new SplitPlanner(
                        engine, options, ToolVersion.text(), notes, System::nanoTime, model.choices())
                .measure(chosenLinks.stream().map(link -> request(model, link)).toList());
        Path bundles = Files.createDirectory(folder.resolve("bundles"));
        Map<List<String>, Path> written = new LinkedHashMap<>();
        List<SplitPlan> plans = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            SplitPlan plan = Decision.of(
                    tables.get(i),
                    chosenLinks.get(i).profile(),
                    Objective.LATENCY,
                    model.constraints(),
                    0,
                    System::nanoTime);
            plans.add(plan);
            Candidate split = bestOf(plan, CandidateKind.SPLIT);
            if (split != null && !written.containsKey(split.cost().tensors())) {
                Path bundle = bundles.resolve("point-" + written.size() + ".cleave");
                write(model, split, tables.get(i), engine, bundle);
                written.put(split.cost().tensors(), bundle);
            }
        }
        if (written.isEmpty()) {
            notes.say(model.name() + ": no plan has a split that may be used, so there is no bundle to run");
            return;
        }
        Set<String> warmed = new HashSet<>();
        try (RoundTripRun run = RoundTripRun.start(bundles, folder)) {
            for (int i = 0; i < plans.size(); i++) {
                run(model, chosenLinks.get(i), plans.get(i), written, run, warmed, report);
            }
        }
    }

    private void run(
            PlanModel model,
            ShapedLink link,
            SplitPlan plan,
            Map<List<String>, Path> bundles,
            RoundTripRun run,
            Set<String> warmed,
            PredictionReport report)
            throws IOException, InterruptedException {
        for (CandidateKind kind :
                List.of(CandidateKind.SPLIT, CandidateKind.CLOUD_RAW, CandidateKind.CLOUD_COMPRESSED)) {
            Candidate candidate = bestOf(plan, kind);
            List<String> arguments = candidate == null ? null : arguments(candidate);
            if (arguments != null) {
                notes.say(model.name() + ", " + link + ": " + PlanOracle.describe(candidate));
                Path bundle = kind == CandidateKind.SPLIT
                        ? bundles.get(candidate.cost().tensors())
                        : bundles.values().iterator().next();
                if (warmed.add(bundle + " " + arguments)) {
                    run.warmUp(bundle, model.pictures(), GATEWAY_WARM_UPS, arguments);
                }
                int warmUp = (int) (warmUpSeconds * 1000 / candidate.totalMillis());
                report.add(new RoundTripRow(
                        model.name(),
                        link,
                        candidate,
                        candidate == plan.best(),
                        run.pass(
                                bundle,
                                link,
                                model.pictures(),
                                Math.max(FEWEST_WARM_UPS, Math.min(MOST_WARM_UPS, warmUp)),
                                arguments)));
            }
        }
    }

    /** Options of {@code infer}; null for what it cannot send. */
    private static List<String> arguments(Candidate candidate) {
        String codec = candidate.cost().codec();
        return switch (candidate.cost().kind()) {
            case SPLIT -> List.of("--split", "1");
            case CLOUD_RAW -> List.of("--split", "cloud");
            default ->
                codec.startsWith("jpeg:")
                        ? List.of("--split", "cloud", "--jpeg", codec.substring("jpeg:".length()))
                        : null;
        };
    }

    private void write(PlanModel model, Candidate split, CostTable table, Engine engine, Path bundle)
            throws IOException, EngineException, CodecException {
        String name = bundle.getFileName().toString().replace(".cleave", "");
        SplitRequest request = SplitRequest.of(
                        model.summary().model().graph().model().file())
                .withName(name)
                .withAt(List.of(split.cost().tensors()))
                .withPreprocessing(model.preprocessing())
                .withEdgeChoice(model.edge())
                .withWantedAgreement(model.wantedAgreement());
        new ModelSplitter(engine, options, ToolVersion.text(), notes)
                .split(request, (probed, preprocessing) -> model.samples(), bundle, table.calibrated());
    }

    private static Candidate bestOf(SplitPlan plan, CandidateKind kind) {
        return plan.candidates().stream()
                .filter(each -> each.cost().kind() == kind && each.cost().isSurveyed() && each.refused() == null)
                .findFirst()
                .orElse(null);
    }

    private static PlanRequest request(PlanModel model, ShapedLink link) {
        return PlanOracle.request(model, link, 1, Objective.LATENCY);
    }
}
