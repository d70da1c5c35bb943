package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RawPayloadTest {
    private static final List<TensorSpec> SPECS = List.of(
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2)),
            new TensorSpec("n", ElementType.INT64, Shape.of(Shape.BATCH, Shape.DYNAMIC)),
            new TensorSpec("s", ElementType.BOOL, Shape.of()));
    private static final List<Shape> SHAPES = List.of(Shape.of(2, 2), Shape.of(2, 1), Shape.of());
    private static final Tensor X = Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);
    private static final Tensor N = Tensor.ofLongs(Shape.of(2, 1), -1, 1L << 40);
    private static final Tensor S = Tensor.ofBytes(ElementType.BOOL, Shape.of(), (byte) 1);

    private static ActivationCodec codec(CodecParams first) {
        return new ActivationCodec(
                SPECS, List.of(first, new CodecParams.Raw(), new CodecParams.Raw()), Entropy.NONE, null, null);
    }

    private static ByteBuffer encoded(CodecParams first) {
        return codec(first).encode(Map.of("x", X, "n", N, "s", S), Collections.emptyMap());
    }

    @Test
    void isFilledToTheBytesThatTheCodecMakes() {
        RawPayload payload = RawPayload.of(SPECS, SHAPES);
        payload.elements(0).putFloat(1).putFloat(2).putFloat(3).putFloat(4);
        payload.elements(1).putLong(-1).putLong(1L << 40);
        payload.elements(2).put((byte) 1);
        assertThat(payload.payload()).isEqualTo(encoded(new CodecParams.Raw()));
    }

    @Test
    void findsTheElementsInThePayloadOfTheCodec() throws Exception {
        ByteBuffer bytes = encoded(new CodecParams.Raw());
        RawPayload payload = RawPayload.read(SPECS, bytes);
        assertThat(payload.shapes()).isEqualTo(SHAPES);
        assertThat(payload.elements(0).getFloat(12)).isEqualTo(4);
        assertThat(payload.elements(1).getLong(8)).isEqualTo(1L << 40);
        assertThat(payload.elements(2).remaining()).isEqualTo(1);
        assertThat(bytes.position()).isZero();
    }

    @Test
    void refusesShapesThatAreNotDeclaredOrTooLarge() {
        assertThatThrownBy(() -> RawPayload.of(SPECS, List.of(Shape.of(2, 3), Shape.of(2, 1), Shape.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor \"x\" has shape [2,3]; expected [N,2]");
        for (long columns : new long[] {1L << 28, 1L << 60, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> RawPayload.of(SPECS, List.of(Shape.of(2, 2), Shape.of(2, columns), Shape.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("makes a payload of more than");
        }
    }

    @Test
    void refusesWhatIsNotRaw() {
        ByteBuffer halves = encoded(new CodecParams.Fp16());
        assertThatThrownBy(() -> RawPayload.read(SPECS, halves))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("tensor \"x\" is coded with codec 1")
                .hasMessageContaining("expected it raw and plain");
    }

    /** Cut or prolonged anywhere, it is refused by name. */
    @Test
    void refusesPayloadsOfAnotherLength() {
        ByteBuffer whole = encoded(new CodecParams.Raw());
        for (int length = 0; length <= whole.capacity() + 1; length++) {
            if (length != whole.capacity()) {
                ByteBuffer other = ByteBuffer.allocate(length);
                other.put(0, whole, 0, Math.min(length, whole.capacity()));
                assertThatThrownBy(() -> RawPayload.read(SPECS, other)).isInstanceOf(CodecException.class);
            }
        }
    }
}
