package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link TensorCodec} promises. */
abstract class TensorCodecContractTest {
    /** The codec under test, made anew. */
    abstract TensorCodec codec();

    /** A tensor that the codec carries. */
    abstract Tensor sample();

    /** Checks what came back of {@link #sample()}. */
    abstract void assertSame(Tensor decoded, Tensor original);

    /** The id that encoded tensors out in the world start with. */
    abstract int expectedId();

    TensorCodec.Body encode(Entropy entropy) {
        return codec().encode(sample(), entropy);
    }

    private Tensor decode(TensorCodec codec, int flags, ByteBuffer body) throws CodecException {
        Tensor into = Tensor.allocate(sample().type(), sample().shape());
        codec.check(into.shape(), flags, body.duplicate());
        codec.decode(flags, body.duplicate(), into);
        return into;
    }

    @Test
    void keepsItsIdAndVersion() {
        assertThat(codec().id()).isEqualTo(expectedId());
        assertThat(codec().version()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Entropy.class)
    void decodesWhatItEncodes(Entropy entropy) throws CodecException {
        TensorCodec.Body body = encode(entropy);
        assertSame(decode(codec(), body.flags(), body.bytes()), sample());
    }

    @ParameterizedTest
    @EnumSource(Entropy.class)
    void decodesFromHeapDirectAndReadOnlyBuffersAtAnyPosition(Entropy entropy) throws CodecException {
        TensorCodec.Body body = encode(entropy);
        byte[] bytes = SampleTensors.bytes(body.bytes());
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 8);
        direct.position(5);
        direct.put(bytes).flip().position(5);
        ByteBuffer heap = ByteBuffer.allocate(bytes.length + 8);
        heap.position(3);
        heap.put(bytes).flip().position(3);
        for (ByteBuffer buffer : List.of(direct, heap, heap.asReadOnlyBuffer(), direct.asReadOnlyBuffer())) {
            assertSame(decode(codec(), body.flags(), buffer), sample());
        }
    }

    @ParameterizedTest
    @EnumSource(Entropy.class)
    void encodesTheSameBytesEveryTime(Entropy entropy) {
        assertThat(encode(entropy).bytes()).isEqualTo(encode(entropy).bytes());
        assertThat(encode(entropy).flags()).isEqualTo(encode(entropy).flags());
    }

    @ParameterizedTest
    @EnumSource(Entropy.class)
    void rejectsABodyThatIsTooShortOrTooLong(Entropy entropy) {
        TensorCodec.Body body = encode(entropy);
        byte[] bytes = SampleTensors.bytes(body.bytes());
        for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 1, bytes.length + 1, 2 * bytes.length}) {
            ByteBuffer wrong = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
            assertThatExceptionOfType(CodecException.class)
                    .as("%d bytes instead of %d", length, bytes.length)
                    .isThrownBy(() -> decode(codec(), body.flags(), wrong));
        }
    }

    @Test
    void rejectsByteSymbolsWithoutZstd() {
        TensorCodec.Body body = encode(Entropy.NONE);
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decode(codec(), EncodedTensor.BYTE_SYMBOLS, body.bytes()));
    }

    @Test
    void servesManyThreadsAtOnce() throws Exception {
        TensorCodec shared = codec();
        TensorCodec.Body body = encode(Entropy.ZSTD);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Tensor>> decoded = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                decoded.add(threads.submit(() -> decode(shared, body.flags(), body.bytes())));
            }
            for (Future<Tensor> future : decoded) {
                assertSame(future.get(), sample());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
