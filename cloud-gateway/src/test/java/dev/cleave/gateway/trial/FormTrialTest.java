package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tails whose runs take what the test says, by the test's clock. The model serves points 0, 1 and 2; what crosses point 2 is more than its frames hold. */
class FormTrialTest {
    private static final long MILLI = 1_000_000;

    private Contract contract = TestModel.named("m").contract();
    private final List<String> runs = new ArrayList<>();
    private long now;
    private long open;
    private long runNanos = 4 * MILLI;
    private long rowNanos = MILLI;
    private long borderNanos;
    private long sessionNanos;
    private long slowFrom;
    private long slowUntil;
    private int width = 4;

    private void take(long nanos) {
        now += nanos * (now >= slowFrom && now < slowUntil ? 5 : 1);
    }

    /** Segments of a fixed time and another for each row; a border costs on top. */
    private void chain(int point, Map<String, Tensor> row, SegmentChain.Watch watch) throws EngineException {
        StringBuilder rows = new StringBuilder("chain from " + point + ":");
        Map<String, Tensor> crossing = row;
        for (int segment = point; segment < contract.local(); segment++) {
            if (segment > point) {
                take(borderNanos);
                crossing = watch.atBorder(
                        segment,
                        segment == 1
                                ? Map.of("a", rows(crossing))
                                : Map.of("b", rows(crossing), "early", rows(crossing)));
            }
            long count = rows(crossing).shape().dim(0);
            if (rows(crossing).elements() / count != width) {
                throw new EngineException("no such size");
            }
            rows.append(' ').append(count);
            take(runNanos + count * rowNanos);
        }
        runs.add(rows.toString());
    }

    private static Tensor rows(Map<String, Tensor> crossing) {
        return crossing.values().iterator().next();
    }

    private final class PointSession implements Session {
        private final int point;

        PointSession(int point) {
            this.point = point;
            open++;
        }

        @Override
        public List<TensorSpec> inputs() {
            return contract.points().get(point).specs();
        }

        @Override
        public List<TensorSpec> outputs() {
            return contract.outputs();
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
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos) {
            assertThat(rows(inputs).shape()).isEqualTo(Shape.of(1, width));
            take(sessionNanos == 0 ? (contract.local() - point) * (runNanos + rowNanos) : sessionNanos);
            return Map.of();
        }

        @Override
        public void close() {
            open--;
        }
    }

    private FormReport report(Contract tried, int first) throws Exception {
        return new FormTrial(tried, first, this::chain, PointSession::new, () -> now).report();
    }

    @Test
    void aChainServesWhereSharingSavesMoreThanBordersCost() throws Exception {
        FormReport report = report(contract, 0);
        assertThat(report.chain()).isTrue();
        // 4+1 for the first segment, 4+2 for each of the others, and 4+1 for point 2, which cannot join; 15, 10 and 5
        // alone.
        assertThat(report.why())
                .isEqualTo("a request at each of 3 points takes 22.00 ms in one run, 30.00 ms in a session for each");
        assertThat(open).isZero();
    }

    @Test
    void whoCannotJoinRunsApart() throws Exception {
        report(contract, 0);
        assertThat(runs.subList(0, 3)).containsExactly("chain from 0: 1 1 1", "chain from 0: 1 2 2", "chain from 2: 1");
    }

    @Test
    void sessionsServeWhereTheyAreClearlyFaster() throws Exception {
        sessionNanos = 6 * MILLI;
        assertThat(report(contract, 0).chain()).isFalse();
        sessionNanos = 7 * MILLI;
        assertThat(report(contract, 0).chain())
                .as("21 ms against 22 are not worth three copies of the weights")
                .isTrue();
        assertThat(open).isZero();
    }

    /** While the first session is compared, which then takes 30 ms, everything takes five times as long. */
    @Test
    void aSlowMomentIsInBoth() throws Exception {
        sessionNanos = 6 * MILLI;
        slowFrom = 320 * MILLI;
        slowUntil = 620 * MILLI;
        assertThat(report(contract, 0))
                .isEqualTo(new FormReport(
                        false,
                        "a request at each of 3 points takes 22.00 ms in one run, 18.00 ms in a session for each"));
    }

    @Test
    void dearBordersSpeakForSessions() throws Exception {
        borderNanos = 6 * MILLI;
        assertThat(report(contract, 0).chain()).isFalse();
    }

    @Test
    void shortRunsAreNotCompared() throws Exception {
        runNanos = 10_000;
        rowNanos = 1000;
        assertThat(report(contract, 0)).isEqualTo(FormReport.notCompared("a run of all points takes less than 0.1 ms"));
    }

    @Test
    void aLargeModelIsToldApartByFewerRuns() throws Exception {
        runNanos = 2000 * MILLI;
        report(contract, 1);
        assertThat(runs)
                .as(
                        "one that makes the rows; one to warm up, and one beside each session, of two each: point 2 runs apart")
                .hasSize(1 + 2 * 3);
    }

    /** Of 16, 64, 224 and 1, which are tried in turn, the chain takes 224. */
    @Test
    void openSizesAreTriedUntilOneRuns() throws Exception {
        width = 224;
        TensorSpec input = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, Shape.DYNAMIC));
        contract = withInput(contract, input);
        assertThat(report(contract, 0).why()).startsWith("a request at each of 3 points takes");
        width = 3;
        assertThat(report(contract, 0))
                .isEqualTo(FormReport.notCompared("no run on made-up inputs succeeded (no such size)"));
    }

    private static Contract withInput(Contract of, TensorSpec input) {
        List<LadderPoint> points = new ArrayList<>(of.points());
        LadderPoint first = points.get(0);
        points.set(
                0,
                new LadderPoint(
                        first.index(), List.of(new BoundaryTensor(input, null)), first.earlyOutputs(), first.levels()));
        return new Contract(
                of.modelName(),
                of.modelVersion(),
                of.sourceDigest(),
                of.precision(),
                of.edgePrecision(),
                List.of(input),
                of.outputs(),
                of.replies(),
                of.labels(),
                of.preprocessing(),
                of.maxBatch(),
                of.batchReason(),
                points,
                of.state(),
                of.privacyFloor(),
                of.files(),
                of.weightPrefixes());
    }

    @Test
    void aSessionThatCannotBeLoadedIsNotHidden() {
        FormTrial trial = new FormTrial(
                contract,
                0,
                this::chain,
                point -> {
                    throw new EngineException("no such kernel");
                },
                () -> now);
        assertThatThrownBy(trial::report).isInstanceOf(EngineException.class).hasMessage("no such kernel");
    }
}
