package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.cleave.codec.context.SampleModels;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantised tensors whose contract has a context model. */
class ContextBodyTest {
    private static final int LEVELS = 16;
    private static final Shape SHAPE = Shape.of(2, 6, 40, 60);
    private static final TensorSpec SPEC =
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 6, Shape.DYNAMIC, Shape.DYNAMIC));
    private static final CodecParams.Quant WITHOUT =
            new CodecParams.Quant(LEVELS, -1, new float[1], new float[] {LEVELS - 1});
    private static final CodecParams.Quant WITH = WITHOUT.withContext(SampleModels.smooth(1, 6, LEVELS));

    private static ActivationCodec codec(CodecParams params, Entropy entropy) {
        return new ActivationCodec(List.of(SPEC), List.of(params), entropy, null, null);
    }

    private static Tensor slopes(long seed) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        byte[] symbols = SampleModels.slopes(tensor.elements(), 40, 60, LEVELS, seed);
        for (int i = 0; i < symbols.length; i++) {
            SampleTensors.set(tensor, i, symbols[i]);
        }
        return tensor;
    }

    private static int flags(ByteBuffer payload) throws CodecException {
        ByteBuffer in = payload.duplicate();
        return EncodedTensor.next(in, SPEC).flags();
    }

    @ParameterizedTest
    @EnumSource
    void isUsedWhateverTheStreamAgreedOn(Entropy entropy) throws Exception {
        Tensor tensor = slopes(1);
        ByteBuffer payload = codec(WITH, entropy).encode(Map.of("x", tensor), Map.of());
        assertThat(flags(payload)).isEqualTo(EncodedTensor.CONTEXT);
        assertThat(payload.remaining())
                .isLessThan(codec(WITHOUT, Entropy.NONE)
                        .encode(Map.of("x", tensor), Map.of())
                        .remaining());
        Tensor decoded = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        codec(WITH, Entropy.NONE).decode(payload, Map.of("x", decoded));
        assertThat(decoded.data()).isEqualTo(tensor.data());
    }

    @Test
    void isLeftForPackedSymbolsWhereThoseAreShorter() throws Exception {
        Tensor noise = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        for (int i = 0; i < noise.elements(); i++) {
            SampleTensors.set(noise, i, (i * 2654435761L >>> 7) % LEVELS);
        }
        ByteBuffer payload = codec(WITH, Entropy.NONE).encode(Map.of("x", noise), Map.of());
        assertThat(payload).isEqualTo(codec(WITHOUT, Entropy.NONE).encode(Map.of("x", noise), Map.of()));
        assertThat(flags(payload)).isZero();
    }

    @Test
    void isRefusedWithoutAModelAndBesideOtherFlags() {
        ByteBuffer payload = codec(WITH, Entropy.NONE).encode(Map.of("x", slopes(2)), Map.of());
        assertThatThrownBy(() -> codec(WITHOUT, Entropy.NONE).shapes(payload))
                .isInstanceOf(CodecException.class)
                .hasMessage("tensor \"x\" is coded by contexts with flags 4, but the contract has no context model");
        int flagsAt = Varint.size(payload.remaining()) + 2;
        payload.put(flagsAt, (byte) 5);
        assertThatThrownBy(() -> codec(WITH, Entropy.NONE).shapes(payload))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("with flags 5; expected no other flag");
        payload.put(flagsAt, (byte) 16);
        assertThatThrownBy(() -> codec(WITH, Entropy.NONE).shapes(payload))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("flags 16; expected bits 0 to 3 only");
    }

    @Test
    void threadsMayShareACodec() throws Exception {
        ActivationCodec shared = codec(WITH, Entropy.NONE);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int seed = 0; seed < 64; seed++) {
                Tensor tensor = slopes(seed);
                tasks.add(() -> {
                    Tensor decoded = Tensor.allocate(ElementType.FLOAT32, SHAPE);
                    shared.decode(shared.encode(Map.of("x", tensor), Map.of()), Map.of("x", decoded));
                    return decoded.data().equals(tensor.data());
                });
            }
            for (Future<Boolean> same : threads.invokeAll(tasks)) {
                assertThat(same.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
    }

    /** Beyond the payload only small objects, which do not grow with the tensor. */
    @Test
    void allocatesNothingThatGrowsWithTheTensor() throws Exception {
        ActivationCodec codec = codec(WITH, Entropy.NONE);
        Map<String, Tensor> tensors = Map.of("x", slopes(3));
        Map<String, Tensor> decoded = Map.of("x", Tensor.allocate(ElementType.FLOAT32, SHAPE));
        ByteBuffer payload = codec.encode(tensors, Map.of());
        codec.decode(payload, decoded);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int rounds = 500;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < rounds; round++) {
            codec.encode(tensors, Map.of());
        }
        long encoded = threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < rounds; round++) {
            codec.decode(payload, decoded);
        }
        long after = threads.getCurrentThreadAllocatedBytes();
        assertThat((encoded - before) / rounds).isLessThan(payload.remaining() + 4096);
        assertThat((after - encoded) / rounds).isLessThan(4096);
    }
}
