package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trained networks, which are kept outside the project, split with heads of both forms: on labelled pictures those for
 * TensorFlow Lite are right as often as those in ONNX, but for a point or a single picture, behind the boundary as it is coded.
 */
class TrainedSplitsTest {
    private static final double ONE_POINT = 0.01;
    private static final double ROUNDING = 1e-9;
    private static final String CIFAR = "{'mean':[0.4914,0.4822,0.4465],'std':[0.2023,0.1994,0.2010]}";
    private static final String IMAGENET =
            "{'resize':256,'crop':224,'mean':[0.485,0.456,0.406],'std':[0.229,0.224,0.225]}";

    @TempDir
    Path folder;

    private Engine onnx;
    private Engine lite;

    @BeforeEach
    void open() throws Exception {
        onnx = Engines.create("onnxruntime");
        lite = Engines.create("tflite");
    }

    @AfterEach
    void close() {
        onnx.close();
        lite.close();
    }

    private static Samples pictures(boolean isSmall, TensorSpec input, int count) throws IOException {
        Preprocessing preprocessing = Preprocessing.parse((isSmall ? CIFAR : IMAGENET).replace('\'', '"'));
        return isSmall ? Photographs.small(input, preprocessing, count) : Photographs.of(input, preprocessing, count);
    }

    private static Function<String, Integer> labels(boolean isSmall, Samples pictures) throws IOException {
        int[] classes = isSmall ? Photographs.smallLabels(pictures.size()) : Photographs.labels(pictures.size());
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < classes.length; i++) {
            byName.put(pictures.get(i).name(), classes[i]);
        }
        return byName::get;
    }

    @ParameterizedTest
    @EnumSource(
            value = EdgeMode.class,
            names = {"NEVER", "ALWAYS"})
    void headsOfBothFormsAreRightEquallyOftenOnSmallPictures(EdgeMode mode) throws Exception {
        assertRightEquallyOften("cifar_resnet20", 200, mode);
    }

    @ParameterizedTest
    @EnumSource(
            value = EdgeMode.class,
            names = {"NEVER", "ALWAYS"})
    void headsOfBothFormsAreRightEquallyOftenOnPhotographs(EdgeMode mode) throws Exception {
        assertRightEquallyOften("mobilenetv2_fp32", 40, mode);
    }

    private void assertRightEquallyOften(String name, int count, EdgeMode mode) throws Exception {
        boolean isSmall = name.startsWith("cifar");
        Samples[] pictures = new Samples[1];
        SplitRequest request = SplitRequest.of(Material.require("models/" + name + ".onnx"))
                .withCount(2)
                .withEdgeMode(mode)
                .withMaxDisagreement(1)
                .withWantedAgreement(0.9)
                .withTfLite(true);
        SplitResult result = new ModelSplitter(onnx, SessionOptions.defaults(), "test", Progress.NONE)
                .withHeadsOn(lite)
                .split(
                        request,
                        (model, preprocessing) -> {
                            pictures[0] = pictures(isSmall, model.inputs().get(0), count);
                            return pictures[0];
                        },
                        folder.resolve("trained.cleave"));
        Bundle bundle = Bundle.open(result.bundle());
        assertThat(bundle.edgeThrough(GraphFormat.TFLITE))
                .isEqualTo(bundle.contract().local());
        Function<String, Integer> labels = labels(isSmall, pictures[0]);
        List<VerifyReport.Point> usual = verify(bundle, onnx, pictures[0], labels);
        List<VerifyReport.Point> made = verify(bundle, lite, pictures[0], labels);
        for (HeadMeasurement head : bundle.manifest().heads()) {
            VerifyReport.Level one = usual.get(head.point()).level();
            VerifyReport.Level other = made.get(head.point()).level();
            System.out.printf(
                    Locale.ROOT,
                    "%s %s point %d, %d pictures: TensorFlow Lite agrees %.3f and is right %.3f, ONNX Runtime %.3f and"
                            + " %.3f, with each other %.3f, relative error of the head %.1e%n",
                    name,
                    bundle.contract().edgePrecision(),
                    head.point(),
                    head.inputs(),
                    head.agreement(),
                    other.correct().share(),
                    head.onnxAgreement(),
                    one.correct().share(),
                    head.alike(),
                    head.maxRelativeError());
            double allowed = Math.max(ONE_POINT, 1.0 / head.inputs()) + ROUNDING;
            assertThat(head.agreement()).isGreaterThanOrEqualTo(head.onnxAgreement() - allowed);
            assertThat(other.correct().share())
                    .isGreaterThanOrEqualTo(one.correct().share() - allowed);
            if (mode == EdgeMode.NEVER) {
                assertThat(head.maxRelativeError()).isLessThan(1e-4);
            }
        }
    }

    private List<VerifyReport.Point> verify(
            Bundle bundle, Engine heads, Samples pictures, Function<String, Integer> labels) throws Exception {
        return new Verifier(bundle, onnx, SessionOptions.defaults(), null, Progress.NONE)
                .withHeadsOn(heads)
                .verify(pictures, null, null, labels, false)
                .points();
    }
}
