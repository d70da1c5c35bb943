package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
    private static final TensorSpec SPEC = new TensorSpec("x", ElementType.FLOAT32, Shape.of(1));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, Integer.MAX_VALUE})
    void readsWhatItWrites(int value) throws CodecException {
        ByteBuffer buffer = ByteBuffer.allocate(5);
        Varint.put(buffer, value);
        assertThat(buffer.position()).isEqualTo(Varint.size(value));
        assertThat(Varint.get(buffer.flip(), SPEC, "it")).isEqualTo(value);
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Test
    void rejectsTruncatedOverlongAndOversizedForms() {
        assertRejected("ends", 0x80);
        assertRejected("ends");
        assertRejected("shortest", 0x80, 0x00);
        assertRejected("shortest", 0xff, 0x80, 0x00);
        assertRejected("below 2^31", 0xff, 0xff, 0xff, 0xff, 0x08);
        assertRejected("more than 5", 0x80, 0x80, 0x80, 0x80, 0x80, 0x01);
    }

    private static void assertRejected(String why, int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int value : bytes) {
            buffer.put((byte) value);
        }
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> Varint.get(buffer.flip(), SPEC, "height"))
                .withMessageContaining("tensor \"x\" height")
                .withMessageContaining(why);
    }
}
