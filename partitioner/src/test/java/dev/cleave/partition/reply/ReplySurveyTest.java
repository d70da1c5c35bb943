package dev.cleave.partition.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.codec.CodecParams;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplySurveyTest extends SplitFixture {
    private static final Samples SAMPLES = Splits.vectors(8, 8);

    /** {@code y} of eight floats, {@code i} the place of the largest of them. */
    private static ModelBuilder network() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("w1", 8, 8)
                .weights("w2", 8, 8)
                .node("MatMul", "x w1", "m")
                .node("Tanh", "m", "h")
                .node("MatMul", "h w2", "y")
                .node("ArgMax", "y", "i")
                .output("y", ElementType.FLOAT32, "N", 8)
                .output("i", ElementType.INT64, 1, 8);
    }

    private List<CodecParams> replies(Samples samples, String... asked) throws Exception {
        SplitRequest request = splits.request(network(), "h")
                .withReplies(Arrays.stream(asked).map(ReplyChoice::parse).toList());
        return splits.split(request, samples).contract().replies();
    }

    @Test
    void floatsComeBackAsHalvesWhereTheSamplesSurviveThatAndIntegersRaw() throws Exception {
        assertThat(replies(SAMPLES)).containsExactly(new CodecParams.Fp16(), new CodecParams.Raw());
    }

    /** Scores that differ by a tenth, around a number near which halves have steps of a half. */
    private static ModelBuilder scoresAround(float middle) {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("w", 8, 5)
                .scalar("tenth", 0.1f)
                .scalar("middle", middle)
                .node("Tanh", "x", "h")
                .node("MatMul", "h w", "m")
                .node("Mul", "m tenth", "s")
                .node("Add", "s middle", "y")
                .output("y");
    }

    private CodecParams reply(ModelBuilder model, String... asked) throws Exception {
        SplitRequest request = splits.request(model, "h")
                .withWantedAgreement(0)
                .withReplies(Arrays.stream(asked).map(ReplyChoice::parse).toList());
        return splits.split(request, Splits.vectors(24, 8)).contract().replies().get(0);
    }

    @Test
    void halvesThatChangeAnswersAreTakenOnlyWhereAskedFor() throws Exception {
        assertThat(reply(scoresAround(0))).isEqualTo(new CodecParams.Fp16());
        assertThat(reply(scoresAround(1000))).isEqualTo(new CodecParams.Raw());
        assertThat(reply(scoresAround(1000), "y=fp16")).isEqualTo(new CodecParams.Fp16());
    }

    @Test
    void oneAnswerInFiftyMayChangeAndOfFewerNone() {
        assertThat(halvesHold(49, 1)).isFalse();
        assertThat(halvesHold(50, 1)).isTrue();
        assertThat(halvesHold(99, 2)).isFalse();
        assertThat(halvesHold(100, 2)).isTrue();
    }

    /** @param changed the first of the inputs */
    private static boolean halvesHold(int inputs, int changed) {
        OutputValues seen = new OutputValues();
        for (int i = 0; i < inputs; i++) {
            seen.answered(i >= changed);
        }
        return seen.halvesHold();
    }

    @Test
    void aTensorInHalvesHasItsOwnTypeAndShape() {
        Tensor floats = OutputValues.halved(Tensor.ofFloats(Shape.of(1, 2), 1000.2f, 1000.3f));
        assertThat(floats.type()).isEqualTo(ElementType.FLOAT32);
        assertThat(floats.shape()).isEqualTo(Shape.of(1, 2));
        assertThat(floats.data().getFloat(0)).isEqualTo(1000);
        assertThat(floats.data().getFloat(Float.BYTES)).isEqualTo(1000.5f);
        Tensor doubles = Tensor.allocate(ElementType.FLOAT64, Shape.of(2));
        doubles.data().putDouble(0, 1000.3).putDouble(Double.BYTES, -0.1);
        assertThat(OutputValues.halved(doubles).type()).isEqualTo(ElementType.FLOAT64);
        assertThat(OutputValues.halved(doubles).data().getDouble(0)).isEqualTo(1000.5);
        assertThat(OutputValues.halved(doubles).data().getDouble(Double.BYTES)).isCloseTo(-0.1, within(1e-4));
    }

    @Test
    void allComesBackRawWithoutSamples() throws Exception {
        assertThat(replies(null)).containsOnly(new CodecParams.Raw());
    }

    @Test
    void whatIsAskedForIsTaken() throws Exception {
        assertThat(replies(SAMPLES, "y=raw").get(0)).isEqualTo(new CodecParams.Raw());
        assertThat(replies(null, "y=fp16").get(0)).isEqualTo(new CodecParams.Fp16());
        assertThat(replies(null, "i=raw", "y=topk:3").get(0)).isEqualTo(new CodecParams.TopK(3));
    }

    @Test
    void theRangeOfAQuantisedOutputIsThatOfTheSamples() throws Exception {
        CodecParams.Quant quant =
                (CodecParams.Quant) replies(SAMPLES, "y=quant:64").get(0);
        assertThat(quant.levels()).isEqualTo(64);
        assertThat(quant.axis()).isEqualTo(CodecParams.Quant.PER_TENSOR);
        assertThat(quant.low(0)).isNegative();
        assertThat(quant.high(0)).isPositive();
        CodecParams.Quant fewer =
                (CodecParams.Quant) replies(Splits.vectors(2, 8), "y=quant:64").get(0);
        assertThat(fewer.high(0) - fewer.low(0)).isLessThan(quant.high(0) - quant.low(0));
    }

    /** Of 12 inputs the fourth reports and the third does not. */
    @Test
    void inputsThatReportAreNotLookedAt() throws Exception {
        assertThat(high(3)).isLessThan(100);
        assertThat(high(2)).isGreaterThan(1000);
    }

    /** The highest output that is expected where one input is a thousand times as large as the others. */
    private float high(int loud) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            float value = i == loud ? 5000 : i % 5;
            samples.add(new Sample("s" + i, Map.of("x", Tensor.ofFloats(Shape.of(1, 2), new float[] {value, 1}))));
        }
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2)
                .node("Relu", "x", "h")
                .node("Relu", "h", "y")
                .output("y");
        SplitRequest request =
                splits.request(model, "h").withWantedAgreement(0).withReplies(List.of(ReplyChoice.parse("y=quant:64")));
        CodecParams reply =
                splits.split(request, Samples.of(samples)).contract().replies().get(0);
        return ((CodecParams.Quant) reply).high(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "z=raw     | the model has no such output; expected one of [y, i]",
                "i=fp16    | for int64[1,8]; expected raw",
                "i=quant   | for int64[1,8]; expected raw",
                "i=topk:2  | expected topK only for float32, float16 and bfloat16",
                "y=topk:8  | expected a k below the 8 classes of the last axis",
                "y=quant   | expected sample inputs, which tell the range"
            })
    void refusesWhatDoesNotFitTheModelByName(String asked, String expected) {
        assertThatThrownBy(() -> replies(null, asked))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("reply \"" + asked.replace("=quant", "=quant:256") + "\"")
                .hasMessageContaining(expected);
    }

    @Test
    void refusesTwoChoicesForOneOutput() {
        assertThatThrownBy(() -> replies(null, "y=raw", "y=fp16"))
                .isInstanceOf(ModelException.class)
                .hasMessage("reply \"y=fp16\": the output has two; expected one");
    }

    private static boolean halvesHold(float... values) {
        OutputValues seen = new OutputValues();
        seen.observe(Tensor.ofFloats(Shape.of(1, values.length), values));
        return seen.halvesHold();
    }

    @Test
    void halvesHoldOnlyWhatTheyKeep() {
        assertThat(halvesHold(3.14159f, -0.001234f, 0)).isTrue();
        assertThat(halvesHold(1, 1e-9f)).as("small beside the largest").isTrue();
        assertThat(halvesHold(1e-7f, 1.3e-7f)).as("all below the halves' range").isFalse();
        assertThat(halvesHold(70000.5f)).as("above it").isFalse();
        assertThat(halvesHold(Float.NaN, 1)).isFalse();
        assertThat(halvesHold(Float.NEGATIVE_INFINITY, 1)).isFalse();
        assertThat(halvesHold(2048, 0.5f)).isTrue();
        assertThat(halvesHold(2049, 0.5f))
                .as("an index that would become another")
                .isFalse();
        assertThat(halvesHold(2049.3f, 0.5f)).isTrue();
    }

    @Test
    void theRangeLeavesOutWhatIsNotFinite() {
        OutputValues seen = new OutputValues();
        seen.observe(Tensor.ofFloats(Shape.of(1), Float.NaN));
        assertThat(seen.hasRange()).isFalse();
        seen.observe(Tensor.ofFloats(Shape.of(2), Float.POSITIVE_INFINITY, 2));
        seen.observe(Tensor.ofFloats(Shape.of(1), -1));
        assertThat(seen.low()).isCloseTo(-1, within(0f));
        assertThat(seen.high()).isCloseTo(2, within(0f));
    }
}
