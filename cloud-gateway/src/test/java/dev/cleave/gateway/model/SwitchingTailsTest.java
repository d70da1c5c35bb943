package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SwitchingTailsTest {
    private final Stub first = new Stub("cuda");
    private final Stub second = new Stub("tensorrt");
    private final SwitchingTails tails = new SwitchingTails(set(first));

    private static TailSet set(Stub... byDevice) {
        return new TailSet(List.of(byDevice), List.of(), List.of());
    }

    /** Tails that count their runs and closings, and do something in the midst of a run. */
    private static final class Stub implements LoadedTails {
        private final String provider;
        private Runnable during = () -> {};
        private int runs;
        private int closings;

        Stub(String provider) {
            this.provider = provider;
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos)
                throws EngineException {
            runs++;
            during.run();
            assertThat(closings).as("closed under a run").isZero();
            if (point == 99) {
                throw new EngineException("no point 99");
            }
            return boundary;
        }

        @Override
        public String precision() {
            return "fp32";
        }

        @Override
        public String provider() {
            return provider;
        }

        @Override
        public List<String> refusedProviders() {
            return List.of();
        }

        @Override
        public List<Integer> warmUpPoints() {
            return List.of(0);
        }

        @Override
        public void close() {
            closings++;
        }
    }

    private void run() throws EngineException {
        tails.tail(0).run(0, Map.of(), 1);
    }

    @Test
    void theNextRunTakesTheNextSet() throws Exception {
        run();
        assertThat(tails.switchTo(set(second))).isTrue();
        run();
        assertThat(first.runs).isEqualTo(1);
        assertThat(second.runs).isEqualTo(1);
        assertThat(first.closings).isEqualTo(1);
        assertThat(second.closings).isZero();
        assertThat(tails.current().provider()).isEqualTo("tensorrt");
    }

    @Test
    void theLastRunToLeaveClosesWhatWasReplaced() throws Exception {
        first.during = () -> {
            first.during = () -> {
                tails.switchTo(set(second));
                assertThat(first.closings).isZero();
            };
            try {
                run();
            } catch (EngineException e) {
                throw new AssertionError(e);
            }
            assertThat(first.closings).as("one run is still inside").isZero();
        };
        run();
        assertThat(first.runs).isEqualTo(2);
        assertThat(first.closings).isEqualTo(1);
    }

    @Test
    void aRunThatFailsLeaves() {
        assertThatThrownBy(() -> tails.tail(0).run(99, Map.of(), 1, (point, crossing) -> crossing))
                .hasMessage("no point 99");
        tails.switchTo(set(second));
        assertThat(first.closings).isEqualTo(1);
    }

    @Test
    void whatIsClosedTakesNoSetAndNoRun() throws Exception {
        first.during = tails::close;
        run();
        assertThat(first.closings).isEqualTo(1);
        assertThat(tails.switchTo(set(second))).isFalse();
        assertThat(second.closings).as("is still the caller's").isZero();
        assertThatThrownBy(this::run).isInstanceOf(EngineException.class).hasMessageContaining("unloaded");
        tails.close();
        assertThat(first.closings).isEqualTo(1);
    }

    @Test
    void workersAreSpreadOverTheDevicesOfWhateverSetIsInUse() throws Exception {
        Stub a = new Stub("tensorrt");
        Stub b = new Stub("tensorrt");
        tails.switchTo(set(a, b));
        for (int worker = 0; worker < 4; worker++) {
            tails.tail(worker).run(0, Map.of(), 1);
        }
        assertThat(a.runs).isEqualTo(2);
        assertThat(b.runs).isEqualTo(2);
        tails.close();
        assertThat(a.closings + b.closings).isEqualTo(2);
    }
}
