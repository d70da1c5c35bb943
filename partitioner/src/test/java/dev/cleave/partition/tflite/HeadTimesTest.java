package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a trained network takes in both engines and both precisions, in one thread: a rough figure, of runs in turn. */
class HeadTimesTest {
    private static final int RUNS = 31;
    private static final int WARM_UP = 3;

    /** Something that is timed. */
    private interface Run {
        Map<String, Tensor> run() throws Exception;
    }

    /** Ranges are found on a random input: times do not depend on values. */
    @ParameterizedTest
    @ValueSource(strings = {"mobilenetv2_fp32", "squeezenet1.1_fp32", "cifar_resnet20"})
    void timesOfBothEnginesArePrinted(String name) throws Exception {
        OnnxModel model = OnnxModel.read(Material.require("models/" + name + ".onnx"));
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
                print(name, runs);
                assertThat(Conversion.difference(onnxFloats.run(input), liteFloats.run(input)))
                        .isLessThan(1e-4);
            }
        }
    }

    private static void print(String name, Map<String, Run> runs) throws Exception {
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
        times.forEach((what, all) -> {
            double[] sorted =
                    all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(
                    Locale.ROOT, "%s, %s: median %.2f ms, least %.2f ms%n", name, what, sorted[RUNS / 2], sorted[0]);
        });
    }
}
