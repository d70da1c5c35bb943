package dev.cleave.partition.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Pictures;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest extends SplitFixture {
    private static final Samples SAMPLES = vectors(8);

    @Test
    void aSoundBundlePassesAtEveryPoint() throws Exception {
        Bundle bundle = splits.bundle(network(), "a", "b");
        VerifyReport report = verify(bundle, null, name -> null);
        assertThat(report.passed()).isTrue();
        assertThat(report.reference().source()).isEqualTo("bundle");
        assertThat(report.reference().digest()).isEqualTo(bundle.id());
        assertThat(report.reference().correct().of()).isZero();
        assertThat(report.points())
                .extracting(VerifyReport.Point::kind)
                .containsExactly("cloud", "split", "split", "local");
        assertThat(report.points())
                .extracting(point -> point.level().agreeing().share())
                .containsOnly(1.0);
        assertThat(report.exact()).extracting(VerifyReport.Exact::index).containsExactly(1, 2, 3);
        // Six halves are twelve bytes; six floats, as they cross at CLOUD, twenty-four.
        assertThat(report.points().get(0).level().wireBytesMean())
                .isGreaterThan(report.points().get(1).level().wireBytesMean());
        assertThat(report.points().get(3).level().wireBytesMean()).isZero();
    }

    /** Six numbers after one turn and a squashing still tell much of six numbers; the sign of one tells little. */
    @Test
    void leakageIsAllAtCloudNothingAtLocalAndFallsInBetween() throws Exception {
        ModelBuilder model = network()
                .longs("last", -1)
                .longs("end", 6)
                .longs("axis", 1)
                .node("Slice", "b last end axis", "one")
                .node("Sign", "one", "s")
                .weights("w4", 1, 6)
                .node("MatMul", "s w4", "z")
                .output("z", ElementType.FLOAT32, "N", 6);
        model.edit(graph -> graph.removeOutput(0));
        VerifyReport report = verify(splits.bundle(model, "a", "s"), vectors(40), null, name -> null);
        assertThat(report.points())
                .extracting(VerifyReport.Point::leakageInputs)
                .containsExactly(0, 40, 40, 0);
        List<Double> leakage =
                report.points().stream().map(VerifyReport.Point::leakage).toList();
        assertThat(leakage.get(0)).isEqualTo(1);
        assertThat(leakage.get(1)).isBetween(0.6, 1.0);
        assertThat(leakage.get(2)).isBetween(0.0, leakage.get(1) - 0.1);
        assertThat(leakage.get(3)).isZero();
    }

    @Test
    void leakageIsUnknownWithThreeInputs() throws Exception {
        VerifyReport report = verify(splits.bundle(network(), "a"), vectors(3), null, name -> null);
        assertThat(report.points().get(0).leakage()).isEqualTo(1);
        assertThat(report.points().get(1).leakage()).isNaN();
        assertThat(report.points().get(2).leakage()).isZero();
    }

    /** JPEGs cost their own bytes and the few of a payload; at low quality fewer than at high. */
    @Test
    void jpegIsMeasuredAsCloudSendsIt() throws Exception {
        Preprocessing unit = Preprocessing.named("unit");
        Bundle bundle = splits.bundle(splits.request(Pictures.colours(), "r").withPreprocessing(unit));
        Picture picture = Pictures.noise(Pictures.SIDE, Pictures.SIDE, 1);
        PictureCodec pictures = PictureCodecs.find();
        List<VerifyReport.Jpeg> rows = new Verifier(
                        bundle, splits.engine(), SessionOptions.defaults(), pictures, Progress.NONE)
                .verify(Samples.of(List.of(Pictures.sample("noise", picture, unit))), null, null, name -> null, true)
                .jpeg();
        assertThat(rows).extracting(VerifyReport.Jpeg::quality).contains(10, 50, 95);
        assertThat(rows).extracting(VerifyReport.Jpeg::bytesMean).isSorted().doesNotHaveDuplicates();
        for (VerifyReport.Jpeg row : rows) {
            int alone = pictures.encode(PictureFormat.JPEG, picture, row.quality()).length;
            assertThat(row.bytesMean()).isBetween(alone + 1.0, alone + 32.0);
        }
    }

    /** Scores of forty classes. */
    private Bundle classifier(double wanted, String... replies) throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 6)
                .weights("w1", 6, 6)
                .weights("w2", 6, 40)
                .node("MatMul", "x w1", "m1")
                .node("Tanh", "m1", "a")
                .node("MatMul", "a w2", "y")
                .output("y", ElementType.FLOAT32, "N", 40);
        return Bundle.open(splits.split(
                        splits.request(model, "a")
                                .withWantedAgreement(wanted)
                                .withMaxDisagreement(1 - wanted)
                                .withReplies(Arrays.stream(replies)
                                        .map(ReplyChoice::parse)
                                        .toList()),
                        vectors(40))
                .bundle());
    }

    /** Length, header and rows take five bytes, or six. What comes back is off; the split itself is not, and is told apart. */
    @ParameterizedTest
    @CsvSource({
        "y=raw,      166, 0,    1e-5",
        "y=fp16,      85, 1e-5, 1e-2",
        "y=topk:3,    24, 0.1,  100",
        "y=quant:256, 45, 1e-4, 0.1"
    })
    void answersAreThoseOfCodedReplies(String reply, double bytes, double leastError, double mostError)
            throws Exception {
        VerifyReport report = verify(classifier(0.99, reply), null, name -> null);
        assertThat(report.passed()).isTrue();
        for (VerifyReport.Point point : report.points().subList(0, 2)) {
            assertThat(point.level().agreeing().share()).isEqualTo(1);
            assertThat(point.level().replyBytesMean()).isBetween(reply.contains("quant") ? 20.0 : bytes, bytes);
        }
        assertThat(report.points().get(0).level().maxAbsError())
                .as("error at CLOUD")
                .isBetween(leastError, mostError);
        assertThat(report.points().get(2).level().replyBytesMean()).as("LOCAL").isZero();
        assertThat(report.points().get(2).level().maxAbsError()).isZero();
    }

    /** Two levels leave several classes first: the first of these is seldom the right one. */
    @Test
    void aReplyThatLosesTheAnswerIsSeen() throws Exception {
        VerifyReport report = verify(classifier(0, "y=quant:2"), null, name -> null);
        assertThat(report.passed()).isTrue();
        assertThat(report.points().get(0).level().agreeing().share()).isLessThan(0.8);
        assertThat(report.points().get(1).level().agreeing().share()).isLessThan(0.8);
        assertThat(report.points().get(2).level().agreeing().share()).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsOnlySlightlyOffFailsEveryPoint() throws Exception {
        Bundle bundle = splits.bundle(network(), "a", "b");
        try (ReferenceModel model = reference(bundle)) {
            VerifyReport.Exact sound =
                    verify(bundle, model, name -> null).exact().get(0);
            assertThat(sound.withinBound()).isTrue();
            VerifyReport report = verify(bundle, inputs -> shifted(model.run(inputs), 1e-3f), name -> null);
            assertThat(report.passed()).isFalse();
            assertThat(report.exact()).noneMatch(VerifyReport.Exact::withinBound);
            assertThat(report.exact())
                    .allSatisfy(point -> assertThat(point.maxAbsError()).isBetween(0.9e-3, 1.1e-3));
        }
    }

    @Test
    void integerOutputsHaveToBeEqual() throws Exception {
        Bundle bundle = splits.bundle(splits.request(network(), "a").withReductions(List.of(new Reduction("y", 0))));
        try (ReferenceModel model = reference(bundle)) {
            assertThat(verify(bundle, model, name -> null).passed()).isTrue();
            VerifyReport report = verify(
                    bundle,
                    inputs -> {
                        Map<String, Tensor> outputs = new HashMap<>(model.run(inputs));
                        long best = outputs.get("y.argmax").data().getLong(0);
                        outputs.put("y.argmax", Tensor.ofLongs(Shape.of(1), best + 1));
                        return outputs;
                    },
                    name -> null);
            assertThat(report.passed()).isFalse();
            assertThat(report.points())
                    .extracting(point -> point.level().agreeing().share())
                    .containsOnly(0.0);
        }
    }

    @Test
    void knownLabelsGiveTheShareOfRightAnswers() throws Exception {
        Bundle bundle = splits.bundle(network(), "a");
        VerifyReport unlabelled = verify(bundle, null, name -> name.equals("s0") ? 5 : null);
        assertThat(unlabelled.reference().correct().of()).isEqualTo(1);
        VerifyReport impossible = verify(bundle, null, name -> 6);
        assertThat(impossible.reference().correct().share()).isZero();
        assertThat(impossible.points())
                .extracting(point -> point.level().correct().share())
                .containsOnly(0.0);
    }

    /** Calibrated on 40 inputs, verified on eight of these and on eight others. */
    @Test
    void everyQualityLevelIsMeasuredAndInputsThatCalibratedAreCounted() throws Exception {
        Bundle bundle = Bundle.open(
                splits.split(splits.request(network(), "a"), vectors(40)).bundle());
        List<QualityLevel> levels = bundle.contract().points().get(1).levels();
        VerifyReport same = verify(bundle, vectors(8), null, name -> null);
        assertThat(same.overlap()).isEqualTo(new VerifyReport.Overlap(8, 40, 40));
        VerifyReport.Point point = same.points().get(1);
        assertThat(point.levels())
                .extracting(VerifyReport.Level::name)
                .containsExactlyElementsOf(
                        levels.stream().map(QualityLevel::name).toList());
        VerifyReport.Level raw = point.levels().get(levels.size() - 1);
        assertThat(raw.agreeing()).isEqualTo(new Proportion(8, 8));
        assertThat(raw.maxRelError()).isLessThan(1e-6);
        assertThat(point.level().codec()).startsWith("quant:");
        assertThat(point.level().maxRelError()).isGreaterThan(raw.maxRelError());
        assertThat(point.level().wireBytesMean()).isLessThan(raw.wireBytesMean());

        List<Sample> others = new ArrayList<>();
        for (int i = 36; i < 44; i++) {
            others.add(vectors(44).get(i));
        }
        assertThat(verify(bundle, Samples.of(others), null, name -> null).overlap())
                .isEqualTo(new VerifyReport.Overlap(4, 40, 40));
        assertThat(verify(splits.bundle(network(), "a"), null, name -> null).overlap())
                .isNull();
    }

    /** A bundle remembers the first 1,024 of its inputs: those behind them it does not know again, and does not deny. */
    @Test
    void inputsThatTheBundleCannotRememberAreNotSaidToBeNew() throws Exception {
        int inputs = CalibrationRecord.MAX_INPUTS + 12;
        Bundle bundle = Bundle.open(
                splits.split(splits.request(network(), "a"), vectors(inputs)).bundle());
        List<Sample> last = new ArrayList<>();
        for (int i = CalibrationRecord.MAX_INPUTS; i < inputs; i++) {
            last.add(vectors(inputs).get(i));
        }
        VerifyReport.Overlap overlap =
                verify(bundle, Samples.of(last), null, name -> null).overlap();
        assertThat(overlap).isEqualTo(new VerifyReport.Overlap(0, CalibrationRecord.MAX_INPUTS, inputs));
        assertThat(overlap.isComplete()).isFalse();
    }

    @Test
    void theJpegThatDoesAsWellIsTheOneOfFewestBytes() {
        VerifyReport.Level level = new VerifyReport.Level(
                "default", "raw", 1, 1, 1, 1, new Proportion(9, 10), new Proportion(7, 10), 0, 0, 0, 0);
        VerifyReport report = new VerifyReport(
                10,
                null,
                "top-1",
                new VerifyReport.Reference("bundle", "", new Proportion(8, 10)),
                List.of(),
                List.of(),
                0,
                List.of(
                        new VerifyReport.Jpeg(10, 100, new Proportion(5, 10), new Proportion(7, 10)),
                        new VerifyReport.Jpeg(50, 200, new Proportion(8, 10), new Proportion(6, 10)),
                        new VerifyReport.Jpeg(90, 400, new Proportion(9, 10), new Proportion(8, 10))));
        assertThat(report.jpegOfEqualAgreement(level).quality()).isEqualTo(90);
        assertThat(report.jpegOfEqualAccuracy(level).quality()).isEqualTo(10);
        VerifyReport.Level perfect = new VerifyReport.Level(
                "default", "raw", 1, 1, 1, 1, new Proportion(10, 10), new Proportion(0, 0), 0, 0, 0, 0);
        assertThat(report.jpegOfEqualAgreement(perfect)).isNull();
        assertThat(report.jpegOfEqualAccuracy(perfect)).isNull();
    }

    @Test
    void theBoundIsZeroWhereOnlyIntegersOfAQuantisedModelCross() throws Exception {
        Bundle integers = splits.bundle(quantised(), "q1", "q2");
        assertThat(integers.contract().precision()).isEqualTo("int8");
        assertThat(Verifier.bound(integers.contract())).isZero();
        assertThat(verify(integers, null, name -> null).exact())
                .extracting(VerifyReport.Exact::maxRelativeError)
                .containsOnly(0.0);
        assertThat(Verifier.bound(splits.bundle(quantised(), "q1", "sum").contract()))
                .isEqualTo(1e-4);
        assertThat(Verifier.bound(splits.bundle(network(), "a").contract())).isEqualTo(1e-4);
    }

    @Test
    void anotherModelIsRefusedByName() throws Exception {
        Bundle bundle = splits.bundle(network(), "a");
        Path other = new ModelBuilder()
                .input("x", "N", 6)
                .node("Exp", "x", "z")
                .output("z")
                .save(Files.createDirectory(folder.resolve("other")));
        assertThatThrownBy(() -> ReferenceModel.load(
                        OnnxModel.read(other), bundle.contract(), splits.engine(), SessionOptions.defaults()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("has no output \"y\" of type float32")
                .hasMessageContaining("expected the model that bundle \"model\" was cut from");
    }

    private VerifyReport verify(Bundle bundle, Verifier.Reference model, Function<String, Integer> labels)
            throws Exception {
        return verify(bundle, SAMPLES, model, labels);
    }

    private VerifyReport verify(
            Bundle bundle, Samples samples, Verifier.Reference model, Function<String, Integer> labels)
            throws Exception {
        return new Verifier(bundle, splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                .verify(samples, model, model == null ? null : "digest", labels, false);
    }

    private ReferenceModel reference(Bundle bundle) throws Exception {
        return ReferenceModel.load(
                OnnxModel.read(folder.resolve("model.onnx")),
                bundle.contract(),
                splits.engine(),
                SessionOptions.defaults());
    }

    private static Map<String, Tensor> shifted(Map<String, Tensor> outputs, float by) {
        Tensor y = outputs.get("y");
        float[] values = new float[y.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = y.data().getFloat(i * Float.BYTES) + by;
        }
        return Map.of("y", Tensor.ofFloats(y.shape(), values));
    }

    private static Samples vectors(int count) {
        return Splits.vectors(count, 6);
    }

    private static ModelBuilder network() {
        return new ModelBuilder()
                .input("x", "N", 6)
                .weights("w1", 6, 6)
                .weights("w2", 6, 6)
                .weights("w3", 6, 6)
                .node("MatMul", "x w1", "m1")
                .node("Tanh", "m1", "a")
                .node("MatMul", "a w2", "m2")
                .node("Tanh", "m2", "b")
                .node("MatMul", "b w3", "y")
                .output("y", ElementType.FLOAT32, "N", 6);
    }

    /** Two additions between quantisations; the larger part of its constants are 8-bit. */
    private static ModelBuilder quantised() {
        return new ModelBuilder()
                .input("x", "N", 6)
                .scalar("s", 0.05f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 128)
                .bytes(
                        "w",
                        ElementType.UINT8,
                        new long[] {6},
                        (byte) 1,
                        (byte) 90,
                        (byte) 140,
                        (byte) 3,
                        (byte) 4,
                        (byte) 5)
                .node("QuantizeLinear", "x s z", "q1")
                .node("DequantizeLinear", "q1 s z", "d1")
                .node("DequantizeLinear", "w s z", "dw")
                .node("Add", "d1 dw", "sum")
                .node("QuantizeLinear", "sum s z", "q2")
                .node("DequantizeLinear", "q2 s z", "d2")
                .node("Softmax", "d2", "y")
                .output("y");
    }
}
