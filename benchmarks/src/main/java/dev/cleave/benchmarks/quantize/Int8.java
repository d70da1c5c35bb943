package dev.cleave.benchmarks.quantize;

import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.Surroundings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.quantize.KernelCount;
import dev.cleave.partition.quantize.QuantizeReport;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantized;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Quantises models, and tells what became of their answers, bytes, kernels and time. Ranges are found and nodes chosen on
 * other inputs than those reported on.
 */
@Command(
        name = "int8",
        description = "Compares models in 8-bit integers with the same in float.",
        mixinStandardHelpOptions = true)
final class Int8 implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: all.")
    private List<String> models = List.of();

    @Option(names = "--runs", paramLabel = "N", description = "Timed runs of each, in turn. Default 40.")
    private int runs = 40;

    @Option(names = "--max-disagreement", paramLabel = "P", description = "Budget of the quantiser. Default 0.02.")
    private double maxDisagreement = 0.02;

    @Option(names = "--save", paramLabel = "FOLDER", description = "Write the quantised models there.")
    private Path save;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final MarkdownTable table = new MarkdownTable(
            "model",
            "calibrated / reported on",
            "top-1 fp32 %",
            "top-1 int8 %",
            "agreement %",
            "weights",
            "fp32 ms",
            "int8 ms",
            "time",
            "integer kernels",
            "float kernels",
            "conversions",
            "left in float");
    private final List<String> details = new ArrayList<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Int8()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-int8")) {
            for (Int8Material.Known known : known()) {
                Path folder = Files.createDirectory(work.file(known.toString()));
                notes.say(known + ": reading");
                measure(new Int8Material(folder, engine).open(known), engine);
            }
            List<String> lines = new ArrayList<>(List.of("# 8-bit integers against float", ""));
            lines.addAll(Surroundings.lines(engine, LocalDate.now()));
            lines.add("- times: one thread, " + runs + " runs of each in turn after a warm-up, medians");
            lines.add("- top-1 and agreement (same answer as fp32) on inputs that the quantiser did not see");
            lines.add("");
            lines.addAll(table.lines());
            lines.add("");
            lines.addAll(details);
            lines.forEach(System.out::println);
            if (out != null) {
                Files.write(out, lines);
            }
        }
        return 0;
    }

    private List<Int8Material.Known> known() {
        return models.isEmpty()
                ? List.of(Int8Material.Known.values())
                : models.stream().map(Int8Material::named).toList();
    }

    private void measure(Int8Model model, Engine engine) throws IOException, EngineException {
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        QuantizeSettings settings = QuantizeSettings.defaults()
                .withOptions(options)
                .withMaxDisagreement(model.trained() ? maxDisagreement : 1);
        notes.say(model.name() + ": quantising");
        Quantized quantized = new Quantizer(engine, settings).quantize(model.probed(), model.calibration(), notes);
        if (save != null) {
            Files.write(
                    Files.createDirectories(save).resolve(model.name() + "_int8.onnx"),
                    quantized.model().proto().toByteArray());
        }
        notes.say(model.name() + ": answers");
        Comparison answers = Comparison.of(model, quantized.model(), engine, options);
        notes.say(model.name() + ": times");
        int timed = model.trained() ? runs : Math.max(5, runs / 4);
        double[] millis = Comparison.millis(model, quantized.model(), engine, options, timed);
        KernelCount kernels = KernelCount.of(
                quantized.model(), engine, options, model.report().get(0));
        QuantizeReport report = quantized.report();
        table.row(
                model.name(),
                model.calibration().size() + " / " + model.report().size() + " " + model.source(),
                answers.floatTop1(),
                answers.integerTop1(),
                model.trained() ? (Object) answers.agreement() : "-",
                String.format(Locale.ROOT, "%.3fx", report.weightsRatio()),
                millis[0],
                millis[1],
                String.format(Locale.ROOT, "%.2fx", millis[1] / millis[0]),
                kernels.integer(),
                kernels.floating(),
                kernels.conversions(),
                report.floatNodes().size());
        describe(model, report, kernels);
    }

    private void describe(Int8Model model, QuantizeReport report, KernelCount kernels) {
        details.add("## " + model.name());
        details.add("");
        if (!report.untouched().isEmpty()) {
            details.add("- left as it was: " + report.untouched());
            return;
        }
        report.methods()
                .forEach((method, quality) -> details.add(String.format(
                        Locale.ROOT,
                        "- ranges by %s: %d of %d held-out inputs agree, relative error %.4f",
                        method.label(),
                        quality.agreeing(),
                        quality.inputs(),
                        quality.relativeError())));
        details.add(String.format(
                Locale.ROOT,
                "- taken: %s%s; %d of %d agree, relative error %.4f",
                report.method().label(),
                report.isEqualized() ? ", equalised" : "",
                report.quality().agreeing(),
                report.quality().inputs(),
                report.quality().relativeError()));
        details.add("- kernels: " + kernels.byOperator());
        report.floatNodes().forEach((node, reason) -> details.add("- in float: " + node + " (" + reason + ")"));
        details.add("");
    }
}
