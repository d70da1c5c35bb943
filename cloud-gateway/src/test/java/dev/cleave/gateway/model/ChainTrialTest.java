package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Contract;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tails whose runs take what the test says, by the test's clock. The model serves points 0, 1 and 2; what crosses point 2 is more than its frames hold. */
class ChainTrialTest {
    private static final long MILLI = 1_000_000;
    private static final int WIDTH = 4;

    private final Contract contract = TestModel.named("m").contract();
    private final List<String> runs = new ArrayList<>();
    private long now;
    private long open;
    private long runNanos = 4 * MILLI;
    private long rowNanos = MILLI;
    private long borderNanos;
    private long sessionNanos;

    /** Segments of a fixed time and another for each row; a border costs on top. */
    private final class Chain implements Tail {
        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos)
                throws EngineException {
            return run(point, boundary, limitNanos, (there, crossing) -> crossing);
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Border border) {
            StringBuilder rows = new StringBuilder("chain from " + point + ":");
            Map<String, Tensor> crossing = boundary;
            for (int segment = point; segment < contract.local(); segment++) {
                if (segment > point) {
                    now += borderNanos;
                    crossing = border.at(
                            segment,
                            segment == 1
                                    ? Map.of("a", rows(crossing))
                                    : Map.of("b", rows(crossing), "early", rows(crossing)));
                }
                long count = rows(crossing).shape().dim(0);
                rows.append(' ').append(count);
                now += runNanos + count * rowNanos;
            }
            runs.add(rows.toString());
            return Map.of();
        }

        private Tensor rows(Map<String, Tensor> crossing) {
            return crossing.values().iterator().next();
        }
    }

    private final class Session implements LoadedTails {
        private final int from;

        Session(int from) {
            this.from = from;
            open++;
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) {
            assertThat(point).isEqualTo(from);
            assertThat(boundary.values().iterator().next().shape()).isEqualTo(Shape.of(1, WIDTH));
            now += sessionNanos == 0 ? (contract.local() - point) * (runNanos + rowNanos) : sessionNanos;
            return Map.of();
        }

        @Override
        public String precision() {
            return "fp32";
        }

        @Override
        public String provider() {
            return "cpu";
        }

        @Override
        public List<String> refusedProviders() {
            return List.of();
        }

        @Override
        public List<Integer> warmUpPoints() {
            return List.of(from);
        }

        @Override
        public void close() {
            open--;
        }
    }

    private ChainTrial.Verdict verdict(Contract tried, int first) throws Exception {
        ChainTrial trial = new ChainTrial(tried, first, MILLI, 1 << 20, () -> now);
        return trial.of(new Chain(), Session::new);
    }

    @Test
    void aChainServesWhereSharingSavesMoreThanBordersCost() throws Exception {
        ChainTrial.Verdict verdict = verdict(contract, 0);
        assertThat(verdict.chain()).isTrue();
        // 4+1 for the first segment, 4+2 for each of the others, and 4+1 for point 2, which cannot join; 15, 10 and 5
        // alone.
        assertThat(verdict.why())
                .isEqualTo("a request at each of 3 points takes 22.00 ms in one run, 30.00 ms in a session for each");
        assertThat(open).isZero();
    }

    @Test
    void whoCannotJoinRunsApart() throws Exception {
        verdict(contract, 0);
        assertThat(runs.subList(0, 2)).containsExactly("chain from 0: 1 2 2", "chain from 2: 1");
    }

    @Test
    void sessionsServeWhereTheyAreClearlyFaster() throws Exception {
        sessionNanos = 6 * MILLI;
        assertThat(verdict(contract, 0).chain()).isFalse();
        sessionNanos = 7 * MILLI;
        assertThat(verdict(contract, 0).chain())
                .as("21 ms against 22 are not worth three copies of the weights")
                .isTrue();
        assertThat(open).isZero();
    }

    @Test
    void dearBordersSpeakForSessions() throws Exception {
        borderNanos = 6 * MILLI;
        assertThat(verdict(contract, 0).chain()).isFalse();
    }

    @Test
    void shortRunsAreNotCompared() throws Exception {
        runNanos = 10_000;
        rowNanos = 1000;
        assertThat(verdict(contract, 0))
                .isEqualTo(new ChainTrial.Verdict(true, "a run of all points takes less than 0.1 ms"));
    }

    @Test
    void aLargeModelIsToldApartByFewerRuns() throws Exception {
        runNanos = 2000 * MILLI;
        verdict(contract, 1);
        assertThat(runs)
                .as("one to warm up, one to look, one beside each session")
                .hasSize(2 * 4);
    }

    @Test
    void onePointAndRowsThatDoNotJoinAreLeftAsTheyAre() throws Exception {
        assertThat(verdict(contract, 2).why()).isEqualTo("one point is served");
        assertThat(verdict(TestModel.named("m").unbatched().contract(), 0).why())
                .isEqualTo("requests are not joined");
        assertThat(runs).isEmpty();
    }

    @Test
    void shapesThatClaimTooMuchAreNotTried() throws Exception {
        assertThat(verdict(TestModel.named("m").withWidth(1 << 20).contract(), 0)
                        .why())
                .isEqualTo("point 0 has no row of fixed size within maxBatchBytes to try it with");
        assertThat(runs).isEmpty();
    }

    @Test
    void aRunThatFailsLeavesTheChain() throws Exception {
        ChainTrial trial = new ChainTrial(contract, 0, MILLI, 1 << 20, () -> now);
        ChainTrial.Verdict verdict = trial.of(new Chain(), point -> {
            throw new EngineException("no such kernel");
        });
        assertThat(verdict).isEqualTo(new ChainTrial.Verdict(true, "not compared: no such kernel"));
    }

    @Test
    void zerosAreOfTheTypeThatCrosses() {
        ZeroInputs zeros = ZeroInputs.of(contract, contract.points().get(1));
        assertThat(zeros.open()).isNull();
        assertThat(zeros.bytes(3)).isEqualTo(3 * WIDTH * 4);
        assertThat(zeros.rows(3).get("a").type()).isEqualTo(ElementType.FLOAT32);
        assertThat(zeros.rows(3).get("a").shape()).isEqualTo(Shape.of(3, WIDTH));
    }
}
