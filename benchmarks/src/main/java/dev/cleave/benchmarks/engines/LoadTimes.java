package dev.cleave.benchmarks.engines;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.MaterialFolder;
import dev.cleave.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What it would save to keep the graphs that ONNX Runtime has optimised: times to load models as they are, and as it writes them, and the bytes of both. */
@Command(
        name = "load-times",
        description = "Loading models, and models optimised before.",
        mixinStandardHelpOptions = true)
final class LoadTimes extends FieldCommand {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MEGABYTE = 1e6;

    @Parameters(paramLabel = "MODEL", description = "Files below the material's models; default three of them.")
    private List<String> models = new ArrayList<>();

    @Option(names = "--loads", paramLabel = "N", description = "Of each, in turn. Default 9.")
    private int loads = 9;

    private final MarkdownTable table =
            new MarkdownTable("model", "MB", "loads in ms", "optimised MB", "loads in ms", "of that time");

    public static void main(String[] arguments) {
        run(new LoadTimes(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        List<String> named = models.isEmpty()
                ? List.of("mobilenetv2_fp32.onnx", "tf2_mobilenet_v2_qdq_int8.onnx", "squeezenet1.1_fp32.onnx")
                : models;
        MaterialFolder material = MaterialFolder.find();
        for (String model : named) {
            notes.say(model);
            compare(model, material.require("models/" + model), work.resolve("optimised.onnx"));
        }
        MarkdownPage page = new MarkdownPage(
                "Loading models that were optimised before",
                engine,
                List.of(
                        "a session of ONNX Runtime's own Java API, one thread, the file in the system's cache; medians"
                                + " of "
                                + loads + " loads of each, in turn, after one that does not count",
                        "optimised: the graph as ONNX Runtime writes it after all its optimisations, loaded with"
                                + " none"));
        page.add("Times to load:", table);
        return page;
    }

    private void compare(String name, Path model, Path optimised) throws OrtException, IOException {
        millis(model, OptLevel.ALL_OPT, optimised);
        millis(optimised, OptLevel.NO_OPT, null);
        List<Double> asItIs = new ArrayList<>();
        List<Double> before = new ArrayList<>();
        for (int load = 0; load < loads; load++) {
            asItIs.add(millis(model, OptLevel.ALL_OPT, null));
            before.add(millis(optimised, OptLevel.NO_OPT, null));
        }
        double median = Statistics.quantile(asItIs, 0.5);
        double medianBefore = Statistics.quantile(before, 0.5);
        table.row(
                name,
                Files.size(model) / MEGABYTE,
                median,
                Files.size(optimised) / MEGABYTE,
                medianBefore,
                format("%.0f %%", 100 * medianBefore / median));
    }

    /** @param written where the optimised graph goes, or null */
    private static double millis(Path model, OptLevel level, Path written) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(level);
            if (written != null) {
                options.setOptimizedModelFilePath(written.toString());
            }
            long start = System.nanoTime();
            try (OrtSession loaded = OrtEnvironment.getEnvironment().createSession(model.toString(), options)) {
                double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
                if (loaded.getNumOutputs() == 0) {
                    throw new IllegalStateException(model + " has no output");
                }
                return millis;
            }
        }
    }
}
