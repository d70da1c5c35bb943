package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.SegmentExtractor;
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
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trained networks in 8-bit integers, which are kept outside the project: on pictures that ranges were not found on,
 * TensorFlow Lite is right, and gives the float model's answer, as often as ONNX Runtime with the same integers.
 */
class TrainedIntegersTest {
    private static final int LEARNT_FROM = 24;
    private static final int PICTURES = 200;
    private static final double ONE_POINT = 0.01;

    @TempDir
    Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    /** A network, how it takes pictures, and what its first class is. */
    private enum Network {
        MOBILENETV2_FP32("{'resize':256,'crop':224,'mean':[0.485,0.456,0.406],'std':[0.229,0.224,0.225]}", 0),
        SQUEEZENET1_1_FP32("{'resize':256,'crop':224,'mean':[0.485,0.456,0.406],'std':[0.229,0.224,0.225]}", 0),
        MOBILENET_V1_025_224_FP32("{'resize':256,'crop':224,'mean':0.5,'std':0.5}", 1),
        MLPERF_TINY_VWW_96_FP32("{'resize':96,'crop':96}", null),
        ULTRAFACE_RFB_320("{'resize':[240,320],'mean':0.5,'std':0.5}", null),
        CIFAR_RESNET20("{'mean':[0.4914,0.4822,0.4465],'std':[0.2023,0.1994,0.2010]}", 0),
        MLPERF_TINY_RESNET8_CIFAR10_FP32("{'scale':1}", 0);

        private final String preprocessing;
        private final Integer firstClass;

        Network(String preprocessing, Integer firstClass) {
            this.preprocessing = preprocessing.replace('\'', '"');
            this.firstClass = firstClass;
        }

        String file() {
            return name().toLowerCase(Locale.ROOT).replace("net1_1", "net1.1");
        }

        boolean isSmall() {
            return name().contains("CIFAR");
        }

        Samples samples(ProbedModel model, int count) throws Exception {
            Preprocessing parsed = Preprocessing.parse(preprocessing);
            return isSmall()
                    ? Photographs.small(model.inputs().get(0), parsed, count)
                    : Photographs.of(model.inputs().get(0), parsed, count);
        }

        /** The class of each picture; null where the network tells other things. */
        int[] labels(int count) throws Exception {
            if (firstClass == null) {
                return null;
            }
            int[] labels = isSmall() ? Photographs.smallLabels(count) : Photographs.labels(count);
            return IntStream.of(labels).map(label -> label + firstClass).toArray();
        }
    }

    private OnnxModel integers(ProbedModel probed, Samples all) throws Exception {
        QuantizeSettings settings = QuantizeSettings.defaults()
                .withMaxDisagreement(1)
                .withMethods(List.of(RangeMethod.PERCENTILE_99_999))
                .withEqualized(false);
        Samples learnt = all.only(IntStream.range(0, LEARNT_FROM).boxed().toList());
        return new Quantizer(engine, settings)
                .quantize(probed, learnt, Progress.NONE)
                .model();
    }

    private ProbedModel probe(String name) throws Exception {
        OnnxModel model = OnnxModel.read(Material.require("models/" + name + ".onnx"));
        return new ShapeProbe(engine, ProbeSettings.defaults()).probe(model);
    }

    @ParameterizedTest
    @EnumSource
    void answersAreAsGoodAsOnnxRuntimes(Network network) throws Exception {
        ProbedModel probed = probe(network.file());
        Samples all = network.samples(probed, PICTURES);
        int[] labels = network.labels(PICTURES);
        GraphSource integers = ModelSource.of(integers(probed, all));
        byte[] converted = new TfLiteConverter(engine).convert(integers);
        Tally onnx = new Tally();
        Tally lite = new Tally();
        int same = 0;
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (Session floats = engine.load(ModelSource.of(probed.graph().model()), options);
                Session session = engine.load(integers, options);
                TfLiteRunner runner = TfLiteRunner.of(converted)) {
            for (int i = LEARNT_FROM; i < all.size(); i++) {
                Map<String, Tensor> input = all.get(i).inputs();
                int wanted = answer(floats.run(input));
                int label = labels == null ? -1 : labels[i];
                int given = onnx.add(answer(session.run(input)), wanted, label);
                same += lite.add(answer(runner.run(input)), wanted, label) == given ? 1 : 0;
            }
        }
        int count = all.size() - LEARNT_FROM;
        System.out.printf(
                Locale.ROOT,
                "%s int8, %d pictures: ONNX Runtime %s, TensorFlow Lite %s, with each other %.3f; %s%n",
                network.file(),
                count,
                onnx.text(count, labels != null),
                lite.text(count, labels != null),
                same / (double) count,
                TfLiteRunner.operators(converted));
        assertThat(lite.agreeing).isGreaterThanOrEqualTo((int) Math.floor(onnx.agreeing - ONE_POINT * count));
        assertThat(lite.right).isGreaterThanOrEqualTo((int) Math.floor(onnx.right - ONE_POINT * count));
    }

