package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Fp16CodecTest extends TensorCodecContractTest {
    /** More than two blocks, the last one not full. */
    private static final Shape SHAPE = Shape.of(3, 3001);

    @Override
    TensorCodec codec() {
        return codec(ElementType.FLOAT32);
    }

    private static TensorCodec codec(ElementType type) {
        return new Fp16Codec(new TensorSpec("x", type, SHAPE));
    }

    @Override
    Tensor sample() {
        return SampleTensors.relu(ElementType.FLOAT32, SHAPE, 6, 4);
    }

    @Override
    void assertSame(Tensor decoded, Tensor original) {
        for (int i = 0; i < original.elements(); i++) {
            float nearest = HalfFloat.fromBinary16(HalfFloat.toBinary16((float) SampleTensors.get(original, i)));
            assertThat(SampleTensors.get(decoded, i)).isEqualTo(nearest);
        }
    }

    @Override
    int expectedId() {
        return 1;
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT64"})
    void carriesEveryFloatingType(ElementType type) throws CodecException {
        Tensor original = SampleTensors.relu(type, SHAPE, 6, 5);
        TensorCodec.Body body = codec(type).encode(original, Entropy.NONE);
        assertThat(body.bytes().remaining()).isEqualTo(original.elements() * 2);
        Tensor decoded = Tensor.allocate(type, SHAPE);
        codec(type).decode(body.flags(), body.bytes(), decoded);
        for (int i = 0; i < original.elements(); i++) {
            assertThat(SampleTensors.get(decoded, i)).isCloseTo(SampleTensors.get(original, i), within(0.002));
        }
        if (type == ElementType.FLOAT16) {
            assertThat(decoded.data()).isEqualTo(original.data());
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 65520f, -1e9f})
    void doesNotCarryWhatBinary16CannotHold(float value) {
        Tensor tensor = sample();
        SampleTensors.set(tensor, tensor.elements() - 1, value);
        assertThat(codec().encode(tensor, Entropy.NONE)).isNull();
    }

    @Test
    void rejectsInfinitiesInABody() {
        ByteBuffer body = ByteBuffer.allocate(3 * 3001 * 2).order(ByteOrder.LITTLE_ENDIAN);
        body.putShort(8000, (short) 0x7c00);
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec().decode(0, body, Tensor.allocate(ElementType.FLOAT32, SHAPE)))
                .withMessageContaining("\"x\"");
    }
}
