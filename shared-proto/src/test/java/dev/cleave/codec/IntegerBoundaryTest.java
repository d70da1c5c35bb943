package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An INT8 head's integers cross as if they had been made floats first. */
class IntegerBoundaryTest {
    private static final Shape SHAPE = Shape.of(2, 5, 31, 37);
    private static final int CHANNELS = 5;
    private static final TensorSpec SPEC = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 5, 31, 37));

    /** Which of scales and ranges differ by channel. */
    private enum Axes {
        NEITHER(-1, -1),
        SCALES(1, -1),
        RANGES(-1, 1),
        BOTH(1, 1),
        DIFFERENT(1, 2);

        final int scales;
        final int ranges;

        Axes(int scales, int ranges) {
            this.scales = scales;
            this.ranges = ranges;
        }
    }

    private static Quantization form(ElementType type, int axis) {
        List<Float> scales = new ArrayList<>();
        List<Integer> zeroPoints = new ArrayList<>();
        for (int i = 0; i < (axis < 0 ? 1 : CHANNELS); i++) {
            scales.add(0.0471f + 0.013f * i);
            zeroPoints.add(type == ElementType.INT8 ? -17 + i : 30 + i);
        }
        return new Quantization(type, scales, zeroPoints, axis);
    }

    private static CodecParams.Quant quant(int axis) {
        int ranges = axis < 0 ? 1 : (int) SHAPE.dim(axis);
        float[] low = new float[ranges];
        float[] high = new float[ranges];
        for (int i = 0; i < ranges; i++) {
            low[i] = -0.8f - 0.01f * i;
            high[i] = 7.3f + 0.07f * i;
        }
        return new CodecParams.Quant(24, axis, low, high);
    }

    private static Tensor integers(ElementType type) {
        Tensor tensor = Tensor.allocate(type, SHAPE);
        byte[] bytes = new byte[tensor.bytes()];
        new Random(3).nextBytes(bytes);
        tensor.data().put(bytes);
        return tensor;
    }

    /** As {@code DequantizeLinear} is defined, written down once more. */
    private static Tensor floats(Tensor integers, Quantization form) {
        Tensor floats = Tensor.allocate(ElementType.FLOAT32, integers.shape());
        ByteBuffer to = floats.data();
        for (int i = 0; i < integers.elements(); i++) {
            int channel = form.axis() < 0 ? 0 : i / (31 * 37) % CHANNELS;
            ByteBuffer data = integers.data().order(ByteOrder.LITTLE_ENDIAN);
            int value = switch (integers.type()) {
                case UINT8 -> data.get(i) & 0xff;
                case INT8 -> data.get(i);
                case UINT16 -> data.getShort(2 * i) & 0xffff;
                default -> data.getShort(2 * i);
            };
            to.putFloat((float) (value - form.zeroPoint().get(channel))
                    * form.scale().get(channel));
        }
        return floats;
    }

    private static ActivationCodec codec(Quantization form, CodecParams params) {
        return ActivationCodec.of(
                Collections.singletonList(new BoundaryTensor(SPEC, form)),
                Collections.singletonList(params),
                Entropy.ZSTD,
                null,
                null);
    }

    private static ByteBuffer encode(ActivationCodec codec, Tensor tensor) {
        return codec.encode(Collections.singletonMap("x", tensor), Collections.emptyMap());
    }

    @ParameterizedTest
    @EnumSource
    void integersCrossAsTheFloatsTheyStandFor(Axes axes) {
        for (ElementType type : List.of(ElementType.UINT8, ElementType.INT8, ElementType.UINT16, ElementType.INT16)) {
            Quantization form = form(type, axes.scales);
            ActivationCodec codec = codec(form, quant(axes.ranges));
            Tensor integers = integers(type);
            assertThat(encode(codec, integers)).as("%s", type).isEqualTo(encode(codec, floats(integers, form)));
        }
    }

    @Test
    void otherCodecsSendFloats() throws Exception {
        Quantization form = form(ElementType.UINT8, 1);
        Tensor integers = integers(ElementType.UINT8);
        for (CodecParams params : List.of(new CodecParams.Raw(), new CodecParams.Fp16())) {
            ActivationCodec codec = codec(form, params);
            assertThat(encode(codec, integers)).isEqualTo(encode(codec, floats(integers, form)));
        }
    }

    @Test
    void whatIsDecodedIsFloats() throws Exception {
        ActivationCodec codec = codec(form(ElementType.UINT8, -1), quant(1));
        ByteBuffer payload = encode(codec, integers(ElementType.UINT8));
        Tensor decoded =
                Tensor.allocate(ElementType.FLOAT32, codec.shapes(payload).get(0));
        codec.decode(payload, Map.of("x", decoded));
        float first = decoded.data().getFloat();
        assertThat(first).isBetween(-0.81f, 7.7f);
    }

    @Test
    void refusesIntegersOfAnotherTypeByName() {
        ActivationCodec codec = codec(form(ElementType.UINT8, -1), quant(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode(codec, integers(ElementType.INT8)))
                .withMessage("tensor \"x\" is int8; expected float32");
    }

    @Test
    void refusesAnIntegerFormThatDoesNotFit() {
        Quantization four = new Quantization(ElementType.UINT8, List.of(1f, 1f, 1f, 1f), List.of(0, 0, 0, 0), 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(four, quant(1)))
                .withMessageContaining("\"x\"")
                .withMessageContaining("4 scales of integers on axis 1");
    }
}