    /** How often answers were the float model's, and right. */
    private static final class Tally {
        private int agreeing;
        private int right;

        int add(int answer, int wanted, int label) {
            agreeing += answer == wanted ? 1 : 0;
            right += answer == label ? 1 : 0;
            return answer;
        }

        String text(int count, boolean isLabelled) {
            String agreement = String.format(Locale.ROOT, "agrees %.3f", agreeing / (double) count);
            return isLabelled
                    ? agreement + String.format(Locale.ROOT, ", right %.3f", right / (double) count)
                    : agreement;
        }
    }

    private static int answer(Map<String, Tensor> outputs) {
        FloatBuffer scores = outputs.values().iterator().next().data().asFloatBuffer();
        int best = 0;
        for (int i = 1; i < scores.limit(); i++) {
            best = scores.get(i) > scores.get(best) ? i : best;
        }
        return best;
    }

    /** A segment that is told a target's sizes by the one before is refused. */
    private static boolean crossesAsShape(Cut cut, ModelSummary summary) {
        return cut.boundary().stream()
                .anyMatch(tensor -> summary.model().facts().spec(tensor).type() == ElementType.INT64);
    }

    /** Each segment on its own, so that what rounding does in one is not what the next is fed. */
    @ParameterizedTest
    @CsvSource({"CIFAR_RESNET20", "MOBILENETV2_FP32", "SQUEEZENET1_1_FP32"})
    void segmentsGiveTheSameBytesButForALevel(Network network) throws Exception {
        ProbedModel probed = probe(network.file());
        Samples all = network.samples(probed, LEARNT_FROM);
        Files.createDirectories(folder);
        ModelSummary summary = ModelSummary.of(integers(probed, all), engine, ProbeSettings.defaults());
        List<Cut> ladder = new ArrayList<>();
        for (Cut cut : summary.cuts().all()) {
            boolean follows = ladder.isEmpty() || ladder.get(ladder.size() - 1).isWithin(cut);
            if (follows && !crossesAsShape(cut, summary)) {
                ladder.add(cut);
            }
        }
        Path weights = folder.resolve("int8.bin");
        ExtractedModel extracted = new SegmentExtractor(
                        summary.model().flow(), summary.model().facts(), Ladder.of(ladder))
                .extract(weights);
        Map<String, WeightsRegion> regions =
                Map.of(extracted.weightsLocation(), new WeightsRegion(weights, 0, Files.size(weights)));
        Map<String, Tensor> known = new HashMap<>(all.get(0).inputs());
        double worst = 0;
        for (int i = 0; i <= ladder.size(); i++) {
            GraphSource segment = new GraphSource("segment", extracted.graphs().get("segment-" + i), regions);
            try (Session session =
                    engine.load(segment, SessionOptions.defaults().withThreads(1))) {
                Map<String, Tensor> inputs = new HashMap<>();
                session.inputs().forEach(spec -> inputs.put(spec.name(), known.get(spec.name())));
                Map<String, Tensor> made = session.run(inputs);
                known.putAll(made);
                worst = Math.max(worst, Conversion.of(engine, segment).error(made, inputs));
            }
        }
        System.out.printf(
                "%s int8: %d segments, at most %.0f levels apart%n", network.file(), ladder.size() + 1, worst);
        assertThat(worst).isLessThanOrEqualTo(2);
    }
}
