package dev.cleave.partition.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.quantize.RangeMethod;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long a network takes in both engines and both precisions, in one thread: a rough figure, of runs in turn.
 *
 * <pre>
 *   mvn -pl partitioner test-compile exec:java -Dexec.classpathScope=test \
 *       -Dexec.mainClass=dev.cleave.partition.tflite.HeadTimes -Dexec.args=model.onnx
 * </pre>
 */
public final class HeadTimes {
    private static final int RUNS = 31;
    private static final int WARM_UP = 3;

    private HeadTimes() {}

    /** Something that is timed. */
    private interface Run {
        void run() throws Exception;
    }

    /** Ranges are found on random inputs: times do not depend on values. */
    public static void main(String[] arguments) throws Exception {
        OnnxModel model = OnnxModel.read(Path.of(arguments[0]));
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (Engine engine = Engines.create("onnxruntime")) {
            ProbedModel probed = new ShapeProbe(engine, ProbeSettings.defaults()).probe(model);
            Map<String, Tensor> input;
            try (Session session = engine.load(ModelSource.of(model), options)) {
                input = Conversion.random(session, 1, 1);
            }
            QuantizeSettings settings = QuantizeSettings.defaults()
                    .withMaxDisagreement(1)
                    .withMethods(List.of(RangeMethod.MIN_MAX))
                    .withEqualized(false);
            OnnxModel integers = new Quantizer(engine, settings)
                    .quantize(probed, Samples.of(List.of(new Sample("random", input))), Progress.NONE)
                    .model();
            TfLiteConverter converter = new TfLiteConverter(engine);
            try (Session onnxFloats = engine.load(ModelSource.of(model), options);
                    Session onnxIntegers = engine.load(ModelSource.of(integers), options);
                    TfLiteRunner liteFloats = TfLiteRunner.of(converter.convert(ModelSource.of(model)));
                    TfLiteRunner liteIntegers = TfLiteRunner.of(converter.convert(ModelSource.of(integers)))) {
                Map<String, Run> runs = new LinkedHashMap<>();
                runs.put("ONNX Runtime float", () -> onnxFloats.run(input));
                runs.put("ONNX Runtime int8", () -> onnxIntegers.run(input));
                runs.put("TensorFlow Lite float", () -> liteFloats.run(input));
                runs.put("TensorFlow Lite int8", () -> liteIntegers.run(input));
                print(runs);
            }
        }
    }

    private static void print(Map<String, Run> runs) throws Exception {
        Map<String, List<Double>> times = new LinkedHashMap<>();
        for (int i = -WARM_UP; i < RUNS; i++) {
            for (Map.Entry<String, Run> run : runs.entrySet()) {
                long start = System.nanoTime();
                run.getValue().run();
                double millis = (System.nanoTime() - start) / 1e6;
                if (i >= 0) {
                    times.computeIfAbsent(run.getKey(), key -> new ArrayList<>())
                            .add(millis);
                }
            }
        }
        times.forEach((name, all) -> {
            double[] sorted =
                    all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(Locale.ROOT, "%s: median %.2f ms, least %.2f ms%n", name, sorted[RUNS / 2], sorted[0]);
        });
    }
}
