package dev.cleave.engine.tflite.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.SmallNetworks;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Counted by what JavaCPP frees: every native object that this engine makes is one of its pointers. */
class NativeMemoryTest {
    private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);
    private static final int RUNS = 10_000;
    private static final int LOADS = 1_000;

    @Test
    void manyRunsOfChangingSizesLeaveNothingBehind() throws Exception {
        try (Engine engine = new TfLiteJvmProvider().create();
                Session session = engine.load(new GraphSource("runs", SmallNetworks.floats()), ONE_THREAD)) {
            session.run(input(1));
            long count = Pointer.totalCount();
            long bytes = Pointer.totalBytes();
            for (int run = 0; run < RUNS; run++) {
                session.run(input(run % 100 == 0 ? 2 : 1));
            }
            assertThat(Pointer.totalCount()).isEqualTo(count);
            assertThat(Pointer.totalBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void manyLoadsLeaveNothingBehind() throws Exception {
        try (Engine engine = new TfLiteJvmProvider().create()) {
            long count = Pointer.totalCount();
            long bytes = Pointer.totalBytes();
            for (int load = 0; load < LOADS; load++) {
                try (Session session = engine.load(new GraphSource("loads", SmallNetworks.floats()), ONE_THREAD)) {
                    session.run(input(1));
                }
            }
            assertThat(Pointer.totalCount()).isEqualTo(count);
            assertThat(Pointer.totalBytes()).isEqualTo(bytes);
        }
    }

    private static Map<String, Tensor> input(int rows) {
        return Map.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(rows, 6, 6, 2)));
    }
}
