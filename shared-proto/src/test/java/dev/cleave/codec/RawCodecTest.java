package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RawCodecTest extends TensorCodecContractTest {
    private static final Shape SHAPE = Shape.of(2, 3, 50);

    @Override
    TensorCodec codec() {
        return codec(ElementType.FLOAT32);
    }

    private static TensorCodec codec(ElementType type) {
        return new RawCodec(new TensorSpec("x", type, SHAPE));
    }

    @Override
    Tensor sample() {
        return SampleTensors.relu(ElementType.FLOAT32, SHAPE, 6, 1);
    }

    @Override
    void assertSame(Tensor decoded, Tensor original) {
        assertThat(decoded.data()).isEqualTo(original.data());
    }

    @Override
    int expectedId() {
        return 0;
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void isLosslessForEveryTypeAndAnyBits(ElementType type) throws CodecException {
        Tensor original = SampleTensors.bits(type, SHAPE, 2);
        for (Entropy entropy : Entropy.values()) {
            TensorCodec.Body body = codec(type).encode(original, entropy);
            Tensor decoded = Tensor.allocate(type, SHAPE);
            codec(type).check(SHAPE, body.flags(), body.bytes().duplicate());
            codec(type).decode(body.flags(), body.bytes().duplicate(), decoded);
            assertThat(decoded.data()).isEqualTo(original.data());
        }
    }

    @Test
    void usesZstdOnlyWhereItIsSmaller() {
        Tensor noise = SampleTensors.bits(ElementType.INT64, SHAPE, 3);
        Tensor zeros = Tensor.allocate(ElementType.INT64, SHAPE);
        assertThat(codec(ElementType.INT64).encode(noise, Entropy.ZSTD).flags()).isZero();
        TensorCodec.Body small = codec(ElementType.INT64).encode(zeros, Entropy.ZSTD);
        assertThat(small.flags()).isEqualTo(EncodedTensor.ZSTD);
        assertThat(small.bytes().remaining()).isLessThan(100);
    }

    @Test
    void refusesBoolsThatAreNeither0Nor1() {
        Tensor two = Tensor.allocate(ElementType.BOOL, SHAPE);
        two.data().put(7, (byte) 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(ElementType.BOOL).encode(two, Entropy.NONE))
                .withMessageContaining("\"x\"");
        ByteBuffer body = two.data();
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec(ElementType.BOOL).decode(0, body, Tensor.allocate(ElementType.BOOL, SHAPE)));
    }
}
