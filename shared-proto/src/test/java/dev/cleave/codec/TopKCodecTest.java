package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopKCodecTest extends TensorCodecContractTest {
    private static final int CLASSES = 1000;
    private static final int K = 5;
    private static final Shape SHAPE = Shape.of(2, 3, CLASSES);

    @Override
    TensorCodec codec() {
        return codec(ElementType.FLOAT32, K);
    }

    private static TopKCodec codec(ElementType type, int k) {
        return codec(type, k, CLASSES);
    }

    private static TopKCodec codec(ElementType type, int k, int classes) {
        return new TopKCodec(
                new TensorSpec("x", type, Shape.of(Shape.BATCH, Shape.DYNAMIC, classes)), new CodecParams.TopK(k));
    }

    @Override
    Tensor sample() {
        return logits(ElementType.FLOAT32, SHAPE, 12, 1);
    }

    private static Tensor logits(ElementType type, Shape shape, double spread, long seed) {
        Random random = new Random(seed);
        Tensor tensor = Tensor.allocate(type, shape);
        for (int i = 0; i < tensor.elements(); i++) {
            SampleTensors.set(tensor, i, random.nextGaussian() * spread);
        }
        return tensor;
    }

    @Override
    void assertSame(Tensor decoded, Tensor original) {
        for (int row = 0; row < original.elements() / CLASSES; row++) {
            List<Integer> best = ranked(original, row, CLASSES).subList(0, K);
            for (int i = 0; i < CLASSES; i++) {
                double value = SampleTensors.get(decoded, row * CLASSES + i);
                if (best.contains(i)) {
                    assertThat(value).isEqualTo(SampleTensors.get(original, row * CLASSES + i));
                } else {
                    assertThat(value).isLessThan(SampleTensors.get(original, row * CLASSES + best.get(K - 1)));
                }
            }
        }
    }

    @Override
    int expectedId() {
        return 4;
    }

    /** Classes of a row by falling score, equal ones by rising index. */
    private static List<Integer> ranked(Tensor tensor, int row, int classes) {
        return IntStream.range(0, classes)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -SampleTensors.get(tensor, row * classes + i)))
                .toList();
    }

    private static Tensor throughCodec(TopKCodec codec, Tensor original) throws CodecException {
        TensorCodec.Body body = codec.encode(original, Entropy.NONE);
        Tensor decoded = Tensor.allocate(original.type(), original.shape());
        codec.check(original.shape(), body.flags(), body.bytes().duplicate());
        codec.decode(body.flags(), body.bytes(), decoded);
        return decoded;
    }

    private static double[] softmax(Tensor tensor, int row) {
        double[] exponentials = IntStream.range(0, CLASSES)
                .mapToDouble(i -> Math.exp(SampleTensors.get(tensor, row * CLASSES + i)))
                .toArray();
        double sum =
                IntStream.range(0, CLASSES).mapToDouble(i -> exponentials[i]).sum();
        return IntStream.range(0, CLASSES)
                .mapToDouble(i -> exponentials[i] / sum)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 1, 4, 12})
    void aSoftmaxOfLogitsGivesTheBestClassesTheirProbabilities(double spread) throws CodecException {
        Tensor original = logits(ElementType.FLOAT32, SHAPE, spread, 2);
        Tensor decoded = throughCodec(codec(ElementType.FLOAT32, K), original);
        for (int row = 0; row < 6; row++) {
            double[] wanted = softmax(original, row);
            double[] actual = softmax(decoded, row);
            for (int i : ranked(original, row, CLASSES).subList(0, K)) {
                assertThat(actual[i]).isCloseTo(wanted[i], within(2e-6 * wanted[i]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void probabilitiesStillSumToOne(int k) throws CodecException {
        Tensor logits = logits(ElementType.FLOAT32, SHAPE, 4, 3);
        Tensor original = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        for (int row = 0; row < 6; row++) {
            double[] softmax = softmax(logits, row);
            for (int i = 0; i < CLASSES; i++) {
                SampleTensors.set(original, row * CLASSES + i, softmax[i]);
            }
        }
        Tensor decoded = throughCodec(codec(ElementType.FLOAT32, k), original);
        for (int row = 0; row < 6; row++) {
            int from = row * CLASSES;
            assertThat(IntStream.range(0, CLASSES)
                            .mapToDouble(i -> SampleTensors.get(decoded, from + i))
                            .sum())
                    .isCloseTo(1, within(1e-5));
        }
    }

    /** Scores with many ties, where rounding of the rest would hurt most. */
    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT32", "FLOAT16", "BFLOAT16"})
    void keepsTheRanksOfTheBestWhateverIsEqual(ElementType type) throws CodecException {
        Random random = new Random(4);
        for (int trial = 0; trial < 2000; trial++) {
            int classes = 64 + random.nextInt(300);
            int k = 1 + random.nextInt(8);
            int values = 1 + random.nextInt(6);
            double unit = Math.pow(2, random.nextInt(32) - 20);
            Tensor original = Tensor.allocate(type, Shape.of(1, 1, classes));
            for (int i = 0; i < classes; i++) {
                double nudge = random.nextInt(classes) == 0 ? 1 - 0x1p-10 : 1;
                SampleTensors.set(original, i, (random.nextInt(values) - 2) * unit * nudge);
            }
            Tensor decoded = throughCodec(codec(type, k, classes), original);
            assertThat(ranked(decoded, 0, classes).subList(0, k))
                    .as("trial %d", trial)
                    .isEqualTo(ranked(original, 0, classes).subList(0, k));
        }
    }

    @Test
    void takesAFewBytesPerRow() {
        assertThat(encode(Entropy.NONE).bytes().remaining()).isEqualTo(6 * (5 * (2 + 4) + 4));
        Tensor few = logits(ElementType.FLOAT32, Shape.of(1, 1, 256), 1, 5);
        assertThat(codec(ElementType.FLOAT32, 2, 256)
                        .encode(few, Entropy.NONE)
                        .bytes()
                        .remaining())
                .isEqualTo(2 * (1 + 4) + 4);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void doesNotCarryWhatIsNotFinite(float value) {
        Tensor tensor = sample();
        SampleTensors.set(tensor, tensor.elements() - 1, value);
        assertThat(codec().encode(tensor, Entropy.NONE)).isNull();
    }

    @Test
    void doesNotCarryARestThatHasNoRoomBelowTheScores() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT16, Shape.of(1, 1, 64));
        for (int i = 0; i < 64; i++) {
            SampleTensors.set(tensor, i, -65504);
        }
        assertThat(codec(ElementType.FLOAT16, 1, 64).encode(tensor, Entropy.NONE))
                .isNotNull();
        SampleTensors.set(tensor, 0, 0);
        assertThat(codec(ElementType.FLOAT16, 1, 64).encode(tensor, Entropy.NONE))
                .isNotNull();
    }

    @Test
    void leavesRawWhatWouldTakeAsManyBytes() {
        assertThat(codec(ElementType.FLOAT32, 8, 10)
                        .encode(logits(ElementType.FLOAT32, Shape.of(1, 1, 10), 1, 6), Entropy.NONE))
                .isNull();
        assertThat(codec().encode(Tensor.allocate(ElementType.FLOAT32, Shape.of(0, 1, CLASSES)), Entropy.NONE))
                .isNull();
    }

    /** A row is 10 bytes for 26,500: more than a reader believes of a large tensor. */
    @Test
    void leavesRawWhatReadersRefuseAsTooLarge() {
        TopKCodec codec = codec(ElementType.FLOAT32, 1, 6625);
        assertThat(codec.encode(Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 600, 6625)), Entropy.NONE))
                .isNotNull();
        assertThat(codec.encode(Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 700, 6625)), Entropy.NONE))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 7, 3, 2, 1, 1, class 7 twice",
        "7, 300, 3, 2, 1, 1, class 300; expected 0 to 299",
        "7, 1, 2, 3, 1, 1, score 3.0 at rank 1",
        "7, 1, 2, 2, 1, 1, score 2.0 at rank 1",
        "1, 7, NaN, 2, 1, 1, score NaN at rank 0",
        "1, 7, Infinity, 2, 1, 1, score Infinity at rank 0",
        "1, 7, 3, 2, 2.5, 1, rest as 2.5; expected at most 2.0",
        "1, 7, 3, 2, NaN, 1, rest as NaN",
        "1, 7, 3, 2, -Infinity, 1, rest as -Infinity",
        "1, 7, 3, 2, 1, 2, flags 2"
    })
    void rejectsARowThatNobodyWrites(
            int first, int second, float best, float next, float rest, int flags, String expected) {
        ByteBuffer body = ByteBuffer.allocate(2 * 2 + 2 * 4 + 4).order(ByteOrder.LITTLE_ENDIAN);
        body.putShort((short) (first == 1 && expected.contains("twice") ? second : first));
        body.putShort((short) second);
        body.putFloat(best).putFloat(next).putFloat(rest).rewind();
        TopKCodec codec = codec(ElementType.FLOAT32, 2, 300);
        Shape shape = Shape.of(1, 1, 300);
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> {
                    codec.check(shape, flags & ~1, body.duplicate());
                    codec.decode(0, body.duplicate(), Tensor.allocate(ElementType.FLOAT32, shape));
                })
                .withMessageContaining(expected);
    }

    @Test
    void rejectsScoresThatTheTypeCannotHold() {
        ByteBuffer body = ByteBuffer.allocate(1 + 4 + 4).order(ByteOrder.LITTLE_ENDIAN);
        body.put((byte) 3).putFloat(70000).putFloat(1).rewind();
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec(ElementType.FLOAT16, 1, 64)
                        .decode(0, body, Tensor.allocate(ElementType.FLOAT16, Shape.of(1, 1, 64))));
    }

    @Test
    void refusesOutputsThatHaveNoClasses() {
        CodecParams.TopK params = new CodecParams.TopK(5);
        assertThat(params.misfit(new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 5))))
                .isEqualTo("a k below the 5 classes of the last axis");
        assertThat(params.misfit(new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, Shape.DYNAMIC))))
                .contains("a fixed size");
        assertThat(params.misfit(new TensorSpec("x", ElementType.FLOAT32, Shape.of())))
                .contains("a fixed size");
        assertThat(params.misfit(new TensorSpec("x", ElementType.INT64, Shape.of(9))))
                .contains("float32, float16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(ElementType.FLOAT64, 5))
                .withMessageContaining("tensor \"x\"[N,?,1000] with TopK[k=5]; expected topK only for");
    }
}
