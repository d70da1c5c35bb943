package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.quantize.RangeMethod;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Trained networks in 8-bit integers: on pictures that ranges were not found on, TensorFlow Lite gives the float model's
 * answer as often as ONNX Runtime does with the same integers.
 */
class TrainedIntegersTest {
    private static final Map<String, String> PREPROCESSING = Map.of(
            "imagenet", "{'resize':256,'crop':224,'mean':[0.485,0.456,0.406],'std':[0.229,0.224,0.225]}",
            "centred", "{'resize':256,'crop':224,'mean':0.5,'std':0.5}",
            "faces", "{'resize':[240,320],'mean':0.5,'std':0.5}",
            "persons", "{'resize':96,'crop':96,'mean':0,'std':1}",
            "cifar", "{'mean':[0.4914,0.4822,0.4465],'std':[0.2023,0.1994,0.2010]}",
            "cifar-bytes", "{'scale':1}");

    private static final int LEARNT_FROM = 24;
    private static final int PHOTOGRAPHS = 200;
    private static final double ONE_POINT = 0.01;
    private static final int TIMED_RUNS = 21;

    @ParameterizedTest
    @CsvSource({
        "mobilenetv2_fp32, imagenet, 0.9",
        "squeezenet1.1_fp32, imagenet, 0.9",
        "mobilenet_v1_025_224_fp32, centred, 0.8",
        "mlperf_tiny_vww_96_fp32, persons, 0.9",
        "ultraface_rfb_320, faces, 0",
        "cifar_resnet20, cifar, 0.9",
        "mlperf_tiny_resnet8_cifar10_fp32, cifar-bytes, 0.9"
    })
    void integersGiveTheAnswersOfOnnxRuntimesIntegers(String name, String kind, double least) throws Exception {
        OnnxModel model = OnnxModel.read(Material.require("models/" + name + ".onnx"));
        try (Engine engine = Engines.create("onnxruntime")) {
            ProbedModel probed = new ShapeProbe(engine, ProbeSettings.defaults()).probe(model);
            Samples all = samples(name, kind, probed.inputs().get(0));
            QuantizeSettings settings = QuantizeSettings.defaults()
                    .withMaxDisagreement(1)
                    .withMethods(List.of(RangeMethod.PERCENTILE_99_999))
                    .withEqualized(false);
            OnnxModel integers = new Quantizer(engine, settings)
                    .quantize(
                            probed,
                            all.only(IntStream.range(0, LEARNT_FROM).boxed().toList()),
                            Progress.NONE)
                    .model();
            compare(name, model, integers, all, engine, least);
        }
    }

    private static Samples samples(String name, String kind, TensorSpec input) throws Exception {
        Preprocessing preprocessing =
                Preprocessing.parse(PREPROCESSING.get(kind).replace('\'', '"'));
        return name.contains("cifar")
                ? Photographs.small(input, preprocessing, LEARNT_FROM + PHOTOGRAPHS)
                : Photographs.of(input, preprocessing, PHOTOGRAPHS);
    }

    private static void compare(
            String name, OnnxModel model, OnnxModel integers, Samples all, Engine engine, double least)
            throws Exception {
        GraphSource source = ModelSource.of(integers);
        byte[] converted = new TfLiteConverter(engine).convert(source);
        int onnxAgrees = 0;
        int liteAgrees = 0;
        int same = 0;
        double worst = 0;
        int count = all.size() - LEARNT_FROM;
        try (Session floats = engine.load(
                        ModelSource.of(model), SessionOptions.defaults().withThreads(1));
                Session onnx = engine.load(source, SessionOptions.defaults().withThreads(1));
                TfLiteRunner lite = TfLiteRunner.of(converted)) {
            for (int i = LEARNT_FROM; i < all.size(); i++) {
                Map<String, Tensor> input = all.get(i).inputs();
                Map<String, Tensor> wanted = onnx.run(input);
                Map<String, Tensor> given = lite.run(input);
                int answer = answer(floats.run(input));
                onnxAgrees += answer(wanted) == answer ? 1 : 0;
                liteAgrees += answer(given) == answer ? 1 : 0;
                same += answer(given) == answer(wanted) ? 1 : 0;
                worst = Math.max(worst, Conversion.difference(wanted, given));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s int8, %d pictures: with the float model ONNX Runtime %.3f, TensorFlow Lite %.3f; with each other"
                        + " %.3f, largest relative difference %.4f; %s%n",
                name,
                count,
                onnxAgrees / (double) count,
                liteAgrees / (double) count,
                same / (double) count,
                worst,
                TfLiteRunner.operators(converted));
        assertThat(liteAgrees / (double) count).isGreaterThanOrEqualTo(onnxAgrees / (double) count - ONE_POINT);
        assertThat(onnxAgrees / (double) count).isGreaterThanOrEqualTo(least);
    }

    private static int answer(Map<String, Tensor> outputs) {
        FloatBuffer scores = outputs.values().iterator().next().data().asFloatBuffer();
        int best = 0;
        for (int i = 1; i < scores.limit(); i++) {
            best = scores.get(i) > scores.get(best) ? i : best;
        }
        return best;
    }
}
