package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaddedTailsTest {
    private final AtomicLong clock = new AtomicLong();
    private final Stairs stairs = new Stairs();
    private final PaddedTails tails = new PaddedTails(stairs, clock::get);

    /** Takes 100 for 4 rows, and 300 for any other number. */
    private final class Stairs implements LoadedTails {
        private boolean broken;
        private boolean closed;

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos)
                throws EngineException {
            long rows = boundary.get("x").shape().dim(0);
            clock.addAndGet(broken ? 1 : rows == 4 ? 100 : 300);
            if (broken) {
                throw new EngineException("broken");
            }
            return boundary;
        }

        @Override
        public String precision() {
            return "fp16";
        }

        @Override
        public String provider() {
            return "cuda";
        }

        @Override
        public List<String> refusedProviders() {
            return List.of("tensorrt: none");
        }

        @Override
        public List<Integer> warmUpPoints() {
            return List.of(2, 3);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static Map<String, Tensor> rows(int rows) {
        return Map.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(rows, 2)));
    }

    private void run(int point, int rows) throws EngineException {
        for (int i = 0; i < 5; i++) {
            tails.run(point, rows(rows), 9);
        }
    }

    @Test
    void learnsFromItsOwnRunsForEachPointApart() throws Exception {
        run(2, 3);
        run(2, 4);
        run(3, 3);
        assertThat(tails.rowsToRun(2, 3)).isEqualTo(4);
        assertThat(tails.rowsToRun(3, 3)).isEqualTo(3);
    }

    @Test
    void learnsNothingFromRunsThatFail() throws Exception {
        run(2, 3);
        stairs.broken = true;
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> tails.run(2, rows(8), 9)).hasMessage("broken");
        }
        assertThat(tails.rowsToRun(2, 3)).isEqualTo(3);
    }

    @Test
    void isOtherwiseWhatItIsMadeOf() throws Exception {
        Map<String, Tensor> boundary = rows(3);
        assertThat(tails.run(2, boundary, 9, (point, crossing) -> rows(5))).isSameAs(boundary);
        assertThat(tails.run(2, Map.of("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(4))), 9))
                .hasSize(1);
        assertThat(tails.precision()).isEqualTo("fp16");
        assertThat(tails.provider()).isEqualTo("cuda");
        assertThat(tails.refusedProviders()).containsExactly("tensorrt: none");
        assertThat(tails.warmUpPoints()).containsExactly(2, 3);
        tails.close();
        assertThat(stairs.closed).isTrue();
    }
}
