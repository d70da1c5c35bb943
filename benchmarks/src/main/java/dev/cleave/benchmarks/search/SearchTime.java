package dev.cleave.benchmarks.search;

import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.plan.BundleTable;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.PlanRequest;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlanner;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long it takes to plan a network of many nodes, all that is measured apart, and to decide again from a bundle's table for
 * another link.
 */
@Command(name = "search-time", description = "How long planning and deciding take.", mixinStandardHelpOptions = true)
final class SearchTime implements Callable<Integer> {
    private static final long SEED = 1;
    private static final double SEARCH_TARGET_MILLIS = 50;
    private static final double DECISION_TARGET_MILLIS = 1;
    private static final LinkProfile LINK = new LinkProfile(5.85e6, 5.85e6, 50);
    /** What is measured is of no interest here. */
    private static final TimingLimits LIMITS =
            TimingLimits.defaults().withRuns(3, 3).withTime(Duration.ofSeconds(1));

    @Option(names = "--nodes", paramLabel = "N", description = "Of a network. Default 1000.")
    private int nodes = 1000;

    @Option(names = "--runs", paramLabel = "N", description = "Of the search, as many before to warm up. Default 150.")
    private int runs = 150;

    @Option(names = "--decisions", paramLabel = "N", description = "As many before to warm up. Default 2000.")
    private int decisions = 2000;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final SessionOptions options = SessionOptions.defaults().withThreads(1);
    private final MarkdownTable searches = table("network", "nodes", "cuts found");
    private final MarkdownTable again = table("bundle of", "points", "rows");
    private boolean passed = true;

    private static MarkdownTable table(String... about) {
        List<String> headings = new ArrayList<>(List.of(about));
        Collections.addAll(headings, "first ms", "median ms", "largest ms", "target ms", "met");
        return new MarkdownTable(headings.toArray(new String[0]));
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SearchTime()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-search-time")) {
            for (MadeUpNetwork network : MadeUpNetwork.values()) {
                Path model = work.file(network + ".onnx");
                network.write(nodes, SEED, model);
                notes.say(network + ": planning");
                plan(network, model, engine);
                notes.say(network + ": deciding");
                decide(network, model, engine, work.file(network + ".cleave"));
            }
            MarkdownPage page = new MarkdownPage(
                    "Time to plan",
                    engine,
                    List.of(
                            runs + " searches and " + decisions + " decisions after as many to warm up",
                            "cores that the process may use: "
                                    + Runtime.getRuntime().availableProcessors()));
            page.add(
                    "From a profile and a sketch to a plan with a ladder of four points, measurements apart:",
                    searches);
            page.add("From the table of a bundle to a plan for another link:", again);
            page.publish(out);
        }
        return passed ? 0 : 3;
    }

    private void plan(MadeUpNetwork network, Path model, Engine engine) throws Exception {
        ModelSummary summary = ModelSummary.of(OnnxModel.read(model), engine, ProbeSettings.defaults());
        PlanRequest request = PlanRequest.of(summary, LINK).withEdgeSlowdown(10).withLimits(LIMITS);
        // What is measured is shared by equal requests; the search is done for each.
        List<CostTable> tables = new SplitPlanner(engine, options, ToolVersion.text(), notes, System::nanoTime)
                .measure(Collections.nCopies(2 * runs, request));
        double[] millis = tables.stream()
                .mapToDouble(
                        table -> plan(table, LINK, SplitRequest.DEFAULT_COUNT).planMillis())
                .toArray();
        row(searches, millis, SEARCH_TARGET_MILLIS, network, summary.nodes(), cuts(tables.get(0)));
    }

    private static long cuts(CostTable table) {
        return table.rows().stream().filter(row -> row.cut() != null).count();
    }

    private void decide(MadeUpNetwork network, Path model, Engine engine, Path bundle) throws Exception {
        new ModelSplitter(engine, options, ToolVersion.text(), notes)
                .split(SplitRequest.of(model).withPlanned(true), null, bundle);
        CostTable table = BundleTable.of(Bundle.open(bundle), 1);
        double[] millis = new double[2 * decisions];
        for (int i = 0; i < millis.length; i++) {
            LinkProfile link = LINK.withUplink(64e3 * Math.pow(1000, (i % 100) / 100.0));
            millis[i] = plan(table, link, 0).planMillis();
        }
        row(
                again,
                millis,
                DECISION_TARGET_MILLIS,
                network,
                table.nodes() - 1,
                table.rows().size());
    }

    private static SplitPlan plan(CostTable table, LinkProfile link, int ladderPoints) {
        return Decision.of(table, link, Objective.LATENCY, Constraints.defaults(), ladderPoints, System::nanoTime);
    }

    /** @param millis of which the first half was warming up */
    private void row(MarkdownTable table, double[] millis, double target, Object... about) {
        double[] warm = Arrays.copyOfRange(millis, millis.length / 2, millis.length);
        Arrays.sort(warm);
        double median = warm[warm.length / 2];
        boolean met = median <= target;
        passed &= met;
        table.row(about[0], about[1], about[2], millis[0], median, warm[warm.length - 1], target, met ? "yes" : "NO");
    }
}
