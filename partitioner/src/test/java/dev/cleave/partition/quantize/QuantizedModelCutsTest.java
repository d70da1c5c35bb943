package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.SplitCheck;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quantised models are cut at their integers, and a cut changes nothing. */
class QuantizedModelCutsTest {
    private static final QuantizeSettings SETTINGS =
            QuantizeSettings.defaults().withMaxDisagreement(1).withMethods(List.of(RangeMethod.MSE));

    @TempDir
    Path folder;

    private SplitCheck check;

    @BeforeEach
    void open() throws Exception {
        check = new SplitCheck(folder);
    }

    @AfterEach
    void close() {
        check.close();
    }

    @Test
    void everyCutOfAResidualNetworkIsExact() throws Exception {
        ProbedModel probed = Networks.probe(Networks.residual(), folder, check.engine());
        Quantized quantized =
                new Quantizer(check.engine(), SETTINGS).quantize(probed, Networks.pictures(9), Progress.NONE);
        ModelSummary summary = summary(quantized.model());
        assertCutAtIntegers(summary);
        check.checkEach(summary.model(), summary.cuts().all(), 3);
    }

    @Test
    void cutsOfATrainedNetworkAreExactAndItsAnswersStay() throws Exception {
        OnnxModel model = OnnxModel.read(Material.require("models/cifar_resnet20.onnx"));
        ProbedModel probed = new ShapeProbe(check.engine(), ProbeSettings.defaults()).probe(model);
        Samples pictures = cifar(60);
        Quantized quantized = new Quantizer(check.engine(), SETTINGS.withMaxDisagreement(0.05))
                .quantize(probed, pictures, Progress.NONE);
        assertThat(quantized.report().quality().agreement()).isGreaterThanOrEqualTo(0.95);
        assertThat(quantized.report().weightsRatio()).isLessThanOrEqualTo(0.27);
        KernelCount kernels =
                KernelCount.of(quantized.model(), check.engine(), SessionOptions.defaults(), pictures.get(0));
        assertThat(kernels.floating()).as("%s", kernels).isZero();
        ModelSummary summary = summary(quantized.model());
        assertCutAtIntegers(summary);
        check.checkEach(summary.model(), summary.cuts().all(), 2);
    }

    private ModelSummary summary(OnnxModel model) throws Exception {
        return ModelSummary.of(model, check.engine(), ProbeSettings.defaults());
    }

    /** No activation crosses as a float tensor. */
    private static void assertCutAtIntegers(ModelSummary summary) {
        List<String> crossing = summary.cuts().all().stream()
                .flatMap(cut -> cut.boundary().stream())
                .distinct()
                .toList();
        assertThat(crossing).hasSizeGreaterThan(4);
        assertThat(crossing)
                .filteredOn(name -> summary.model().facts().spec(name).type() != ElementType.UINT8)
                .allMatch(name -> summary.model().facts().spec(name).type() == ElementType.INT64);
    }

    private static Samples cifar(int count) throws Exception {
        byte[] rgb = Files.readAllBytes(Material.require("data/cifar10/dev1000_nhwc_rgb.u8"));
        Preprocessing preprocessing =
                Preprocessing.parse("{\"mean\":[0.4914,0.4822,0.4465],\"std\":[0.2023,0.1994,0.2010]}");
        int bytes = 32 * 32 * 3;
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Picture picture = new Picture(32, 32, Arrays.copyOfRange(rgb, i * bytes, (i + 1) * bytes));
            var spec = new TensorSpec("input", ElementType.FLOAT32, Shape.of(1, 3, 32, 32));
            samples.add(new Sample("cifar-" + i, Map.of("input", preprocessing.apply(picture, spec))));
        }
        return Samples.of(samples);
    }
}
