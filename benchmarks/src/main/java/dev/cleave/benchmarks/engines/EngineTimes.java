package dev.cleave.benchmarks.engines;

import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.MaterialFolder;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.Surroundings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times models that exist in both formats with both engines, in turn, one thread each. */
@Command(
        name = "engine-times",
        description = "Compares the times of ONNX Runtime and TensorFlow Lite on the same models.",
        mixinStandardHelpOptions = true)
final class EngineTimes implements Callable<Integer> {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int WARM_UP_RUNS = 5;

    @Option(names = "--runs", paramLabel = "N", description = "Timed runs of each, in turn. Default 60.")
    private int runs = 60;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final MarkdownTable table = new MarkdownTable(
            "model", "ONNX Runtime ms", "TensorFlow Lite ms", "ratio", "without XNNPACK ms", "relative difference");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EngineTimes()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        MaterialFolder material = MaterialFolder.find();
        List<String> lines = new ArrayList<>(List.of("# ONNX Runtime and TensorFlow Lite on the same models", ""));
        try (Engine onnx = Engines.create("onnxruntime");
                Engine tflite = Engines.create("tflite")) {
            for (Twin twin : Twin.all()) {
                notes.say(twin.name());
                measure(twin, material.require(twin.onnx()), material.require(twin.tflite()), onnx, tflite);
            }
            lines.addAll(Surroundings.lines(onnx, LocalDate.now()));
            lines.add("- TensorFlow Lite " + tflite.version());
        }
        lines.add("- times: one thread, " + runs + " runs of each in turn after a warm-up, medians");
        lines.add("");
        lines.addAll(table.lines());
        lines.forEach(System.out::println);
        if (out != null) {
            Files.write(out, lines);
        }
        return 0;
    }

    private void measure(Twin twin, Path onnx, Path tflite, Engine onnxEngine, Engine tfliteEngine) throws Exception {
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (TwinSessions both = TwinSessions.load(onnx, tflite, onnxEngine, tfliteEngine, options);
                Session plain = TwinSessions.load(tfliteEngine, tflite, options.withOptimized(false))) {
            TwinInputs inputs = TwinInputs.of(both.onnx(), both.tflite(), 1);
            double[][] millis = new double[3][runs];
            for (int run = -WARM_UP_RUNS; run < runs; run++) {
                int slot = Math.max(run, 0);
                millis[0][slot] = millis(both.onnx(), inputs.onnx());
                millis[1][slot] = millis(both.tflite(), inputs.tflite());
                millis[2][slot] = millis(plain, inputs.tflite());
            }
            table.row(
                    twin.name(),
                    median(millis[0]),
                    median(millis[1]),
                    String.format(Locale.ROOT, "%.2fx", median(millis[1]) / median(millis[0])),
                    median(millis[2]),
                    twin.sameNumbers() ? String.format(Locale.ROOT, "%.1e", both.relativeDifference(inputs)) : "-");
        }
    }

    private static double millis(Session session, Map<String, Tensor> inputs) throws EngineException {
        long begin = System.nanoTime();
        session.run(inputs).forEach(session::recycle);
        return (System.nanoTime() - begin) / NANOS_PER_MILLI;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
