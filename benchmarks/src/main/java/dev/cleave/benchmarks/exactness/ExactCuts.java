package dev.cleave.benchmarks.exactness;

import dev.cleave.answer.Values;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.survey.CutSurvey;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs head and tail of every legal cut of models, nothing coded in between, and compares their outputs with the model's. */
@Command(name = "exact-cuts", description = "Compares every cut with the uncut model.", mixinStandardHelpOptions = true)
final class ExactCuts implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.onnx", arity = "0..*", description = "Default: four of them.")
    private List<String> models = List.of(
            "mobilenetv2_fp32.onnx",
            "tf2_mobilenet_v2_qdq_int8.onnx",
            "mobilenet_v2_quant_nnstreamer.onnx",
            "mlperf_tiny_resnet8_cifar10_qdq_int8.onnx");

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final SessionOptions options = SessionOptions.defaults();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ExactCuts()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        MarkdownTable table = new MarkdownTable("model", "cuts", "equal bit for bit", "largest relative difference");
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-exact-cuts")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            for (String name : models) {
                notes.say(name);
                OnnxModel model = OnnxModel.read(material.modelFile(name));
                compare(model, engine, work.file(models.indexOf(name) + ".weights"), table);
            }
            MarkdownPage page = new MarkdownPage(
                    "Head and tail against the whole", engine, List.of("inputs: three made-up ones; nothing is coded"));
            page.add("Every legal cut on offer:", table);
            page.publish(out);
        }
        return 0;
    }

    private void compare(OnnxModel model, Engine engine, Path weights, MarkdownTable table)
            throws IOException, EngineException {
        ModelSummary summary = ModelSummary.of(model, engine, ProbeSettings.defaults());
        CutGraphs graphs = new CutGraphs(summary.model().flow(), summary.model().facts(), weights);
        Samples samples = CutSurvey.madeUp(summary.model(), null);
        List<Map<String, Tensor>> expected = new ArrayList<>();
        try (Session whole = engine.load(ModelSource.of(model), options)) {
            for (int i = 0; i < samples.size(); i++) {
                expected.add(run(whole, samples.get(i).inputs()));
            }
        }
        int equal = 0;
        double largest = 0;
        List<Cut> cuts = summary.cuts().all();
        for (Cut cut : cuts) {
            double difference = difference(cut, graphs, samples, expected, engine);
            equal += difference == 0 ? 1 : 0;
            largest = Math.max(largest, difference);
        }
        table.row(
                model.file().getFileName(),
                cuts.size(),
                equal,
                largest == 0 ? "0" : String.format(Locale.ROOT, "%.1e", largest));
    }

    /** The largest over all samples and outputs; 0 only if all are equal bit for bit. */
    private double difference(
            Cut cut, CutGraphs graphs, Samples samples, List<Map<String, Tensor>> expected, Engine engine)
            throws IOException, EngineException {
        double largest = 0;
        try (Session head = engine.load(graphs.source(graphs.head(cut)), options);
                Session tail = engine.load(graphs.source(graphs.tail(cut)), options)) {
            for (int i = 0; i < samples.size(); i++) {
                Map<String, Tensor> values = new LinkedHashMap<>(samples.get(i).inputs());
                values.putAll(run(head, values));
                values.putAll(run(tail, values));
                for (Map.Entry<String, Tensor> output : expected.get(i).entrySet()) {
                    Tensor actual = values.get(output.getKey());
                    if (!Values.bitEqual(actual, output.getValue())) {
                        double relative =
                                Values.difference(actual, output.getValue()).relative();
                        largest = Math.max(largest, Math.max(relative, Double.MIN_VALUE));
                    }
                }
            }
        }
        return largest;
    }

    private static Map<String, Tensor> run(Session session, Map<String, Tensor> values) throws EngineException {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        session.inputs().forEach(spec -> inputs.put(spec.name(), values.get(spec.name())));
        return session.run(inputs);
    }
}
