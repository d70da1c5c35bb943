package dev.cleave.partition.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.codec.CodecParams;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.PartsHeard;
import dev.cleave.partition.Pictures;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CutSurveyTest extends SplitFixture {
    private static final double WANTED = 0.95;
    private static final int SIDE = Pictures.SIDE;

    /** The cuts left and right are not nested; what is surveyed is what a bundle with one of them would measure. */
    @Test
    void everyCutIsMeasuredAsABundleWithItWould() throws Exception {
        ModelSummary summary = summary(branches());
        Samples samples = vectors(40);
        List<Cut> cuts = List.of(
                summary.cuts().at(List.of("right")),
                summary.cuts().at(List.of("left")),
                summary.cuts().at(List.of("mixed")));
        Map<Cut, Surveyed> surveyed = survey(summary, null).survey(cuts, samples);
        assertThat(surveyed.keySet()).containsExactlyElementsOf(cuts);
        for (Cut cut : cuts) {
            Surveyed found = surveyed.get(cut);
            SplitResult alone =
                    splits.split(splits.request(branches(), cut.point()).withWantedAgreement(WANTED), samples);
            assertThat(alone.contract().points().get(1).levels().get(0).codecs())
                    .as(cut.point())
                    .isEqualTo(found.params());
            assertThat(alone.measurements().get(0))
                    .isEqualTo(found.calibrated().at(1).measurement());
            assertThat(found.agreement()).isGreaterThanOrEqualTo(WANTED);
            assertThat(found.inputs()).isEqualTo(20);
            assertThat(found.curve().levels())
                    .hasSizeBetween(5, 24)
                    .contains(new CodecCurve.Level(found.codec(), found.wireBytes(), found.agreement()));
            // Five floats, and at most 16 bytes of headers.
            assertThat(found.replyBytes()).isBetween(20.0, 36.0);
            assertThat(found.leakageInputs()).isEqualTo(40);
            assertThat(found.encodeMillis()).isPositive();
            assertThat(found.decodeMillis()).isPositive();
        }
        // left and right carry the input too, whole; mixed has only five numbers of eight.
        assertThat(surveyed.get(cuts.get(0)).leakage()).isBetween(0.8, 1.0);
        assertThat(surveyed.get(cuts.get(2)).leakage())
                .isBetween(0.2, surveyed.get(cuts.get(0)).leakage());
    }

    @Test
    void aSplitTakesOverWhatWasSurveyed() throws Exception {
        ModelSummary summary = summary(branches());
        List<Cut> cuts =
                List.of(summary.cuts().at(List.of("left")), summary.cuts().at(List.of("mixed")));
        Samples samples = vectors(40);
        Map<List<String>, Calibrated> known = new HashMap<>();
        survey(summary, null)
                .survey(cuts, samples)
                .forEach((cut, surveyed) -> known.put(cut.boundary(), surveyed.calibrated()));
        PartsHeard progress = new PartsHeard();
        SplitResult taken = splits.split(request(), samples, known, progress);
        assertThat(progress.parts()).noneMatch(part -> part.contains("calibrate"));
        SplitResult own = splits.split(request(), samples, Map.of(), progress);
        assertThat(progress.parts()).contains("calibrate point 1", "calibrate point 2");
        assertThat(taken.measurements()).isEqualTo(own.measurements());
        assertThat(taken.id()).isEqualTo(own.id());
        known.remove(cuts.get(0).boundary());
        progress.clear();
        SplitResult half = splits.split(request(), samples, known, progress);
        assertThat(progress.parts()).contains("calibrate point 1").doesNotContain("calibrate point 2");
        assertThat(half.id()).isEqualTo(own.id());
    }

    private SplitRequest request() {
        return splits.request(branches(), "left", "mixed").withWantedAgreement(WANTED);
    }

    @Test
    void theBudgetChangesTheSamplesOfLeakageAndNothingElse() throws Exception {
        ModelSummary summary = summary(branches());
        List<Cut> cuts = List.of(summary.cuts().at(List.of("mixed")));
        Surveyed ample = survey(summary, null).survey(cuts, vectors(40)).get(cuts.get(0));
        long ofTen = 10 * 8 * Float.BYTES;
        CutSurvey small = new CutSurvey(
                summary.model(),
                null,
                null,
                splits.engine(),
                SessionOptions.defaults(),
                WANTED,
                Progress.NONE,
                CodecChoices.ALL,
                MemoryBudget.ofBytes(ofTen),
                System::nanoTime);
        Surveyed scarce = small.survey(cuts, vectors(40)).get(cuts.get(0));
        assertThat(scarce.calibrated()).isEqualTo(ample.calibrated());
        assertThat(scarce.leakageInputs()).isEqualTo(10);
        assertThat(ample.leakageInputs()).isEqualTo(40);
        assertThat(scarce.leakage()).isBetween(0.0, 1.0);
        assertThat(small.survey(cuts, vectors(3)).get(cuts.get(0)).leakage()).isNaN();
    }

    @Test
    void withoutSamplesFloatsCrossAsHalvesAndOnlySizesAndTimesAreKnown() throws Exception {
        ModelSummary summary = summary(branches());
        Cut cut = summary.cuts().at(List.of("mixed"));
        Surveyed found = survey(summary, null).survey(List.of(cut), null).get(cut);
        assertThat(found.params()).containsExactly(new CodecParams.Fp16());
        assertThat(found.codec()).isEqualTo("fp16");
        // Five halves, and at most 16 bytes of headers.
        assertThat(found.wireBytes()).isBetween(10.0, 26.0);
        assertThat(found.replyBytes()).isBetween(20.0, 36.0);
        assertThat(found.agreement()).isNaN();
        assertThat(found.leakage()).isNaN();
        assertThat(found.inputs()).isZero();
        assertThat(found.calibrated()).isNull();
        assertThat(found.curve().levels()).hasSize(1);
        assertThat(found.encodeMillis()).isPositive();
    }

    @Test
    void outputsThatTheHeadMadeDoNotComeBack() throws Exception {
        ModelSummary summary = summary(new ModelBuilder()
                .input("x", "N", 8)
                .node("Tanh", "x", "a")
                .weights("w", 8, 100)
                .node("MatMul", "a w", "y")
                .output("a", ElementType.FLOAT32, "N", 8)
                .output("y", ElementType.FLOAT32, "N", 100));
        Cut cut = summary.cuts().at(List.of("a"));
        assertThat(cut.earlyOutputs()).containsExactly("a");
        CutSurvey survey = survey(summary, null);
        double late = survey.survey(List.of(cut), vectors(5)).get(cut).replyBytes();
        assertThat(late).isBetween(400.0, 416.0);
        assertThat(survey.cloudRaw(vectors(5)).replyBytes()).isBetween(late + 32, late + 48);
    }

    @Test
    void tensorsCrossCloudAsTheyAreOrCompressed() throws Exception {
        CutSurvey survey = survey(summary(branches()), null);
        Samples zeros = Splits.samples(5, random -> Tensor.ofFloats(Shape.of(1, 8), new float[8]));
        Surveyed raw = survey.cloudRaw(zeros);
        Surveyed compressed = survey.cloudCompressed(zeros);
        assertThat(raw.codec()).isEqualTo("raw");
        assertThat(raw.wireBytes()).isBetween(32.0, 48.0);
        assertThat(compressed.codec()).isEqualTo("raw+zstd");
        assertThat(compressed.wireBytes()).isLessThan(raw.wireBytes());
        for (Surveyed cloud : List.of(raw, compressed)) {
            assertThat(cloud.agreement()).isEqualTo(1);
            assertThat(cloud.leakage()).isEqualTo(1);
            assertThat(cloud.params()).containsExactly(new CodecParams.Raw());
        }
        assertThat(survey.prepareMillis(zeros)).isZero();
        assertThat(survey.cloudRaw(null).codec()).isEqualTo("raw");
        assertThat(survey.cloudCompressed(null).codec()).isEqualTo("raw+zstd");
        assertThat(survey.prepareMillis(null)).isZero();
    }

    /** The answer is the colour that a picture has most of: any JPEG keeps it. */
    @Test
    void picturesCrossCloudAsPixelsOrAsTheSmallestJpegThatKeepsTheAnswers() throws Exception {
        CutSurvey survey = survey(summary(Pictures.colours()), unit());
        Samples pictures = pictures(20);
        Surveyed raw = survey.cloudRaw(pictures);
        assertThat(raw.codec()).isEqualTo("rgb8");
        assertThat(raw.wireBytes()).isBetween(SIDE * SIDE * 3.0, SIDE * SIDE * 3.0 + 24);
        assertThat(raw.agreement()).isEqualTo(1);
        assertThat(raw.params()).containsExactly(new CodecParams.Image());
        Surveyed jpeg = survey.cloudCompressed(pictures);
        assertThat(jpeg.codec()).isEqualTo("jpeg:30");
        assertThat(jpeg.wireBytes()).isLessThan(raw.wireBytes());
        assertThat(jpeg.curve().levels()).hasSize(1);
        assertThat(jpeg.encodeMillis()).isPositive();
        assertThat(jpeg.decodeMillis()).isPositive();
        assertThat(survey.prepareMillis(pictures)).isPositive();
    }

    /** The answer depends on single pixels: no JPEG keeps it. */
    @Test
    void picturesCrossWithoutLossWhereNoJpegWillDo() throws Exception {
        CutSurvey survey = survey(summary(pixels()), unit());
        Surveyed found = survey.cloudCompressed(pictures(40));
        assertThat(found.codec()).isIn("png", "rgb8");
        assertThat(found.agreement()).isEqualTo(1);
        assertThat(found.curve().levels())
                .extracting(CodecCurve.Level::label)
                .contains("jpeg:30", "jpeg:90", "jpeg:95", "png", "rgb8");
        assertThat(found.curve().levels())
                .filteredOn(level -> level.label().startsWith("jpeg"))
                .allSatisfy(level -> assertThat(level.agreement()).isLessThan(WANTED));
    }

    /** Nobody showed that a JPEG keeps the answers. */
    @Test
    void withoutSamplesPicturesCrossWithoutLoss() throws Exception {
        CutSurvey survey = survey(summary(Pictures.colours()), unit());
        Surveyed raw = survey.cloudRaw(null);
        assertThat(raw.codec()).isEqualTo("rgb8");
        assertThat(raw.wireBytes()).isBetween(SIDE * SIDE * 3.0, SIDE * SIDE * 3.0 + 24);
        Surveyed compressed = survey.cloudCompressed(null);
        assertThat(compressed.codec()).isIn("png", "rgb8");
        assertThat(compressed.wireBytes()).isLessThanOrEqualTo(raw.wireBytes());
        assertThat(compressed.inputs()).isZero();
        assertThat(survey.prepareMillis(null)).isPositive();
    }

    @Test
    void refusesACutThatIsNotTheModelsAndPreprocessingThatDoesNotFit() throws Exception {
        ModelSummary summary = summary(branches());
        Cut foreign = new Cut(new BitSet(), List.of("nowhere"), List.of(), List.of("y"));
        assertThatThrownBy(() -> survey(summary, null).survey(List.of(foreign), vectors(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cut at nowhere sends tensor \"nowhere\"");
        assertThatThrownBy(() -> survey(summary, unit()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("preprocessing feeds");
    }

    @Test
    void aPinnedCodecIsTakenAsItIs() throws Exception {
        ModelSummary summary = summary(Pictures.colours());
        Cut cut = summary.cuts().at(List.of("r"));
        CutSurvey pinned = new CutSurvey(
                summary.model(),
                unit(),
                splits.engine(),
                SessionOptions.defaults(),
                0,
                Progress.NONE,
                CodecChoices.pinned(24, 90));
        Surveyed found = pinned.survey(List.of(cut), pictures(4)).get(cut);
        assertThat(found.codec()).startsWith("quant:24/");
        assertThat(found.curve().levels()).extracting(CodecCurve.Level::label).containsExactly(found.codec(), "raw");
        Surveyed cloud = pinned.cloudCompressed(pictures(4));
        assertThat(cloud.codec()).isEqualTo("jpeg:90");
        assertThat(cloud.curve().levels()).hasSize(1);
    }

    private CutSurvey survey(ModelSummary summary, Preprocessing preprocessing) throws Exception {
        return new CutSurvey(
                summary.model(), preprocessing, splits.engine(), SessionOptions.defaults(), WANTED, Progress.NONE);
    }

    private ModelSummary summary(ModelBuilder model) throws Exception {
        return ModelSummary.of(model.read(folder), splits.engine(), ProbeSettings.defaults());
    }

    /** Two branches whose cuts are not nested, joined to five numbers. */
    private static ModelBuilder branches() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("wl", 8, 8)
                .weights("wr", 8, 8)
                .weights("wm", 8, 5)
                .weights("wy", 5, 5)
                .node("MatMul", "x wl", "left")
                .node("MatMul", "x wr", "right")
                .node("Sub", "left right", "apart")
                .node("MatMul", "apart wm", "mixed")
                .node("MatMul", "mixed wy", "y")
                .output("y", ElementType.FLOAT32, "N", 5);
    }

    /** Scores are the pixels themselves: which of them is the brightest? */
    private static ModelBuilder pixels() {
        return new ModelBuilder()
                .input("x", "N", 3, SIDE, SIDE)
                .node("Relu", "x", "r")
                .node("Flatten", "r", "y")
                .output("y");
    }

    private static Preprocessing unit() {
        return Preprocessing.named("unit");
    }

    private static Samples vectors(int count) {
        return Splits.vectors(count, 8);
    }

    /** Noise with one colour brighter than the others. */
    private static Samples pictures(int count) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SplittableRandom random = new SplittableRandom(i);
            byte[] rgb = new byte[SIDE * SIDE * 3];
            for (int j = 0; j < rgb.length; j++) {
                rgb[j] = (byte) (random.nextInt(100) + (j % 3 == i % 3 ? 120 : 20));
            }
            Picture picture = new Picture(SIDE, SIDE, rgb);
            samples.add(Pictures.sample("p" + i, picture, unit()));
        }
        return Samples.of(samples);
    }
}
