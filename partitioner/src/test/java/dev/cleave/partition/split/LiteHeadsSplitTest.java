package dev.cleave.partition.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.bundle.View;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Recurrent;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.heads.SpoiltEngine;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bundles with heads for TensorFlow Lite beside those in ONNX. */
class LiteHeadsSplitTest extends SplitFixture {
    private static final double FLOAT_ERROR = 1e-4;

    private Engine lite;

    @BeforeEach
    void create() throws Exception {
        lite = Engines.create("tflite");
    }

    @AfterEach
    void destroy() {
        lite.close();
    }

    private SplitResult split(SplitRequest request, Samples samples, Engine heads) throws Exception {
        return new ModelSplitter(splits.engine(), SessionOptions.defaults(), "test", Progress.NONE)
                .withHeadsOn(heads)
                .split(
                        request.withTfLite(true),
                        samples == null ? null : (model, preprocessing) -> samples,
                        folder.resolve("model.cleave"));
    }

    private static ModelBuilder layers() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("a", 8, 16)
                .weights("b", 16, 16)
                .weights("c", 16, 4)
                .node("MatMul", "x a", "m1")
                .node("Relu", "m1", "h1")
                .node("MatMul", "h1 b", "m2")
                .node("Relu", "m2", "h2")
                .node("MatMul", "h2 c", "y")
                .output("y");
    }

    @Test
    void everySegmentIsThereInBothFormsAndWhatHeadsGiveIsInTheManifest() throws Exception {
        SplitResult result = split(splits.request(layers(), "h1", "h2"), Splits.vectors(30, 8), lite);
        assertThat(result.liteHeads().obstacle()).isNull();
        assertThat(result.liteHeads().through()).isEqualTo(3);
        Bundle bundle = Bundle.open(result.bundle());
        assertThat(bundle.edgeThrough(GraphFormat.TFLITE))
                .isEqualTo(bundle.contract().local());
        List<HeadMeasurement> heads = bundle.manifest().heads();
        assertThat(heads).isEqualTo(result.liteHeads().measured());
        assertThat(heads).extracting(HeadMeasurement::point).containsExactly(1, 2, 3);
        assertThat(heads).allSatisfy(head -> {
            assertThat(head.engine()).isEqualTo("tflite " + lite.version());
            assertThat(head.inputs()).isEqualTo(30);
            assertThat(head.agreement()).isGreaterThanOrEqualTo(0.95);
            assertThat(head.alike()).isEqualTo(1);
            assertThat(head.onnxAgreement()).isEqualTo(head.agreement());
            assertThat(head.maxRelativeError()).isLessThan(FLOAT_ERROR);
        });
        for (int i = 0; i <= 2; i++) {
            assertSameTensors(bundle, "segment-" + i);
        }
    }

    private void assertSameTensors(Bundle bundle, String segment) throws Exception {
        String precision = bundle.contract().edgePrecision();
        SessionOptions options = SessionOptions.defaults();
        try (Session one = splits.engine().load(bundle.graph(precision, segment), options);
                Session other = lite.load(bundle.graph(precision, segment, GraphFormat.TFLITE), options)) {
            assertThat(texts(other.inputs())).containsExactlyInAnyOrderElementsOf(texts(one.inputs()));
            assertThat(texts(other.outputs())).containsExactlyInAnyOrderElementsOf(texts(one.outputs()));
        }
    }

    /** Names, types and shapes. */
    private static List<String> texts(List<TensorSpec> tensors) {
        return tensors.stream().map(TensorSpec::toString).toList();
    }

    @Test
    void integersAreConvertedWhereDevicesRunIntegers() throws Exception {
        SplitRequest request = splits.request(Networks.residual(), "p1", "r3")
                .withEdgeMode(EdgeMode.ALWAYS)
                .withMaxDisagreement(1)
                .withWantedAgreement(0.5);
        SplitResult result = split(request, Networks.pictures(24), lite);
        Bundle bundle = Bundle.open(result.bundle());
        assertThat(bundle.contract().edgePrecision()).isEqualTo("int8");
        assertThat(bundle.edgeThrough(GraphFormat.TFLITE)).isEqualTo(3);
        assertThat(bundle.contract().files())
                .extracting(file -> file.path())
                .filteredOn(path -> path.endsWith(".tflite"))
                .containsExactly(
                        "graphs/int8/segment-0.tflite", "graphs/int8/segment-1.tflite", "graphs/int8/segment-2.tflite");
        assertSameTensors(bundle, "segment-1");
        assertThat(bundle.manifest().heads()).hasSize(3).allSatisfy(head -> {
            assertThat(head.alike()).isGreaterThanOrEqualTo(0.9);
            // A few of 255 levels.
            assertThat(head.maxRelativeError()).isLessThan(0.03);
        });
    }

    @Test
    void aPlannedLadderHasBothFormsAndTheSameModelGivesTheSameBundle() throws Exception {
        SplitRequest request =
                splits.request(Networks.residual()).withAt(List.of()).withCount(2);
        SplitResult first = split(request.withPlanned(true), Networks.pictures(24), lite);
        assertThat(first.liteHeads().through())
                .isEqualTo(first.contract().splitPoints() + 1)
                .isEqualTo(3);
        SplitResult once = split(request, Networks.pictures(24), lite);
        assertThat(split(request, Networks.pictures(24), lite).id()).isEqualTo(once.id());
    }

    /** Nothing for TensorFlow Lite computes a CumSum. */
    private static ModelBuilder summing(String before, String after) {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("a", 8, 16)
                .weights("b", 16, 16)
                .weights("c", 16, 4)
                .scalarLong("axis", 1)
                .node("MatMul", "x a", "m1")
                .node(before.isEmpty() ? "Relu" : "CumSum", before.isEmpty() ? "m1" : "m1 axis", "h1")
                .node("MatMul", "h1 b", "m2")
                .node(after.isEmpty() ? "Relu" : "CumSum", after.isEmpty() ? "m2" : "m2 axis", "h2")
                .node("MatMul", "h2 c", "y")
                .output("y");
    }

    @Test
    void headsEndBeforeTheFirstOperatorThatCannotBeConverted() throws Exception {
        SplitResult result = split(splits.request(summing("", "CumSum"), "h1", "h2"), Splits.vectors(30, 8), lite);
        assertThat(result.liteHeads().through()).isEqualTo(1);
        assertThat(result.liteHeads().obstacle().segment()).isEqualTo(1);
        assertThat(result.liteHeads().obstacle().operator()).isEqualTo("CumSum");
        assertThat(result.liteHeads().obstacle())
                .hasToString("segment-1: CumSum \"CumSum_h2\": operator CumSum has no counterpart; expected one that is"
                        + " converted");
        Bundle bundle = Bundle.open(result.bundle());
        assertThat(bundle.edgeThrough(GraphFormat.TFLITE)).isEqualTo(1);
        assertThat(bundle.hasGraph("fp32", "segment-2", GraphFormat.TFLITE))
                .as("behind it, though it could be converted")
                .isFalse();
        assertThat(bundle.manifest().heads()).extracting(HeadMeasurement::point).containsExactly(1);
        VerifyReport report = verify(bundle, Splits.vectors(16, 8), lite);
        assertThat(report.points()).extracting(VerifyReport.Point::kind).containsExactly("cloud", "split");
        assertThat(report.exact()).hasSize(3);
    }

    @Test
    void aModelOfWhichNoHeadCanBeConvertedIsRefusedByName() throws Exception {
        SplitRequest request = splits.request(summing("CumSum", ""), "h1", "h2");
        assertThatThrownBy(() -> split(request, Splits.vectors(30, 8), lite))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(request.model() + " for TensorFlow Lite: segment-0: CumSum \"CumSum_h1\"")
                .hasMessageContaining("expected at least a first segment that can be converted");
        assertThat(folder.resolve("model.cleave")).doesNotExist();
    }

    @Test
    void withoutAnEngineOrInputsHeadsAreWrittenAndNothingIsSaidOfThem() throws Exception {
        SplitResult unrun = split(splits.request(layers(), "h1"), Splits.vectors(30, 8), null);
        assertThat(unrun.liteHeads().through()).isEqualTo(2);
        assertThat(Bundle.open(unrun.bundle()).manifest().heads()).isEmpty();
        Files.delete(unrun.bundle());
        SplitResult blind = split(splits.request(layers(), "h1"), null, lite);
        assertThat(Bundle.open(blind.bundle()).edgeThrough(GraphFormat.TFLITE)).isEqualTo(2);
        assertThat(Bundle.open(blind.bundle()).manifest().heads()).isEmpty();
    }

    @Test
    void unaskedThereAreNone() throws Exception {
        SplitResult result = splits.split(splits.request(layers(), "h1"), null);
        assertThat(result.liteHeads()).isNull();
        assertThat(Bundle.open(result.bundle()).edgeThrough(GraphFormat.TFLITE)).isZero();
    }

    @Test
    void headsEndBeforeTheFirstThatChangesTooManyAnswers() throws Exception {
        try (Engine spoilt = SpoiltEngine.negating("segment-1")) {
            SplitResult result = split(splits.request(layers(), "h1", "h2"), Splits.vectors(30, 8), spoilt);
            assertThat(result.liteHeads().through()).isEqualTo(1);
            assertThat(result.liteHeads().obstacle().reason())
                    .matches(
                            "the TensorFlow Lite head of point 2 agrees on \\d+ of 30 inputs \\(top-1\\), that in ONNX on"
                                    + " (29|30); expected 98\\.0 %");
            Bundle bundle = Bundle.open(result.bundle());
            assertThat(bundle.edgeThrough(GraphFormat.TFLITE)).isEqualTo(1);
            assertThat(bundle.manifest().heads())
                    .extracting(HeadMeasurement::point)
                    .containsExactly(1);
        }
    }

    @Test
    void localAloneIsLeftOutWhereOnlyTheLastSegmentIsFarOff() throws Exception {
        try (Engine spoilt = SpoiltEngine.negating("segment-2")) {
            SplitResult result = split(splits.request(layers(), "h1", "h2"), Splits.vectors(30, 8), spoilt);
            assertThat(result.liteHeads().through()).isEqualTo(2);
            assertThat(result.liteHeads().obstacle().reason()).contains("head of point 3 agrees on");
        }
    }

    @Test
    void whereNoHeadKeepsTheBudgetNothingIsWritten() throws Exception {
        try (Engine spoilt = SpoiltEngine.negating("segment-0")) {
            assertThatThrownBy(() -> split(splits.request(layers(), "h1", "h2"), Splits.vectors(30, 8), spoilt))
                    .isInstanceOf(UnmetBudgetException.class)
                    .hasMessageContaining("the TensorFlow Lite head of point 1 agrees on ");
            assertThat(folder.resolve("model.cleave")).doesNotExist();
        }
    }

    @Test
    void aBudgetThatAllowsAnythingKeepsThem() throws Exception {
        try (Engine spoilt = SpoiltEngine.negating("segment-0")) {
            SplitRequest request = splits.request(layers(), "h1", "h2").withMaxDisagreement(1);
            SplitResult result = split(request, Splits.vectors(30, 8), spoilt);
            assertThat(result.liteHeads().through()).isEqualTo(3);
            assertThat(result.liteHeads().measured().get(0).alike()).isLessThan(0.9);
            assertThat(result.liteHeads().measured().get(0).maxRelativeError()).isGreaterThan(1);
        }
    }

    @Test
    void aSegmentThatTheEngineDoesNotTakeEndsThem() throws Exception {
        try (Engine spoilt = SpoiltEngine.refusing("segment-2")) {
            SplitResult result = split(splits.request(layers(), "h1", "h2"), null, spoilt);
            assertThat(result.liteHeads().through()).isEqualTo(2);
            assertThat(result.liteHeads().obstacle())
                    .hasToString("segment-2: segment-2.tflite: refused; expected another");
        }
    }

    @Test
    void halvesForGatewaysAndHeadsForDevicesGoTogether() throws Exception {
        SplitRequest request = splits.request(layers(), "h1", "h2").withHalfTails(true);
        Bundle full = Bundle.open(split(request, Splits.vectors(30, 8), lite).bundle());
        Bundle edge = view(full, View.EDGE, 2);
        assertThat(edge.edgeThrough(GraphFormat.TFLITE)).isEqualTo(2);
        assertThat(edge.hasGraph("fp32", "segment-1")).isTrue();
        assertThat(edge.hasGraph("fp16", "tail-1")).isFalse();
        Bundle cloud = view(full, View.CLOUD, 0);
        assertThat(cloud.hasGraph("fp16", "tail-1")).isTrue();
        assertThat(cloud.hasGraph("fp32", "segment-1", GraphFormat.TFLITE)).isFalse();
        assertThat(cloud.manifest().heads()).isEqualTo(full.manifest().heads()).hasSize(3);
    }

    private Bundle view(Bundle full, View view, int through) throws Exception {
        Path file = folder.resolve(view.jsonName() + ".cleave");
        BundleWriter.writeView(full, view, through, file);
        return Bundle.open(file);
    }

    /** Over 40 frames the device's own state goes round in its head. */
    @Test
    void stateGoesRoundInHeadsOfBothForms() throws Exception {
        SplitRequest request = splits.request(Recurrent.network(), "a", "b", "d")
                .withState(Recurrent.STATE)
                .withMaxDisagreement(1)
                .withWantedAgreement(0.9);
        Samples frames = Samples.of(IntStream.range(0, 40)
                .mapToObj(time -> new Sample("frame-" + time, Map.of("x", Recurrent.frame(time))))
                .toList());
        Bundle bundle = Bundle.open(split(request, frames, lite).bundle());
        assertThat(bundle.manifest().heads()).hasSize(4).allSatisfy(head -> {
            assertThat(head.alike()).isGreaterThanOrEqualTo(0.95);
            assertThat(head.maxRelativeError()).isLessThan(FLOAT_ERROR);
        });
        VerifyReport report = verify(bundle, frames, lite);
        assertThat(report.points()).hasSize(5);
        for (VerifyReport.Point point : report.points().subList(1, 4)) {
            VerifyReport.Level raw = point.levels().get(point.levels().size() - 1);
            assertThat(raw.maxRelError()).as("point " + point.index()).isLessThan(FLOAT_ERROR);
        }
        assertThat(report.points().get(4).level().maxRelError()).isLessThan(FLOAT_ERROR);
    }

    private VerifyReport verify(Bundle bundle, Samples samples, Engine heads) throws Exception {
        return new Verifier(bundle, splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                .withHeadsOn(heads)
                .verify(samples, null, null, name -> null, false);
    }

    @Test
    void verificationSeesAHeadThatIsFarOff() throws Exception {
        Bundle bundle = Bundle.open(split(splits.request(layers(), "h1", "h2"), Splits.vectors(30, 8), lite)
                .bundle());
        VerifyReport right = verify(bundle, Splits.vectors(16, 8), lite);
        assertThat(right.points()).hasSize(4);
        assertThat(right.points().get(3).level().maxRelError()).isLessThan(FLOAT_ERROR);
        try (Engine spoilt = SpoiltEngine.negating("segment-2")) {
            VerifyReport wrong = verify(bundle, Splits.vectors(16, 8), spoilt);
            assertThat(wrong.points().get(3).level().agreeing().share()).isLessThan(0.9);
            assertThat(wrong.points().get(2).level().agreeing().share()).isGreaterThan(0.9);
            assertThat(wrong.passed()).as("the cut is exact in ONNX").isTrue();
        }
    }
}
