package dev.cleave.benchmarks.quantize;

import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.quantize.FourForms.Form;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.tflite.UnconvertibleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Whole models as heads in both formats: whether what is converted to TensorFlow Lite answers as the ONNX graphs do, in float and in 8-bit
 * integers of the same scales, and how long each takes.
 */
@Command(
        name = "lite-heads",
        description = "Compares heads converted to TensorFlow Lite with those in ONNX.",
        mixinStandardHelpOptions = true)
final class LiteHeads implements Callable<Integer> {
    private static final double FLOAT_TOLERANCE = 1e-4;
    private static final double ONE_POINT = 1 + 1e-9;
    private static final int MISSED = 3;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: all that are trained.")
    private List<String> models = List.of();

    @Option(names = "--runs", paramLabel = "N", description = "Timed runs of each, in turn. Default 40.")
    private int runs = 40;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final MarkdownTable answers = new MarkdownTable(
            "model",
            "reported on",
            "float apart",
            "answer",
            "agreement int8 ONNX %",
            "TFLite %",
            "with each other %",
            "top-1 fp32 %",
            "int8 ONNX %",
            "int8 TFLite %");
    private final MarkdownTable times = new MarkdownTable(
            "model",
            "ONNX fp32 ms",
            "ONNX int8 ms",
            "TFLite fp32 ms",
            "TFLite int8 ms",
            "faster int8 / ONNX fp32",
            "faster engine");
    private final List<String> verdicts = new ArrayList<>();
    private boolean missed;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LiteHeads()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine onnx = Engines.create("onnxruntime");
                Engine tflite = Engines.create("tflite");
                ScratchFolder work = ScratchFolder.create("cleave-lite-heads")) {
            for (Int8Material.Known known : known()) {
                Path folder = Files.createDirectory(work.file(known.toString()));
                notes.say(known + ": reading");
                measure(new Int8Material(folder, onnx).open(known), onnx, tflite);
            }
            MarkdownPage page = new MarkdownPage(
                    "Heads in ONNX and in TensorFlow Lite",
                    onnx,
                    List.of(
                            "TensorFlow Lite " + tflite.version(),
                            "whole models; integers of the same scales in both; ranges found on other inputs than those reported on",
                            "times: one thread, " + runs + " runs of each in turn after a warm-up, medians"));
            page.add("Answers; agreement is with the float model in ONNX:", answers);
            page.add("Times:", times);
            page.add(verdicts);
            page.publish(out);
        }
        return missed ? MISSED : 0;
    }

    private List<Int8Material.Known> known() {
        return models.isEmpty()
                ? Arrays.stream(Int8Material.Known.values())
                        .filter(known -> !known.isTopology())
                        .toList()
                : models.stream().map(Int8Material::named).toList();
    }

    private void measure(Int8Model model, Engine onnx, Engine tflite)
            throws IOException, EngineException, UnconvertibleException, ModelException {
        OnnxModel floats = model.probed().graph().model();
        notes.say(model.name() + ": quantising");
        QuantizeSettings settings = QuantizeSettings.defaults()
                .withOptions(SessionOptions.defaults().withThreads(1))
                .withMaxDisagreement(1);
        OnnxModel integers = new Quantizer(onnx, settings)
                .quantize(model.probed(), model.calibration(), notes)
                .model();
        try (FourForms forms = FourForms.load(floats, integers, onnx, tflite)) {
            notes.say(model.name() + ": answers");
            report(model, FormTally.of(model, forms));
            notes.say(model.name() + ": times");
            report(model, forms.millis(model.report().get(0).inputs(), runs));
        }
    }

    private void report(Int8Model model, FormTally tally) {
        answers.row(
                model.name(),
                model.report().size() + " " + model.source(),
                String.format(Locale.ROOT, "%.1e", tally.floatDifference()),
                tally.metric(),
                tally.agreement(Form.ONNX_INT8),
                tally.agreement(Form.TFLITE_INT8),
                tally.alike(),
                tally.top1(Form.ONNX_FLOAT),
                tally.top1(Form.ONNX_INT8),
                tally.top1(Form.TFLITE_INT8));
        double loss = tally.agreement(Form.ONNX_INT8) - tally.agreement(Form.TFLITE_INT8);
        double labelled = tally.top1(Form.ONNX_INT8) - tally.top1(Form.TFLITE_INT8);
        verdict(
                tally.floatDifference() <= FLOAT_TOLERANCE,
                "%s: in float at most %.1e apart (wanted at most %.0e)",
                model.name(),
                tally.floatDifference(),
                FLOAT_TOLERANCE);
        verdict(
                loss <= ONE_POINT && !(labelled > ONE_POINT),
                "%s: in integers agreement less than ONNX Runtime's by %.2f points, top-1 by %s (wanted at most 1)",
                model.name(),
                loss,
                Double.isNaN(labelled) ? "an unknown share" : String.format(Locale.ROOT, "%.2f", labelled));
    }

    private void report(Int8Model model, double[] millis) {
        double onnx = millis[Form.ONNX_INT8.ordinal()];
        double tflite = millis[Form.TFLITE_INT8.ordinal()];
        times.row(
                model.name(),
                millis[Form.ONNX_FLOAT.ordinal()],
                onnx,
                millis[Form.TFLITE_FLOAT.ordinal()],
                tflite,
                String.format(Locale.ROOT, "%.2fx", Math.min(onnx, tflite) / millis[Form.ONNX_FLOAT.ordinal()]),
                tflite < onnx ? "TFLite" : "ONNX");
    }

    private void verdict(boolean reached, String pattern, Object... arguments) {
        verdicts.add("- " + (reached ? "pass" : "FAIL") + ": " + String.format(Locale.ROOT, pattern, arguments));
        missed |= !reached;
    }
}
