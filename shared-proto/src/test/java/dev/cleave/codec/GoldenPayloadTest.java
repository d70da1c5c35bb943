package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.context.SampleModels;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Payloads that an earlier release wrote, one per codec and entropy coder: they decode for ever. The bytes that zstd
 * writes may change with its version, all others may not.
 */
class GoldenPayloadTest {
    private static final TensorSpec SPEC =
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, Shape.DYNAMIC));
    private static final Shape SHAPE = Shape.of(2, 3, 100);
    private static final CodecParams.Quant PER_CHANNEL =
            new CodecParams.Quant(6, 1, new float[] {0, -1, 2}, new float[] {5, 1, 2});
    private static final CodecParams.Quant PER_TENSOR = new CodecParams.Quant(256, -1, new float[1], new float[] {4});

    private static CodecParams params(String codec) {
        switch (codec) {
            case "raw":
                return new CodecParams.Raw();
            case "fp16":
                return new CodecParams.Fp16();
            case "quant6":
                return PER_CHANNEL;
            default:
                return PER_TENSOR;
        }
    }

    /** Multiples of a quarter: exact in float and fp16. */
    private static Tensor original() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        for (int i = 0; i < tensor.elements(); i++) {
            SampleTensors.set(tensor, i, Math.max(0, i * 7 % 23 - 6) * 0.25);
        }
        return tensor;
    }

    /** From the formula, independently of the codec. */
    private static double expected(String codec, int element, double value) {
        if (codec.equals("raw") || codec.equals("fp16")) {
            return value;
        }
        CodecParams.Quant quant = (CodecParams.Quant) params(codec);
        int range = quant.axis() < 0 ? 0 : element / 100 % 3;
        double low = quant.low(range);
        double step = (quant.high(range) - low) / (quant.levels() - 1);
        double level = step == 0 ? 0 : Math.floor((value - low) / step + 0.5);
        return (float) (low + Math.max(0, Math.min(quant.levels() - 1, level)) * step);
    }

    @ParameterizedTest
    @CsvSource({
        "raw,NONE",
        "raw,ZSTD",
        "fp16,NONE",
        "fp16,ZSTD",
        "quant6,NONE",
        "quant6,ZSTD",
        "quant256,NONE",
        "quant256,ZSTD"
    })
    void decodesForEver(String codec, Entropy entropy) throws Exception {
        ActivationCodec activation = new ActivationCodec(List.of(SPEC), List.of(params(codec)), entropy, null, null);
        byte[] golden = golden(codec + "-" + entropy.wireName());
        assertThat(activation.shapes(ByteBuffer.wrap(golden))).containsExactly(SHAPE);
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        activation.decode(ByteBuffer.wrap(golden), Map.of("x", decoded));
        for (int i = 0; i < decoded.elements(); i++) {
            double value = SampleTensors.get(original(), i);
            assertThat(SampleTensors.get(decoded, i)).as("element %d", i).isEqualTo(expected(codec, i, value));
        }
        ByteBuffer encoded = activation.encode(Map.of("x", original()), Map.of());
        if (entropy == Entropy.NONE) {
            assertThat(SampleTensors.bytes(encoded)).isEqualTo(golden);
        } else {
            assertThat(flags(golden, SPEC) & EncodedTensor.ZSTD).isNotZero();
        }
    }

    @Test
    void decodesBothLayoutsOfSymbolsForEver() throws Exception {
        assertThat(flags(golden("quant6-zstd"), SPEC)).isEqualTo(EncodedTensor.ZSTD | EncodedTensor.BYTE_SYMBOLS);
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.DYNAMIC));
        CodecParams params = new CodecParams.Quant(2, -1, new float[1], new float[] {1});
        ActivationCodec activation = new ActivationCodec(List.of(spec), List.of(params), Entropy.ZSTD, null, null);
        byte[] golden = golden("quant2-zstd-packed");
        assertThat(flags(golden, spec)).isEqualTo(EncodedTensor.ZSTD);
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, zerosAndOnes().shape());
        activation.decode(ByteBuffer.wrap(golden), Map.of("x", decoded));
        assertThat(decoded.data()).isEqualTo(zerosAndOnes().data());
    }

    /** Five times the same 800 bits without further structure: a whole number of bytes, so that zstd finds them. */
    private static Tensor zerosAndOnes() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(4000));
        for (int i = 0; i < 4000; i++) {
            long x = i % 800 + 1;
            SampleTensors.set(tensor, i, x * x * x % 1009 & 1);
        }
        return tensor;
    }

    /** Logits, probabilities and a row whose fourth and fifth score are equal. */
    @Test
    void decodesTheBestScoresForEver() throws Exception {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 300));
        ActivationCodec activation =
                new ActivationCodec(List.of(spec), List.of(new CodecParams.TopK(4)), Entropy.NONE, null, null);
        Tensor scores = Tensor.allocate(ElementType.FLOAT32, Shape.of(3, 300));
        for (int i = 0; i < 300; i++) {
            SampleTensors.set(scores, i, (i * 37 % 300) * 0.0625 - 8);
            SampleTensors.set(scores, 300 + i, i == 261 ? 0.5 : i == 3 ? 0.25 : i < 257 ? 0x1p-10 : 0);
            SampleTensors.set(scores, 600 + i, i < 3 ? i : i == 40 || i == 256 ? 1.5 : 0);
        }
        byte[] golden = golden("topk4-none");
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, scores.shape());
        activation.decode(ByteBuffer.wrap(golden), Map.of("x", decoded));
        assertThat(SampleTensors.bytes(activation.encode(Map.of("x", scores), Map.of())))
                .isEqualTo(golden);
        for (int i : new int[] {8, 81, 154, 227, 300, 301, 303, 561, 601, 602, 640, 856}) {
            assertThat(SampleTensors.get(decoded, i)).as("score %d", i).isEqualTo(SampleTensors.get(scores, i));
        }
        assertThat(SampleTensors.get(decoded, 599)).isEqualTo((float) (254 * 0x1p-10 / 296));
        assertThat(SampleTensors.get(decoded, 899)).isZero();
    }

    /** Five planes of ten by nine: a group of four lanes and one that is left over; an escape among the symbols. */
    @Test
    void decodesSymbolsCodedByContextsForEver() throws Exception {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 5, 10, Shape.DYNAMIC));
        CodecParams params =
                new CodecParams.Quant(24, -1, new float[1], new float[] {23}, SampleModels.smooth(1, 5, 24));
        ActivationCodec activation = new ActivationCodec(List.of(spec), List.of(params), Entropy.NONE, null, null);
        Tensor hill = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 5, 10, 9));
        for (int i = 0; i < hill.elements(); i++) {
            int x = i % 9;
            int y = i / 9 % 10;
            SampleTensors.set(hill, i, i == 100 ? 23 : (x * (8 - x) + y * (9 - y)) / 3 + i / 90);
        }
        byte[] golden = golden("quant24-context");
        assertThat(flags(golden, spec)).isEqualTo(EncodedTensor.CONTEXT);
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, hill.shape());
        activation.decode(ByteBuffer.wrap(golden), Map.of("x", decoded));
        assertThat(decoded.data()).isEqualTo(hill.data());
        assertThat(SampleTensors.bytes(activation.encode(Map.of("x", hill), Map.of())))
                .isEqualTo(golden);
    }

    /** The hill a column further, with and without a context model in the contract; five planes, and escapes among the residuals. */
    @Test
    void decodesSymbolsCodedAgainstOthersForEver() throws Exception {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 5, 10, Shape.DYNAMIC));
        CodecParams params = new CodecParams.Quant(200, 1, new float[5], new float[] {199, 199, 199, 199, 199});
        ActivationCodec activation = new ActivationCodec(List.of(spec), List.of(params), Entropy.NONE, null, null);
        BoundaryTuning tuning = activation.tuning(0);
        BoundaryReference reference = null;
        for (int time = 0; time < 4; time++) {
            Tensor hill = hill(time);
            StreamedBoundary frame = activation.encode(Map.of("x", hill), Map.of(), reference, tuning);
            if (time > 0) {
                byte[] golden = golden("quant200-temporal-" + time);
                assertThat(flags(golden, spec)).isEqualTo(EncodedTensor.TEMPORAL);
                Tensor decoded = Tensor.allocate(ElementType.FLOAT32, hill.shape());
                StreamedBoundary settled = activation.settle(ByteBuffer.wrap(golden), reference);
                activation.decode(settled.payload(), Map.of("x", decoded));
                assertThat(decoded.data()).isEqualTo(hill.data());
            }
            reference = frame.reference();
        }
    }

    private static Tensor hill(int time) {
        Tensor hill = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 5, 10, 9));
        for (int i = 0; i < hill.elements(); i++) {
            int x = (i + time) % 9;
            int y = i / 9 % 10;
            SampleTensors.set(hill, i, i == 100 + time ? 199 : x * (8 - x) + y * (9 - y) + i / 90);
        }
        return hill;
    }

    @Test
    void decodesPicturesForEver() throws Exception {
        TensorSpec spec = new TensorSpec("x", ElementType.UINT8, Shape.of(Shape.BATCH, 2, 3, 3));
        ActivationCodec activation = new ActivationCodec(
                List.of(spec),
                List.of(new CodecParams.Image()),
                Entropy.NONE,
                Preprocessing.parse("{\"layout\":\"NHWC\",\"input\":\"x\"}"),
                null);
        byte[] rgb = new byte[2 * 3 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 14);
        }
        byte[] golden = golden("image-rgb8");
        Tensor decoded = Tensor.allocate(ElementType.UINT8, Shape.of(1, 2, 3, 3));
        activation.decode(ByteBuffer.wrap(golden), Map.of("x", decoded));
        assertThat(SampleTensors.bytes(decoded)).isEqualTo(rgb);
        List<EncodedPicture> rows = List.of(new EncodedPicture(PictureFormat.RGB8, 3, 2, ByteBuffer.wrap(rgb)));
        assertThat(SampleTensors.bytes(activation.encode(Map.of(), Map.of("x", rows))))
                .isEqualTo(golden);
    }

    private static int flags(byte[] golden, TensorSpec spec) throws CodecException {
        ByteBuffer in = ByteBuffer.wrap(golden);
        int flags = EncodedTensor.next(in, spec).flags();
        assertThat(in.hasRemaining()).isFalse();
        return flags;
    }

    static byte[] golden(String name) throws IOException {
        try (InputStream in = GoldenPayloadTest.class.getResourceAsStream("golden/" + name + ".bin")) {
            assertThat(in).as("golden/%s.bin", name).isNotNull();
            return in.readAllBytes();
        }
    }
}
