package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.codec.temporal.SymbolReference;
import dev.cleave.codec.temporal.TemporalCoder;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What tensors of videos may cost a reader, whatever their bytes say. */
class TemporalLimitsTest {
    private static final TensorSpec SPEC =
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(1, Shape.DYNAMIC, Shape.DYNAMIC, Shape.DYNAMIC));
    private static final CodecParams.Quant PARAMS = new CodecParams.Quant(16, -1, new float[1], new float[] {15});
    private static final ActivationCodec CODEC =
            new ActivationCodec(List.of(SPEC), List.of(PARAMS), Entropy.NONE, null, null);

    private static ByteBuffer payload(int flags, int channels, int height, int width, int bodyBytes) {
        ByteBuffer tensor = ByteBuffer.allocate(3 + 15 + bodyBytes);
        tensor.put((byte) QuantCodec.ID).put((byte) 1).put((byte) flags);
        Varint.put(tensor, channels);
        Varint.put(tensor, height);
        Varint.put(tensor, width);
        tensor.position(tensor.position() + bodyBytes).flip();
        ByteBuffer payload = ByteBuffer.allocate(5 + tensor.remaining());
        Varint.put(payload, tensor.remaining());
        payload.put(tensor).flip();
        return payload;
    }

    @Test
    void aBodyThatIsLongerThanAllEscapesIsRefusedUnread() throws Exception {
        int elements = 2 * 3 * 4;
        int longest = TemporalCoder.HEADER_BYTES + 16 + 4 * elements;
        assertThat(CODEC.shapes(payload(EncodedTensor.TEMPORAL, 2, 3, 4, longest)))
                .containsExactly(Shape.of(1, 2, 3, 4));
        for (int bytes : new int[] {0, 1, 31, 32, 34, longest + 1, longest + 2, 1 << 20}) {
            assertThatExceptionOfType(CodecException.class)
                    .isThrownBy(() -> CODEC.shapes(payload(EncodedTensor.TEMPORAL, 2, 3, 4, bytes)))
                    .withMessage("tensor \"x\"[1,2,3,4] is coded against another in " + bytes
                            + " bytes; expected an odd number from 33 to 33 and four per element");
        }
    }

    @Test
    void noOtherFlagStandsBesideIt() {
        for (int flags = EncodedTensor.TEMPORAL + 1; flags < 2 * EncodedTensor.TEMPORAL; flags++) {
            ByteBuffer payload = payload(flags, 2, 3, 4, 33);
            assertThatExceptionOfType(CodecException.class).isThrownBy(() -> CODEC.shapes(payload));
        }
    }

    @Test
    void planesThatAreVeryLargeStandAlone() throws Exception {
        BoundaryTuning tuning = CODEC.tuning(0);
        Map<String, Tensor> largest = Map.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 1, 510, 510)));
        BoundaryReference reference =
                CODEC.encode(largest, Map.of(), null, tuning).reference();
        assertThat(CODEC.encode(largest, Map.of(), reference, tuning).payload().remaining())
                .isLessThan(1000);
        Map<String, Tensor> larger = Map.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 1, 510, 511)));
        BoundaryReference tooLarge =
                CODEC.encode(larger, Map.of(), null, tuning).reference();
        assertThat(CODEC.encode(larger, Map.of(), tooLarge, tuning).payload())
                .isEqualTo(CODEC.encode(larger, Map.of()));
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> CODEC.settle(payload(EncodedTensor.TEMPORAL, 1, 510, 511, 33), tooLarge))
                .withMessage("tensor \"x\"[1,1,510,511] is coded against another; expected planes of 262144 places or"
                        + " fewer, their edges included");
    }

    @Test
    void memoryThatALargeTensorTookIsNotKept() throws Exception {
        QuantCodec codec = new QuantCodec(SPEC, PARAMS, null);
        QuantScratch kept = codec.spares().take();
        codec.spares().give(kept);
        read(codec, Shape.of(1, 4, 100, 100));
        assertThat(codec.spares().take()).isSameAs(kept);
        codec.spares().give(kept);
        read(codec, Shape.of(1, 8, 400, 400));
        assertThat(codec.spares().take()).isNotSameAs(kept);
    }

    /** A still video of one tensor, as its receiver reads it. */
    private static void read(QuantCodec codec, Shape shape) throws Exception {
        BoundaryTuning tuning = CODEC.tuning(0);
        Map<String, Tensor> tensors = Map.of("x", Tensor.allocate(ElementType.FLOAT32, shape));
        BoundaryReference reference =
                CODEC.encode(tensors, Map.of(), null, tuning).reference();
        ByteBuffer in = CODEC.encode(tensors, Map.of(), reference, tuning).payload();
        EncodedTensor coded = EncodedTensor.next(in, SPEC);
        assertThat(in.hasRemaining()).isFalse();
        assertThat(coded.flags()).isEqualTo(EncodedTensor.TEMPORAL);
        SymbolReference read = codec.stream().read(coded.flags(), coded.body(), shape, reference.of(0, shape));
        assertThat(read.symbols()).containsOnly(0);
    }
}
