package dev.cleave.partition.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.codec.Entropy;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class CalibratorTest extends SplitFixture {
    private static final int SAMPLES = 60;
    /** No divisor of a row, and none of its neighbours. */
    private static final int STRIP = 31;

    private static final MemoryBudget AMPLE = MemoryBudget.ofBytes(1 << 30);

    @Test
    void takesTheFewestLevelsThatKeepTheAnswers() throws Exception {
        Bundle bundle = splits.bundle(channels(), "h");
        Samples samples = pictures();
        double wanted = 0.95;
        Calibrated chosen = calibrate(bundle, samples, wanted, AMPLE).get(0);
        assertThat(chosen.chosenBy().agreement()).isGreaterThanOrEqualTo(wanted);
        assertThat(chosen.measurement().inputs()).isEqualTo(SAMPLES / 4);
        int levels = ((Quant) chosen.params().get(0)).levels();
        assertThat(levels).isBetween(3, 255);
        // What the next smaller number of levels would have given.
        Calibrated coarser = calibrate(bundle, samples, 0, AMPLE).get(0);
        assertThat(((Quant) coarser.params().get(0)).levels()).isEqualTo(Quant.MIN_LEVELS);
        assertThat(coarser.chosenBy().agreement()).isLessThan(wanted);
        assertThat(coarser.measurement().wireBytesMean())
                .isLessThan(chosen.measurement().wireBytesMean());
    }

    @Test
    void theCurveHoldsEveryLevelThatWasTried() throws Exception {
        Calibrated chosen = calibrate(splits.bundle(channels(), "h"), pictures(), 0.95, AMPLE)
                .get(0);
        List<CodecCurve.Level> levels = chosen.curve().levels();
        // A bisection of 15 levels for each kind of range, what the line asked for, and raw.
        assertThat(levels).hasSizeBetween(9, 20).doesNotHaveDuplicates();
        assertThat(levels)
                .extracting(level -> level.label().replace("/context", ""))
                .contains("quant:24/channel", "quant:24/tensor", "raw");
        assertThat(levels)
                .containsAll(chosen.qualities().stream()
                        .map(Calibrated.Quality::chosenBy)
                        .toList());
        assertThat(chosen.chosenBy().label()).isEqualTo(CodecLabel.of(chosen.params()));
        assertThat(levels).extracting(CodecCurve.Level::wireBytes).isSorted();
        assertThat(chosen.curve().cheapest(0.95).wireBytes())
                .isLessThanOrEqualTo(chosen.chosenBy().wireBytes());
    }

    @Test
    void pointsThatAreKnownAreNotCalibratedAgain() throws Exception {
        Bundle bundle = splits.bundle(channels(), "h", "p");
        List<Calibrated> both = calibrate(bundle, pictures(), 0.95, AMPLE);
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), null);
        List<Calibrated> second = new Calibrator(bundle.contract(), roundTrip, 0.95, AMPLE)
                .calibrate(List.of(2), pictures(), Progress.NONE);
        assertThat(second).containsExactly(both.get(1));
        assertThat(second.get(0).at(1).measurement().point()).isEqualTo(1);
        assertThat(second.get(0).at(1).params()).isEqualTo(both.get(1).params());
    }

    @Test
    void givesEachChannelItsOwnRange() throws Exception {
        Quant quant = (Quant) calibrate(splits.bundle(channels(), "h"), pictures(), 0.95, AMPLE)
                .get(0)
                .params()
                .get(0);
        assertThat(quant.axis()).isEqualTo(1);
        // The second channel is a thousand times as wide as the first.
        assertThat(quant.high(1) - quant.low(1)).isGreaterThan(500 * (quant.high(0) - quant.low(0)));
    }

    /** A boundary {@code h} of two planes. */
    private static ModelBuilder planes() {
        return new ModelBuilder()
                .input("x", "N", 2, 24, 24)
                .node("Tanh", "x", "h")
                .node("Flatten", "h", "f")
                .weights("w", 2 * 24 * 24, 5)
                .node("MatMul", "f w", "y")
                .output("y");
    }

    /** Neighbours that are alike are what contexts live on; what they save is measured on inputs that they were not learned from. */
    @Test
    void codesSmoothPicturesByTheirContexts() throws Exception {
        Samples samples = Splits.samples(SAMPLES, CalibratorTest::hills);
        Bundle bundle = splits.bundle(planes(), "h");
        Calibrated chosen = calibrate(bundle, samples, 0.95, AMPLE).get(0);
        Quant quant = (Quant) chosen.params().get(0);
        assertThat(quant.context()).isNotNull();
        assertThat(CodecLabel.of(chosen.params())).endsWith("/context");
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), null);
        ActivationCodec context = roundTrip.codec(1, chosen.params(), Entropy.ZSTD);
        ActivationCodec zstd = roundTrip.codec(1, List.of(quant.withContext(null)), Entropy.ZSTD);
        Samples others = Splits.samples(2 * SAMPLES, CalibratorTest::hills);
        double contextBytes = 0;
        double zstdBytes = 0;
        for (int i = SAMPLES; i < 2 * SAMPLES; i++) {
            Map<String, Tensor> live = roundTrip.head(1, others.get(i).inputs());
            contextBytes += context.encode(live, Map.of()).remaining();
            zstdBytes += zstd.encode(live, Map.of()).remaining();
        }
        assertThat(contextBytes).isLessThan(0.85 * zstdBytes);
        assertThat(contextBytes / SAMPLES)
                .isCloseTo(chosen.measurement().wireBytesMean(), Percentage.withPercentage(10));
    }

    @Test
    void theFewestInputsThatAreKeptApartAreEnoughToLearnContextsFrom() throws Exception {
        Samples samples = Splits.samples(12, CalibratorTest::hills);
        Calibrated chosen =
                calibrate(splits.bundle(planes(), "h"), samples, 0.9, AMPLE).get(0);
        assertThat(((Quant) chosen.params().get(0)).context()).isNotNull();
    }

    /** One random strip again and again, which no neighbour tells and zstd finds. */
    @Test
    void keepsZstdWhereItIsShorterThanContexts() throws Exception {
        Samples samples = Splits.samples(SAMPLES, random -> {
            double[] strip = random.doubles(STRIP, -1, 1).toArray();
            float[] values = new float[2 * 24 * 24];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) strip[i % STRIP];
            }
            return Tensor.ofFloats(Shape.of(1, 2, 24, 24), values);
        });
        Bundle bundle = splits.bundle(planes(), "h");
        Calibrated chosen = calibrate(bundle, samples, 0.9, AMPLE).get(0);
        Quant quant = (Quant) chosen.params().get(0);
        assertThat(quant.context()).isNull();
        assertThat(chosen.curve().levels())
                .extracting(CodecCurve.Level::label)
                .noneMatch(label -> label.endsWith("/context"));
        // Less than a bit of each symbol.
        assertThat(chosen.measurement().wireBytesMean()).isLessThan(2 * 24 * 24 / 8);
    }

    /** Two waves across each channel, and a little noise. */
    private static Tensor hills(SplittableRandom random) {
        float[] values = new float[2 * 24 * 24];
        for (int channel = 0; channel < 2; channel++) {
            double phase = 6 * random.nextDouble();
            double slant = random.nextDouble() - 0.5;
            for (int i = 0; i < 24 * 24; i++) {
                double along = phase + (i % 24) * 0.3 + (i / 24) * slant;
                values[channel * 24 * 24 + i] = (float) (Math.sin(along) + 0.05 * random.nextGaussian());
            }
        }
        return Tensor.ofFloats(Shape.of(1, 2, 24, 24), values);
    }

    /** Magnitudes over six orders, the answer among the small ones: no uniform steps will do, halves will. */
    @Test
    void fallsBackToHalfPrecisionWhereNoNumberOfLevelsWillDo() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 1)
                .node("Exp", "x", "h")
                .floats("score", 0, 1)
                .floats("threshold", 0.1f, 0)
                .node("Mul", "h score", "scores")
                .node("Add", "scores threshold", "y")
                .output("y");
        Samples samples = Splits.samples(
                SAMPLES, random -> Tensor.ofFloats(Shape.of(1, 1), (float) (14 * random.nextDouble() - 7)));
        Calibrated calibrated =
                calibrate(splits.bundle(model, "h"), samples, 0.99, AMPLE).get(0);
        assertThat(calibrated.params()).hasOnlyElementsOfType(CodecParams.Fp16.class);
        assertThat(calibrated.measurement().agreement()).isGreaterThanOrEqualTo(0.99);
        assertThat(calibrated.curve().levels())
                .extracting(level -> level.label().replace("/context", ""))
                .contains("quant:256/tensor", "fp16");
    }

    /** Half the inputs lie a hair's breadth from the threshold, where a half has steps of 0.5. */
    @Test
    void fallsBackToRawWhereHalvesFailToo() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 1)
                .node("Abs", "x", "h")
                .floats("score", 0, 1)
                .floats("threshold", 1000, 0)
                .node("Mul", "h score", "scores")
                .node("Add", "scores threshold", "y")
                .output("y");
        Samples samples = Splits.samples(SAMPLES, random -> {
            double wide = 2000 * random.nextDouble();
            double near = 999.95 + 0.1 * random.nextDouble();
            return Tensor.ofFloats(Shape.of(1, 1), (float) (random.nextBoolean() ? wide : near));
        });
        Calibrated calibrated =
                calibrate(splits.bundle(model, "h"), samples, 0.99, AMPLE).get(0);
        assertThat(calibrated.params()).hasOnlyElementsOfType(CodecParams.Raw.class);
        assertThat(calibrated.measurement().agreement()).isEqualTo(1);
    }

    /** Of the inputs that choose one is the same half as the threshold: few where something may change, and one too many where nothing may. */
    @Test
    void losesNothingWhereNoAnswerMayChange() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 1)
                .node("Abs", "x", "h")
                .floats("score", 0, 1)
                .floats("threshold", 1000, 0)
                .node("Mul", "h score", "scores")
                .node("Add", "scores threshold", "y")
                .output("y");
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            float value = i == 0 ? 1000.2f : i % 2 == 0 ? 500 + i : 1500 + i;
            samples.add(new Sample("s" + i, Map.of("x", Tensor.ofFloats(Shape.of(1, 1), value))));
        }
        assertThat(Shares.of(SAMPLES).choose()).contains(0);
        Calibrated strict = calibrate(splits.bundle(model, "h"), Samples.of(samples), Budget.wanted(0), AMPLE)
                .get(0);
        assertThat(strict.params()).hasOnlyElementsOfType(CodecParams.Raw.class);
        assertThat(strict.met()).isTrue();
        assertThat(strict.curve().levels())
                .filteredOn(level -> level.label().equals("fp16"))
                .singleElement()
                .satisfies(half -> assertThat(half.agreement()).isEqualTo(29 / 30.0));
    }

    /** A device whose head gives other answers than the reference, however its boundary is coded. */
    @Test
    void saysThatABudgetIsNotMetWhereTheHeadDisagrees() throws Exception {
        Calibrated calibrated = calibrateWithAHeadThatIsWrong(4, 0.95);
        assertThat(calibrated.met()).isFalse();
        assertThat(calibrated.chosenBy().label()).isEqualTo("raw");
        assertThat(calibrated.chosenBy().agreement()).isBetween(0.6, 0.85);
        assertThat(calibrated.curve().levels()).hasSize(1);
    }

    /** With half of the bound used up by the head, coding still finds its levels. */
    @Test
    void codingGetsWhatTheHeadLeavesOfTheBudget() throws Exception {
        Calibrated calibrated = calibrateWithAHeadThatIsWrong(30, 0.95);
        assertThat(calibrated.met()).isTrue();
        assertThat(calibrated.params()).hasOnlyElementsOfType(Quant.class);
        assertThat(calibrated.chosenBy().agreement()).isBetween(0.9, 0.99);
    }

    /** @param every so many samples, the head's answer is not the reference's */
    private Calibrated calibrateWithAHeadThatIsWrong(int every, double wanted) throws Exception {
        Bundle bundle = splits.bundle(channels(), "h");
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), null);
        AtomicInteger count = new AtomicInteger();
        Expected expected = new Expected(
                inputs -> {
                    Map<String, Tensor> outputs = roundTrip.tail(0, inputs, inputs);
                    return count.getAndIncrement() % every == 0 ? negated(outputs) : outputs;
                },
                pictures());
        return new Calibrator(bundle.contract(), roundTrip, wanted, AMPLE)
                .calibrate(List.of(1), pictures(), expected, Progress.NONE)
                .get(0);
    }

    private static Map<String, Tensor> negated(Map<String, Tensor> outputs) {
        Tensor scores = outputs.get("y");
        float[] values = new float[scores.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = -scores.data().getFloat(i * Float.BYTES);
        }
        return Map.of("y", Tensor.ofFloats(scores.shape(), values));
    }

    @Test
    void integersCrossAsTheyAre() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 6, 8)
                .node("ArgMax", "x", "best")
                .with("axis", 2L)
                .with("keepdims", 0L)
                .node("Exp", "x", "floats")
                .weights("table", 8, 8)
                .node("Gather", "table best", "looked")
                .node("Add", "looked floats", "sum")
                .node("ReduceMean", "sum", "y")
                .with("axes", new long[] {1})
                .with("keepdims", 0L)
                .output("y");
        Samples samples = Splits.samples(SAMPLES, random -> normal(random, Shape.of(1, 6, 8)));
        Bundle bundle = splits.bundle(model, "best+floats");
        List<CodecParams> params = calibrate(bundle, samples, 0.9, AMPLE).get(0).params();
        assertThat(bundle.contract().points().get(1).specs()).hasSize(2);
        for (int i = 0; i < params.size(); i++) {
            boolean floating =
                    bundle.contract().points().get(1).specs().get(i).type().isFloating();
            assertThat(params.get(i)).isInstanceOf(floating ? Quant.class : CodecParams.Raw.class);
        }
    }

    /** A mask of zeros and -3.4e38: five or six levels over that range have none at zero. */
    @Test
    void aSmallTensorBesideALargeOneCrossesAsItIs() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2, 200)
                .scalar("lowest", -Float.MAX_VALUE)
                .longs("first", 0)
                .longs("second", 1)
                .longs("axis", 2)
                .node("Slice", "x first second axis", "tenth")
                .node("Mul", "tenth lowest", "mask")
                .node("Tanh", "x", "h")
                .node("Add", "h mask", "masked")
                .node("ReduceMax", "masked", "y")
                .with("axes", new long[] {1})
                .with("keepdims", 0L)
                .output("y");
        Samples samples = Splits.samples(SAMPLES, random -> {
            Tensor tensor = normal(random, Shape.of(1, 2, 200));
            tensor.data().putFloat(0, 0).putFloat(200 * Float.BYTES, random.nextInt(2));
            return tensor;
        });
        Bundle bundle = splits.bundle(model, "mask+h");
        Calibrated calibrated = calibrate(bundle, samples, 0.8, AMPLE).get(0);
        for (int i = 0; i < 2; i++) {
            boolean mask =
                    bundle.contract().points().get(1).specs().get(i).name().equals("mask");
            assertThat(calibrated.params().get(i)).isInstanceOf(mask ? CodecParams.Raw.class : Quant.class);
        }
        assertThat(calibrated.chosenBy().agreement()).isGreaterThanOrEqualTo(0.8);
    }

    @Test
    void theBudgetChangesHowOftenSamplesAreLoadedAndNothingElse() throws Exception {
        Bundle bundle = splits.bundle(channels(), "h", "p");
        CountingSamples ample = new CountingSamples(pictures());
        CountingSamples scarce = new CountingSamples(pictures());
        CountingSamples none = new CountingSamples(pictures());
        List<Calibrated> expected = calibrate(bundle, ample, 0.95, AMPLE);
        long someOfThem = SAMPLES * 4L * 36 * Float.BYTES / 3;
        List<Calibrated> withLittle = calibrate(bundle, scarce, 0.95, MemoryBudget.ofBytes(someOfThem));
        List<Calibrated> withNothing = calibrate(bundle, none, 0.95, MemoryBudget.ofBytes(0));
        assertThat(withLittle).isEqualTo(expected);
        assertThat(withNothing).isEqualTo(expected);
        assertThat(ample.loads).isEqualTo(SAMPLES);
        assertThat(scarce.loads).isBetween(SAMPLES + 1, none.loads - 1);
    }

    private List<Calibrated> calibrate(Bundle bundle, Samples samples, double wanted, MemoryBudget budget)
            throws Exception {
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), null);
        return new Calibrator(bundle.contract(), roundTrip, wanted, budget).calibrate(samples, Progress.NONE);
    }

    /** Four channels of very different widths, evened out again behind the cut. */
    private static ModelBuilder channels() {
        return new ModelBuilder()
                .input("x", "N", 4, 6, 6)
                .initializer(scales("spread", 1, 1000, 0.01f, 30))
                .initializer(scales("even", 1, 0.001f, 100, 1 / 30f))
                .node("Tanh", "x", "bounded")
                .node("Mul", "bounded spread", "h")
                .node("Mul", "h even", "restored")
                .node("GlobalAveragePool", "restored", "p")
                .node("Flatten", "p", "f")
                .weights("w", 4, 5)
                .node("MatMul", "f w", "y")
                .output("y");
    }

    private static TensorProto scales(String name, float... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(values.length)
                .addDims(1)
                .addDims(1);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return tensor.build();
    }

    private static Samples pictures() {
        return Splits.samples(SAMPLES, random -> normal(random, Shape.of(1, 4, 6, 6)));
    }

    private static Tensor normal(SplittableRandom random, Shape shape) {
        float[] values = new float[(int) shape.elements()];
        for (int i : IntStream.range(0, values.length).toArray()) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(shape, values);
    }

    /** Counts how often a sample is loaded. */
    private static final class CountingSamples implements Samples {
        private final Samples samples;
        private int loads;

        CountingSamples(Samples samples) {
            this.samples = samples;
        }

        @Override
        public int size() {
            return samples.size();
        }

        @Override
        public Sample get(int index) throws SampleException {
            loads++;
            return samples.get(index);
        }
    }
}
