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
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantCodecTest extends TensorCodecContractTest {
    /** More than two blocks; ends inside a byte at most widths. */
    private static final Shape SHAPE = Shape.of(1, 3, 41, 73);

    private static final float AMPLITUDE = 6;

    @Override
    TensorCodec codec() {
        return perTensor(ElementType.FLOAT32, 6);
    }

    private static QuantCodec perTensor(ElementType type, int levels) {
        return codec(new TensorSpec("x", type, SHAPE), levels, CodecParams.Quant.PER_TENSOR, 0, AMPLITUDE);
    }

    /** The same range {@code low..high} for every index. */
    private static QuantCodec codec(TensorSpec spec, int levels, int axis, float low, float high) {
        int ranges = axis < 0 ? 1 : (int) spec.shape().dim(axis);
        float[] lows = new float[ranges];
        float[] highs = new float[ranges];
        Arrays.fill(lows, low);
        Arrays.fill(highs, high);
        return new QuantCodec(spec, new CodecParams.Quant(levels, axis, lows, highs), null);
    }

    @Override
    Tensor sample() {
        return SampleTensors.relu(ElementType.FLOAT32, SHAPE, AMPLITUDE, 6);
    }

    @Override
    void assertSame(Tensor decoded, Tensor original) {
        assertWithinHalfAStep(decoded, original, 6);
    }

    private static void assertWithinHalfAStep(Tensor decoded, Tensor original, int levels) {
        double half = AMPLITUDE / (levels - 1) / 2
                + AMPLITUDE * 0.004 * (decoded.type().bytes() == 2 ? 1 : 1e-3);
        for (int i = 0; i < original.elements(); i++) {
            assertThat(SampleTensors.get(decoded, i)).isCloseTo(SampleTensors.get(original, i), within(half));
        }
    }

    @Override
    int expectedId() {
        return 2;
    }

    private static Tensor roundTrip(QuantCodec codec, Tensor original, Entropy entropy) throws CodecException {
        TensorCodec.Body body = codec.encode(original, entropy);
        Tensor decoded = Tensor.allocate(original.type(), original.shape());
        codec.check(original.shape(), body.flags(), body.bytes().duplicate());
        codec.decode(body.flags(), body.bytes(), decoded);
        return decoded;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 8, 15, 16, 17, 32, 64, 100, 128, 129, 255, 256})
    void keepsEveryElementWithinHalfAStepAtEveryNumberOfLevels(int levels) throws CodecException {
        for (Entropy entropy : Entropy.values()) {
            assertWithinHalfAStep(
                    roundTrip(perTensor(ElementType.FLOAT32, levels), sample(), entropy), sample(), levels);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 16, 17, 200})
    void packsToTheWidthOfTheLargestSymbol(int levels) {
        int width = Integer.toBinaryString(levels - 1).length();
        int bytes = perTensor(ElementType.FLOAT32, levels)
                .encode(sample(), Entropy.NONE)
                .bytes()
                .remaining();
        assertThat(bytes).isEqualTo((sample().elements() * width + 7) / 8);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT64"})
    void carriesEveryFloatingType(ElementType type) throws CodecException {
        Tensor original = SampleTensors.relu(type, SHAPE, AMPLITUDE, 7);
        assertWithinHalfAStep(roundTrip(perTensor(type, 16), original, Entropy.ZSTD), original, 16);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void takesARangePerIndexOfAnyAxis(int axis) throws CodecException {
        Shape shape = Shape.of(5, 7, 3, 11);
        int ranges = (int) shape.dim(axis);
        float[] low = new float[ranges];
        float[] high = new float[ranges];
        for (int i = 0; i < ranges; i++) {
            low[i] = -i;
            high[i] = 10 * i;
        }
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, shape);
        QuantCodec codec = new QuantCodec(spec, new CodecParams.Quant(8, axis, low, high), null);
        Random random = new Random(8);
        Tensor original = Tensor.allocate(ElementType.FLOAT32, shape);
        double[] expected = new double[original.elements()];
        int inner = 1;
        for (int i = axis + 1; i < 4; i++) {
            inner *= (int) shape.dim(i);
        }
        for (int i = 0; i < expected.length; i++) {
            int index = i / inner % ranges;
            int level = random.nextInt(8);
            double step = (high[index] - low[index]) / 7.0;
            expected[i] = (float) (low[index] + level * step);
            SampleTensors.set(original, i, expected[i] + step * (random.nextDouble() * 0.98 - 0.49));
        }
        Tensor decoded = roundTrip(codec, original, Entropy.NONE);
        for (int i = 0; i < expected.length; i++) {
            assertThat(SampleTensors.get(decoded, i)).as("element %d", i).isEqualTo(expected[i]);
        }
    }

    @Test
    void clampsWhatLiesOutsideTheRange() throws CodecException {
        Shape shape = Shape.of(4);
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, shape);
        Tensor original = Tensor.ofFloats(shape, -1e30f, -1.2f, 3.4f, Float.MAX_VALUE);
        Tensor decoded = roundTrip(codec(spec, 5, -1, -1, 3), original, Entropy.NONE);
        assertThat(decoded.data())
                .isEqualTo(Tensor.ofFloats(shape, -1, -1, 3, 3).data());
    }

    @Test
    void decodesAConstantRangeToItsValue() throws CodecException {
        Shape shape = Shape.of(3);
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, shape);
        Tensor original = Tensor.ofFloats(shape, 2.5f, -7, 9);
        Tensor decoded = roundTrip(codec(spec, 16, -1, 2.5f, 2.5f), original, Entropy.NONE);
        assertThat(decoded.data())
                .isEqualTo(Tensor.ofFloats(shape, 2.5f, 2.5f, 2.5f).data());
    }

    @Test
    void survivesTheWidestRangeThereIs() throws CodecException {
        Shape shape = Shape.of(4);
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, shape);
        Tensor original = Tensor.ofFloats(shape, -Float.MAX_VALUE, 0, Float.MIN_VALUE, Float.MAX_VALUE);
        Tensor decoded = roundTrip(codec(spec, 255, -1, -Float.MAX_VALUE, Float.MAX_VALUE), original, Entropy.NONE);
        assertThat(decoded.data().getFloat(0)).isEqualTo(-Float.MAX_VALUE);
        assertThat(decoded.data().getFloat(4)).isZero();
        assertThat(decoded.data().getFloat(12)).isEqualTo(Float.MAX_VALUE);
    }

    @Test
    void encodingADecodedTensorChangesNothing() throws CodecException {
        QuantCodec codec = codec(new TensorSpec("x", ElementType.FLOAT32, SHAPE), 200, -1, -1.7f, 3.9f);
        Tensor once = roundTrip(codec, SampleTensors.relu(ElementType.FLOAT32, SHAPE, 5, 9), Entropy.NONE);
        assertThat(roundTrip(codec, once, Entropy.NONE).data()).isEqualTo(once.data());
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300})
    void doesNotCarryWhatIsNoFiniteFloat(double value) {
        Tensor tensor = SampleTensors.relu(ElementType.FLOAT64, SHAPE, AMPLITUDE, 10);
        SampleTensors.set(tensor, 5000, value);
        assertThat(perTensor(ElementType.FLOAT64, 16).encode(tensor, Entropy.NONE))
                .isNull();
    }

    @Test
    void choosesTheSmallerLayoutOfSymbols() {
        Tensor sparse = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        Random random = new Random(11);
        float[] words = {0, 1, 2, 3, 4, 5, 6};
        for (int i = 0; i + 5 <= sparse.elements(); i += 5) {
            int word = random.nextInt(9);
            for (int k = 0; k < 5; k++) {
                SampleTensors.set(sparse, i + k, words[(word * (k + 3) + k) % 7]);
            }
        }
        TensorCodec.Body bytes = perTensor(ElementType.FLOAT32, 7).encode(sparse, Entropy.ZSTD);
        assertThat(bytes.flags()).isEqualTo(EncodedTensor.ZSTD | EncodedTensor.BYTE_SYMBOLS);
        TensorCodec.Body packed = perTensor(ElementType.FLOAT32, 2).encode(sample(), Entropy.ZSTD);
        assertThat(packed.flags() & EncodedTensor.BYTE_SYMBOLS).isZero();
    }

    @Test
    void rejectsSymbolsBeyondTheLevels() {
        byte[] body = new byte[(elements() * 3 + 7) / 8];
        body[1008] = 0b111;
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decode(body))
                .withMessageContaining("symbol 7")
                .withMessageContaining("0 to 5");
    }

    @Test
    void rejectsBitsAfterTheLastSymbol() {
        byte[] body = new byte[(elements() * 3 + 7) / 8];
        body[body.length - 1] = (byte) 0x80;
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decode(body))
                .withMessageContaining("after its last symbol");
    }

    private void decode(byte[] body) throws CodecException {
        codec().decode(0, ByteBuffer.wrap(body), Tensor.allocate(ElementType.FLOAT32, SHAPE));
    }

    private static int elements() {
        return (int) SHAPE.elements();
    }

    @Test
    void refusesRangesThatDoNotFitTheShape() {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3));
        CodecParams.Quant four = new CodecParams.Quant(4, 1, new float[4], new float[4]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantCodec(spec, four, null))
                .withMessageContaining("\"x\"")
                .withMessageContaining("size 4");
        CodecParams.Quant openAxis = new CodecParams.Quant(4, 0, new float[1], new float[1]);
        assertThatIllegalArgumentException().isThrownBy(() -> new QuantCodec(spec, openAxis, null));
    }
}
