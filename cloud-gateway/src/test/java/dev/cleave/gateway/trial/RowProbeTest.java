package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowProbeTest {
    private static final long OPEN = Shape.DYNAMIC;

    private final List<Shape> seen = new ArrayList<>();
    /** A process that has grown by 1000 bytes once something ran. */
    private final MemoryWatch watch = new MemoryWatch() {
        private int before;

        @Override
        public void begin() {
            before = seen.size();
        }

        @Override
        public long grown() {
            return seen.size() == before ? 0 : 1000;
        }
    };

    private interface Run {
        Tensor of(Tensor x) throws EngineException;
    }

    /** A session of one input and one output. */
    private Session session(TensorSpec input, TensorSpec output, Run run) {
        return new Session() {
            @Override
            public List<TensorSpec> inputs() {
                return List.of(input);
            }

            @Override
            public List<TensorSpec> outputs() {
                return List.of(output);
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
            public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long limitNanos)
                    throws EngineException {
                Tensor x = inputs.get(input.name());
                seen.add(x.shape());
                return Map.of(output.name(), run.of(x));
            }

            @Override
            public void close() {}
        };
    }

    private static TensorSpec floats(String name, long... dims) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(dims));
    }

    private TrialReport probe(TensorSpec input, TensorSpec output, Run run) throws RunTimeoutException {
        return new RowProbe(session(input, output, run), 0, TrialJob.SEED, watch).report();
    }

    /** Each element doubled, and something of the other rows added. */
    private static Tensor doubled(Tensor x, float ofOthers) {
        Tensor y = Tensor.allocate(x.type(), x.shape());
        float sum = 0;
        for (int i = 0; i < x.elements(); i++) {
            sum += x.data().getFloat(4 * i);
        }
        for (int i = 0; i < x.elements(); i++) {
            float own = x.data().getFloat(4 * i);
            y.data().putFloat(4 * i, 2 * own + ofOthers * (x.shape().dim(0) == 1 ? 0 : sum));
        }
        return y;
    }

    @Test
    void rowsThatComeOutTheSameTogetherAndAloneAreJoined() throws Exception {
        TrialReport report = probe(floats("x", OPEN, 4), floats("y", OPEN, 4), x -> doubled(x, 0));
        assertThat(report.isBatched()).isTrue();
        assertThat(report.inputs()).containsExactly(floats("x", Shape.BATCH, 4));
        assertThat(report.outputs()).containsExactly(floats("y", Shape.BATCH, 4));
        assertThat(seen).containsExactly(Shape.of(1, 4), Shape.of(1, 4), Shape.of(1, 4), Shape.of(3, 4));
        assertThat(report.memory()).isEqualTo(new RunMemory(3, 3 * 4 * 4, 1000));
    }

    @Test
    void aDifferenceWithinRoundingIsNone() throws Exception {
        assertThat(probe(floats("x", OPEN, 4), floats("y", OPEN, 4), x -> doubled(x, 1e-6f))
                        .isBatched())
                .isTrue();
    }

    @Test
    void rowsThatMixAreNotJoined() throws Exception {
        TrialReport report = probe(floats("x", OPEN, 4), floats("y", OPEN, 4), x -> doubled(x, 0.01f));
        assertThat(report.notBatched())
                .contains("output \"y\" of a row differs by")
                .contains("when other rows run with it");
        assertThat(report.memory().isKnown()).isFalse();
        assertThat(report.inputs()).containsExactly(floats("x", OPEN, 4));
        assertThat(report.outputs()).containsExactly(floats("y", OPEN, 4));
    }

    @Test
    void aFixedFirstDimensionIsNotJoinedAndStillRun() throws Exception {
        TrialReport report = probe(floats("x", 1, 4), floats("y", 1, 4), x -> doubled(x, 0));
        assertThat(report.notBatched()).isEqualTo("input \"x\" has shape [1,4]; joining takes an open first dimension");
        assertThat(seen).containsExactly(Shape.of(1, 4));
    }

    @Test
    void anOutputWithoutRowsIsNotJoined() throws Exception {
        TrialReport report = probe(
                floats("x", OPEN, 4),
                floats("sum", 1),
                x -> Tensor.ofFloats(Shape.of(1), x.data().getFloat(0)));
        assertThat(report.notBatched()).isEqualTo("output \"sum\" has shape [1] for one row and [1] for 3");
    }

    @Test
    void aRunThatFailsAtSeveralRowsIsNotJoined() throws Exception {
        TrialReport report = probe(floats("x", OPEN, 4), floats("y", 1, 4), x -> {
            if (x.shape().dim(0) != 1) {
                throw new EngineException("cannot reshape");
            }
            return doubled(x, 0);
        });
        assertThat(report.notBatched()).isEqualTo("a run of 3 rows fails (cannot reshape)");
        assertThat(report.outputs()).containsExactly(floats("y", 1, 4));
    }

    /** What was made up may be no legal input at all. */
    @Test
    void aModelThatFailsOnWhatWasMadeUpIsServedUnjoined() throws Exception {
        TrialReport report = probe(floats("x", OPEN, OPEN), floats("y", OPEN, OPEN), x -> {
            throw new EngineException("index 1 is out of range");
        });
        assertThat(report.notBatched()).isEqualTo("no run on made-up inputs succeeded (index 1 is out of range)");
        assertThat(report.outputs()).containsExactly(floats("y", OPEN, OPEN));
    }

    @Test
    void openDimensionsAreTriedUntilOneRuns() throws Exception {
        TrialReport report = probe(floats("x", OPEN, OPEN), floats("y", OPEN, OPEN), x -> {
            if (x.shape().dim(1) < 32) {
                throw new EngineException("kernel is larger than the picture");
            }
            return doubled(x, 0);
        });
        assertThat(report.isBatched()).isTrue();
        assertThat(report.inputs()).containsExactly(floats("x", Shape.BATCH, OPEN));
        assertThat(seen).contains(Shape.of(1, 16), Shape.of(3, 64)).doesNotContain(Shape.of(1, 224));
    }

    @Test
    void emptyOutputsProveNothing() throws Exception {
        TrialReport report =
                probe(floats("x", OPEN, 4), floats("boxes", OPEN, 4), x -> Tensor.allocate(x.type(), Shape.of(0, 4)));
        assertThat(report.notBatched())
                .contains("output \"boxes\" has shape [0,4]; it proves nothing when it is empty");
    }

    @Test
    void anOutputIsDeclaredAsItCameOutWhereTheGraphKnowsLess() throws Exception {
        TrialReport report = probe(floats("x", 1, 4), floats("y"), x -> Tensor.ofFloats(Shape.of(2, 1), 1, 2));
        assertThat(report.outputs()).containsExactly(floats("y", OPEN, OPEN));
        report = probe(floats("x", 1, 4), floats("y", 3, 1), x -> Tensor.ofFloats(Shape.of(2, 1), 1, 2));
        assertThat(report.outputs()).containsExactly(floats("y", OPEN, 1));
    }

    @Test
    void integersHaveToBeEqual() throws Exception {
        TensorSpec x = new TensorSpec("ids", ElementType.INT64, Shape.of(OPEN, 4));
        TensorSpec y = new TensorSpec("y", ElementType.INT64, Shape.of(OPEN, 4));
        assertThat(probe(x, y, in -> in).isBatched()).isTrue();
        TrialReport report = probe(x, y, in -> {
            Tensor out = Tensor.allocate(in.type(), in.shape());
            out.data().putLong(0, in.shape().dim(0));
            return out;
        });
        assertThat(report.notBatched()).contains("output \"y\" of a row differs");
    }

    @Test
    void aRunOutOfTimeIsNoAnswer() {
        assertThatThrownBy(() -> probe(floats("x", OPEN), floats("y", OPEN), x -> {
                    throw new RunTimeoutException("too long");
                }))
                .isInstanceOf(RunTimeoutException.class);
    }

    @Test
    void aMaskIsAllOnesAndTheSameSeedGivesTheSame() {
        List<TensorSpec> inputs = List.of(
                new TensorSpec("attention_mask", ElementType.INT64, Shape.of(OPEN, OPEN)), floats("x", OPEN, 8));
        Map<String, Tensor> row = new MadeUpInputs(7).row(inputs, 3);
        assertThat(row.get("attention_mask").shape()).isEqualTo(Shape.of(1, 3));
        for (int i = 0; i < 3; i++) {
            assertThat(row.get("attention_mask").data().getLong(8 * i)).isEqualTo(1);
        }
        assertThat(new MadeUpInputs(7).row(inputs, 3).get("x").data())
                .isEqualTo(row.get("x").data());
        assertThat(new MadeUpInputs(8).row(inputs, 3).get("x").data())
                .isNotEqualTo(row.get("x").data());
    }
}
