package dev.cleave.benchmarks.leakage;

import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.leakage.Leakage;
import dev.cleave.partition.leakage.TensorDistances;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What leakage is by chance, and what it is at successive cuts of models. */
@Command(name = "leakage", description = "Leakage by chance, and of models.", mixinStandardHelpOptions = true)
final class LeakageFigures implements Callable<Integer> {
    private static final long SEED = 1;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: squeezenet mobilenetv2.")
    private List<String> models = List.of("squeezenet", "mobilenetv2");

    @Option(names = "--samples", split = ",", paramLabel = "N", description = "Of noise. Default 4,8,16,32,64,200.")
    private List<Integer> samples = List.of(4, 8, 16, 32, 64, 200);

    @Option(names = "--elements", paramLabel = "N", description = "Of a tensor of noise. Default 1000.")
    private int elements = 1000;

    @Option(names = "--replicates", paramLabel = "N", description = "Pairs of noise. Default 1000.")
    private int replicates = 1000;

    @Option(names = "--pictures", paramLabel = "N", description = "For models. Default 64.")
    private int pictures = TensorDistances.MOST_SAMPLES;

    @Option(names = "--cuts", paramLabel = "N", description = "Of each model, narrow ones. Default 6.")
    private int cuts = 6;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LeakageFigures()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-leakage")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            MarkdownTable found = new MarkdownTable("model", "samples", "cut", "share of work before", "leakage");
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                notes.say(known + ": leakage");
                addCuts(material.open(known, pictures, engine), engine, work.file(known + ".weights"), found);
            }
            MarkdownPage page = new MarkdownPage("Leakage", engine, List.of());
            page.add(
                    "By chance: between two tensors of " + elements + " elements of normal noise, " + replicates
                            + " pairs. The biased estimator is not used.",
                    byChance());
            page.add("Between the inputs of models, photographs, and what crosses:", found);
            page.publish(out);
        }
        return 0;
    }

    private MarkdownTable byChance() {
        MarkdownTable table =
                new MarkdownTable("samples", "median", "95 % are below", "biased: median", "biased: 95 % are below");
        for (int count : samples) {
            notes.say("noise: " + count + " samples");
            IndependentPairs pairs = IndependentPairs.draw(count, elements, replicates, SEED);
            table.row(
                    count,
                    IndependentPairs.quantile(pairs.unbiased(), 0.5),
                    IndependentPairs.quantile(pairs.unbiased(), 0.95),
                    IndependentPairs.quantile(pairs.biased(), 0.5),
                    IndependentPairs.quantile(pairs.biased(), 0.95));
        }
        return table;
    }

    private void addCuts(PlanModel model, Engine engine, Path weights, MarkdownTable table)
            throws IOException, EngineException {
        ModelSummary summary = model.summary();
        CutGraphs graphs = new CutGraphs(summary.model().flow(), summary.model().facts(), weights);
        TensorDistances inputs =
                TensorDistances.ofInputs(model.samples(), summary.model().inputs(), MemoryBudget.ofJvm());
        for (Cut cut : summary.narrowest(cuts).points()) {
            Leakage leakage = Leakage.between(inputs, boundary(summary, cut, graphs, model.samples(), engine));
            table.row(
                    model.name(),
                    leakage.samples(),
                    cut.shortPoint(),
                    summary.point(cut).workBefore(),
                    leakage.value());
        }
    }

    private static TensorDistances boundary(
            ModelSummary summary, Cut cut, CutGraphs graphs, Samples samples, Engine engine)
            throws IOException, EngineException {
        try (Session head = engine.load(graphs.source(graphs.head(cut)), SessionOptions.defaults());
                TensorDistances distances =
                        new TensorDistances(summary.point(cut).boundary(), MemoryBudget.ofJvm())) {
            boolean room = true;
            for (int i = 0; room && i < samples.size(); i++) {
                Map<String, Tensor> values = new LinkedHashMap<>(samples.get(i).inputs());
                values.putAll(head.run(samples.get(i).inputs()));
                room = distances.add(values);
            }
            return distances;
        }
    }
}
