package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationCodecTest {
    private static final TensorSpec FEATURES =
            new TensorSpec("features", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4, Shape.DYNAMIC));
    private static final TensorSpec MASK =
            new TensorSpec("mask", ElementType.INT64, Shape.of(Shape.BATCH, Shape.DYNAMIC));
    private static final TensorSpec LENGTH = new TensorSpec("length", ElementType.FLOAT32, Shape.of());
    private static final CodecParams QUANT = new CodecParams.Quant(16, 1, new float[4], new float[] {6, 6, 6, 6});

    private static ActivationCodec codec(Entropy entropy) {
        return new ActivationCodec(
                List.of(FEATURES, MASK, LENGTH),
                List.of(QUANT, new CodecParams.Raw(), new CodecParams.Fp16()),
                entropy,
                null,
                null);
    }

    private static Map<String, Tensor> boundary(int rows) {
        Map<String, Tensor> tensors = new HashMap<>();
        tensors.put("features", SampleTensors.relu(ElementType.FLOAT32, Shape.of(rows, 4, 9), 6, 1));
        tensors.put("mask", SampleTensors.bits(ElementType.INT64, Shape.of(rows, 9), 2));
        tensors.put("length", Tensor.ofFloats(Shape.of(), 0.5f));
        return tensors;
    }

    private static ByteBuffer encode(ActivationCodec codec, Map<String, Tensor> tensors) {
        return codec.encode(tensors, Collections.emptyMap());
    }

    private static ActivationCodec single(TensorSpec spec, CodecParams params) {
        return new ActivationCodec(List.of(spec), List.of(params), Entropy.ZSTD, null, null);
    }

    @Test
    void tellsTheShapesAndDecodesEveryTensor() throws CodecException {
        for (Entropy entropy : Entropy.values()) {
            ByteBuffer payload = encode(codec(entropy), boundary(2));
            List<Shape> shapes = codec(Entropy.NONE).shapes(payload);
            assertThat(shapes).containsExactly(Shape.of(2, 4, 9), Shape.of(2, 9), Shape.of());
            assertThat(payload.position()).isZero();
            Map<String, Tensor> decoded = Map.of(
                    "features", Tensor.allocate(ElementType.FLOAT32, shapes.get(0)),
                    "mask", Tensor.allocate(ElementType.INT64, shapes.get(1)),
                    "length", Tensor.allocate(ElementType.FLOAT32, shapes.get(2)));
            codec(Entropy.NONE).decode(payload, decoded);
            assertThat(payload.position()).isZero();
            assertThat(decoded.get("mask").data())
                    .isEqualTo(boundary(2).get("mask").data());
            assertThat(decoded.get("length").data().getFloat(0)).isEqualTo(0.5f);
            for (int i = 0; i < 72; i++) {
                double original = SampleTensors.get(boundary(2).get("features"), i);
                assertThat(Math.abs(SampleTensors.get(decoded.get("features"), i) - original))
                        .isLessThanOrEqualTo(0.2001);
            }
        }
    }

    @Test
    void decodesIntoRowsOfABatch() throws CodecException {
        Tensor batch = Tensor.allocate(ElementType.INT64, Shape.of(5, 9));
        ActivationCodec codec = single(MASK, new CodecParams.Raw());
        Map<String, Tensor> row = boundary(2);
        codec.decode(encode(codec, row), Map.of("mask", batch.rows(2, 2)));
        assertThat(batch.rows(2, 2).data()).isEqualTo(row.get("mask").data());
        assertThat(SampleTensors.bytes(batch.rows(0, 2))).containsOnly(0);
        assertThat(SampleTensors.bytes(batch.rows(4, 1))).containsOnly(0);
    }

    @Test
    void sendsATensorWithNanOrInfinityRawAndObeysTheHeader() throws CodecException {
        Tensor features = boundary(1).get("features");
        features.data().putFloat(20, Float.NaN).putFloat(24, Float.NEGATIVE_INFINITY);
        for (CodecParams params : List.of(QUANT, new CodecParams.Fp16())) {
            ActivationCodec codec = single(FEATURES, params);
            Tensor decoded = Tensor.allocate(ElementType.FLOAT32, features.shape());
            codec.decode(encode(codec, Map.of("features", features)), Map.of("features", decoded));
            assertThat(decoded.data()).isEqualTo(features.data());
        }
    }

    @Test
    void keepsIntegersLosslessWhateverTheParameters() throws CodecException {
        ActivationCodec codec = single(MASK, new CodecParams.Quant(2, -1, new float[1], new float[1]));
        Tensor mask = boundary(3).get("mask");
        Tensor decoded = Tensor.allocate(ElementType.INT64, mask.shape());
        codec.decode(encode(codec, Map.of("mask", mask)), Map.of("mask", decoded));
        assertThat(decoded.data()).isEqualTo(mask.data());
    }

    @Test
    void carriesTensorsWithoutElements() throws CodecException {
        for (CodecParams params : List.of(QUANT, new CodecParams.Fp16(), new CodecParams.Raw())) {
            ActivationCodec codec = single(FEATURES, params);
            Tensor none = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 4, 0));
            ByteBuffer payload = encode(codec, Map.of("features", none));
            assertThat(codec.shapes(payload)).containsExactly(none.shape());
            codec.decode(payload, Map.of("features", none));
        }
    }

    @Test
    void sendsPicturesOrRawTensorsAtAnImageInput() throws Exception {
        TensorSpec input = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, 4, 6));
        ActivationCodec codec = new ActivationCodec(
                List.of(input),
                List.of(new CodecParams.Image()),
                Entropy.ZSTD,
                Preprocessing.named("unit").withInput("x"),
                new FakePictureCodec());
        ByteBuffer asPictures = codec.encode(Map.of(), Map.of("x", ImageCodecTest.rows()));
        assertThat(codec.shapes(asPictures)).containsExactly(Shape.of(3, 3, 4, 6));
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, Shape.of(3, 3, 4, 6));
        codec.decode(asPictures, Map.of("x", decoded));
        assertThat(decoded.data()).isEqualTo(new ImageCodecTest().sample().data());
        Tensor again = Tensor.allocate(ElementType.FLOAT32, decoded.shape());
        codec.decode(encode(codec, Map.of("x", decoded)), Map.of("x", again));
        assertThat(again.data()).isEqualTo(decoded.data());
    }

    @Test
    void refusesTensorsThatAreMissingOrDoNotFitByName() {
        Map<String, Tensor> missing = boundary(1);
        missing.remove("mask");
        assertUnencodable(missing, "\"mask\" is missing");
        Map<String, Tensor> wrongType = boundary(1);
        wrongType.put("mask", Tensor.ofInts(Shape.of(1, 1), 1));
        assertUnencodable(wrongType, "\"mask\" is int32");
        Map<String, Tensor> unequalRows = boundary(1);
        unequalRows.put("mask", boundary(2).get("mask"));
        assertUnencodable(unequalRows, "\"mask\" has shape [2,9]; expected as many rows as tensor \"features\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(Entropy.NONE).encode(boundary(1), Map.of("mask", ImageCodecTest.rows())))
                .withMessageContaining("not coded as image");
    }

    private static void assertUnencodable(Map<String, Tensor> tensors, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode(codec(Entropy.NONE), tensors))
                .withMessageContaining(why);
    }

    @Test
    void refusesParametersThatAreNotOnePerTensor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ActivationCodec(List.of(MASK), List.of(), Entropy.NONE, null, null))
                .withMessageContaining("0 codec parameters");
    }

    @Test
    void refusesATargetOfAnotherTypeAndRejectsAPayloadOfAnotherShape() {
        ActivationCodec codec = single(MASK, new CodecParams.Raw());
        ByteBuffer payload = encode(codec, boundary(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec.decode(payload, Map.of("mask", Tensor.ofInts(Shape.of(1), 1))))
                .withMessageContaining("mask");
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() ->
                        codec.decode(payload, Map.of("mask", Tensor.allocate(ElementType.INT64, Shape.of(1, 9)))))
                .withMessageContaining("[2,9]")
                .withMessageContaining("expected [1,9]");
    }

    @Test
    void rejectsUnknownCodecsVersionsAndFlagsByNumber() {
        assertHeaderRejected(1, 9, "codec 9");
        assertHeaderRejected(1, QuantCodec.ID, "codec 2");
        assertHeaderRejected(2, 7, "version 7");
        assertHeaderRejected(3, 4, "flags 4");
        assertHeaderRejected(3, 2, "flags 2");
    }

    /** With one byte of a raw float tensor's header changed; byte 0 is the length. */
    private static void assertHeaderRejected(int at, int value, String why) {
        ActivationCodec codec = single(LENGTH, new CodecParams.Raw());
        ByteBuffer payload = encode(codec, boundary(1));
        payload.put(at, (byte) value);
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.shapes(payload))
                .withMessageContaining("\"length\"")
                .withMessageContaining(why);
    }

    @Test
    void rejectsTrailingBytesAndLengthsBeyondThePayload() {
        byte[] bytes = SampleTensors.bytes(encode(codec(Entropy.NONE), boundary(1)));
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec(Entropy.NONE).shapes(ByteBuffer.wrap(longer)))
                .withMessageContaining("1 bytes after");
        byte[] lying = bytes.clone();
        lying[0] = 0x7f;
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec(Entropy.NONE).shapes(ByteBuffer.wrap(lying)))
                .withMessageContaining("127 bytes");
    }

    @Test
    void rejectsRowsThatDifferBetweenTensors() {
        ActivationCodec one = single(FEATURES, QUANT);
        ActivationCodec other = single(MASK, new CodecParams.Raw());
        ActivationCodec both = new ActivationCodec(
                List.of(FEATURES, MASK), List.of(QUANT, new CodecParams.Raw()), Entropy.NONE, null, null);
        ByteBuffer first = encode(one, boundary(1));
        ByteBuffer second = encode(other, boundary(2));
        ByteBuffer joined = ByteBuffer.allocate(first.remaining() + second.remaining());
        joined.put(first).put(second).flip();
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> both.shapes(joined))
                .withMessageContaining("expected as many rows");
    }

    @Test
    void rejectsAShapeOverTwoGigabytes() {
        assertRejectedShape(new int[] {0, 1, 0, 0xff, 0xff, 0xff, 0xff, 7, 0xff, 0xff, 0xff, 0xff, 7}, "at most");
        assertRejectedShape(new int[] {0, 1, 0, 1, 0x80, 0x80, 0x80, 0x80, 2}, "at most");
    }

    /** A frame of a few bytes must not make a gateway allocate hundreds of megabytes. */
    @Test
    void rejectsAShapeFarLargerThanItsBody() {
        assertRejectedShape(new int[] {0, 1, 1, 1, 0x80, 0x80, 0x80, 0x08, 1, 2, 3}, "times the body");
    }

    private static void assertRejectedShape(int[] encoded, String why) {
        ByteBuffer payload = ByteBuffer.allocate(encoded.length + 1).put((byte) encoded.length);
        for (int value : encoded) {
            payload.put((byte) value);
        }
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> single(FEATURES, new CodecParams.Raw()).shapes(payload.flip()))
                .withMessageContaining("\"features\"")
                .withMessageContaining(why);
    }

    /** 32 MiB of zeros would fit a frame of some kilobytes, which readers refuse: it must travel otherwise. */
    @Test
    void neverWritesAFrameThatReadersRefuseForItsExpansion() throws CodecException {
        TensorSpec spec = new TensorSpec("z", ElementType.UINT8, Shape.of(Shape.DYNAMIC));
        ActivationCodec codec = single(spec, new CodecParams.Raw());
        Tensor zeros = Tensor.allocate(ElementType.UINT8, Shape.of(32 << 20));
        ByteBuffer payload = encode(codec, Map.of("z", zeros));
        assertThat(codec.shapes(payload)).containsExactly(zeros.shape());
        assertThat(payload.remaining()).isGreaterThan(32 << 20);
    }

    @Test
    void rejectsAZstdFrameThatPromisesAnotherSizeOrIsFollowedByBytes() {
        TensorSpec spec = new TensorSpec("z", ElementType.UINT8, Shape.of(Shape.DYNAMIC));
        ActivationCodec codec = single(spec, new CodecParams.Raw());
        byte[] bytes =
                SampleTensors.bytes(encode(codec, Map.of("z", Tensor.allocate(ElementType.UINT8, Shape.of(100)))));
        byte[] otherShape = bytes.clone();
        otherShape[4] = 101;
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.shapes(ByteBuffer.wrap(otherShape)))
                .withMessageContaining("promises 100 bytes; expected 101");
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        longer[0]++;
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.decode(
                        ByteBuffer.wrap(longer), Map.of("z", Tensor.allocate(ElementType.UINT8, Shape.of(100)))))
                .withMessageContaining("does not end with its body");
    }
}
