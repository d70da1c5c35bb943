package dev.cleave.benchmarks.prediction;

import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Machine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.ProfileSettings;
import dev.cleave.partition.profile.Profiler;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.survey.CutSurvey;
import dev.cleave.partition.survey.Surveyed;
import dev.cleave.partition.survey.WireSketch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * How far sums are off: of the times of a head's or a tail's nodes against its run, and of the bytes of single tensors,
 * sketched with one sample, against a survey of their cut.
 */
@Command(name = "additive-error", description = "How far sums over nodes are off.", mixinStandardHelpOptions = true)
final class AdditiveError implements Callable<Integer> {
    private static final String FILE = ".onnx";

    @Parameters(
            paramLabel = "MODEL",
            arity = "0..*",
            description = "By name, or a file, for which no bytes are compared. Default: eight of them.")
    private List<String> models = List.of(
            "mobilenetv2",
            "squeezenet",
            "cifar_resnet20",
            "vgg19",
            "tf2_mobilenet_v2_qdq_int8.onnx",
            "mobilenet_v2_quant_nnstreamer.onnx",
            "mlperf_tiny_resnet8_cifar10_qdq_int8.onnx",
            "mnist_cntk.onnx");

    @Option(names = "--pictures", paramLabel = "N", description = "For bytes, models with weights. Default 32.")
    private int pictures = 32;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final SessionOptions options = SessionOptions.defaults().withThreads(1);
    private final MarkdownTable times = new MarkdownTable(
            "model", "whole ms", "traced %", "cuts", "heads: median (largest)", "tails: median (largest)");
    private final MarkdownTable bytes =
            new MarkdownTable("model", "cuts", "median (largest)", "least sketched / sent", "most sketched / sent");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AdditiveError()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-additive-error")) {
            PlanMaterial material = new PlanMaterial(Files.createDirectory(work.file("material")));
            for (String name : models) {
                notes.say(name + ": profiling");
                if (name.endsWith(FILE)) {
                    OnnxModel model = OnnxModel.read(material.modelFile(name));
                    ModelSummary summary = ModelSummary.of(model, engine, ProbeSettings.defaults());
                    compareTimes(name, summary, CutSurvey.madeUp(summary.model(), null), engine);
                } else {
                    PlanMaterial.Known known = PlanMaterial.named(List.of(name)).get(0);
                    PlanModel model = material.open(known, known.isTopology() ? 1 : pictures, engine);
                    List<Cut> cuts = compareTimes(name, model.summary(), model.samples(), engine);
                    if (model.trained()) {
                        notes.say(name + ": surveying");
                        compareBytes(model, cuts, engine, work.file(name + ".weights"));
                    }
                }
            }
            MarkdownPage page = new MarkdownPage(
                    "How far sums are off",
                    engine,
                    List.of(
                            "cuts: the narrow ones that a profile runs; one thread",
                            "bytes: " + pictures + " pictures"));
            page.add("The sum of a head's or tail's nodes over its run, less 1:", times);
            page.add("The sum of sketched tensors over the bytes that a calibrated codec sends, less 1:", bytes);
            page.publish(out);
        }
        return 0;
    }

    /** Returns the cuts that were run. */
    private List<Cut> compareTimes(String name, ModelSummary summary, Samples samples, Engine engine)
            throws IOException, EngineException {
        DeviceProfile profile = new Profiler(engine, options, ProfileSettings.defaults(), System::nanoTime, notes)
                .profile(summary, samples, Machine.local(), ToolVersion.text());
        double[] nodeMillis = profile.nodeMillis(summary.model().graph());
        List<Cut> cuts = summary.narrowest(profile.spotChecks().size()).points();
        double[][] sums = new double[2][cuts.size()];
        double[][] runs = new double[2][cuts.size()];
        for (int i = 0; i < cuts.size(); i++) {
            SpotCheck ran = profile.spotCheck(cuts.get(i)).orElseThrow();
            sums[0][i] = cuts.get(i).head().stream()
                    .mapToDouble(node -> nodeMillis[node])
                    .sum();
            sums[1][i] = profile.whole().medianMillis() - sums[0][i];
            runs[0][i] = ran.headMillis();
            runs[1][i] = ran.tailMillis();
        }
        times.row(
                name,
                profile.whole().medianMillis(),
                profile.nodes().tracedShare() * 100,
                cuts.size(),
                Errors.of(sums[0], runs[0]),
                Errors.of(sums[1], runs[1]));
        return cuts;
    }

    private void compareBytes(PlanModel model, List<Cut> cuts, Engine engine, Path weights)
            throws IOException, EngineException, CodecException {
        ModelSummary summary = model.summary();
        CutGraphs graphs = new CutGraphs(summary.model().flow(), summary.model().facts(), weights);
        Map<String, Double> sketch =
                WireSketch.of(summary.model(), graphs, model.preprocessing(), engine, options, model.samples());
        CutSurvey survey = new CutSurvey(
                summary.model(), model.preprocessing(), engine, options, 1 - model.maxDisagreement(), notes);
        Map<Cut, Surveyed> surveyed = survey.survey(cuts, model.samples());
        double[] sketched = new double[cuts.size()];
        double[] sent = new double[cuts.size()];
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < cuts.size(); i++) {
            sketched[i] =
                    cuts.get(i).boundary().stream().mapToDouble(sketch::get).sum();
            sent[i] = surveyed.get(cuts.get(i)).wireBytes();
            least = Math.min(least, sketched[i] / sent[i]);
            most = Math.max(most, sketched[i] / sent[i]);
        }
        bytes.row(model.name(), cuts.size(), Errors.of(sketched, sent), least, most);
    }
}
