package dev.cleave.gateway.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.batch.CloseReason;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A chain of segments that runs come by with others waiting at its points. */
class MixedCutsTest {
    private static final long LIMIT = 1_000_000;
    private static final int WIDTH = 4;

    private final TestModel model = TestModel.named("m");
    private final TestTasks tasks = new TestTasks();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final AtomicLong clock = new AtomicLong(100);
    /** Point and rows of each segment that ran. */
    private final List<String> segments = new ArrayList<>();

    private final Map<Integer, List<InferenceTask>> waiting = new HashMap<>();
    private final List<BatchKey> asked = new ArrayList<>();
    private int failAtRows;

    @AfterEach
    void close() {
        metrics.close();
    }

    /** The model's three segments, one after another. */
    private final class Chain implements Tail {
        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos)
                throws EngineException {
            return run(point, boundary, limitNanos, (at, crossing) -> crossing);
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Border border)
                throws EngineException {
            Map<String, Tensor> crossing = boundary;
            if (point == 0) {
                crossing = border.at(1, Map.of("a", made(0, crossing.get("x"), x -> 2 * x + 1)));
            }
            if (point <= 1) {
                Tensor a = crossing.get("a");
                crossing = border.at(2, Map.of("b", made(1, a, x -> 3 * x), "early", made(1, a, x -> x - 1)));
            }
            Map<String, Tensor> outputs = new HashMap<>(crossing);
            outputs.put("y", made(2, crossing.get("b"), x -> x + 5));
            return outputs;
        }

        private Tensor made(int segment, Tensor from, DoubleUnaryOperator rule) throws EngineException {
            int rows = (int) from.shape().dim(0);
            segments.add(segment + ":" + rows);
            clock.addAndGet(1_000);
            if (segment == 2 && rows == failAtRows) {
                throw new EngineException("too many rows");
            }
            Tensor made = Tensor.allocate(ElementType.FLOAT32, Shape.of(rows, WIDTH));
            for (int i = 0; i < from.elements(); i++) {
                made.data()
                        .putFloat(4 * i, (float) rule.applyAsDouble(from.data().getFloat(4 * i)));
            }
            return made;
        }
    }

    private List<InferenceTask> join(Batch<InferenceTask> run, BatchKey key, int rowsThere) {
        asked.add(key);
        List<InferenceTask> joining = waiting.remove(key.point());
        return joining == null ? List.of() : joining;
    }

    private long run(int point, InferenceTask... members) {
        Map<Integer, PointCodec> codecs = new HashMap<>();
        for (int at = 0; at < 3; at++) {
            codecs.put(at, new PointCodec(model.contract(), at, null));
        }
        BatchExecutor executor =
                new BatchExecutor(codecs, new Chain(), LIMIT, metrics.model("m", "1"), clock::get, this::join);
        int rows = List.of(members).stream().mapToInt(InferenceTask::rows).sum();
        return executor.run(new Batch<>(TestTasks.key(point), List.of(members), rows, CloseReason.IDLE));
    }

    private InferenceTask task(long id, int point, float... x) {
        return task(id, point, x.length, model.payload(point, x));
    }

    private InferenceTask task(long id, int point, int rows, ByteBuffer payload) {
        return tasks.task(id, TestTasks.key(point), TestModel.RAW, Entropy.NONE, rows, BatchTask.NO_DEADLINE, payload);
    }

    private void assertAnswered(long id, int point, float... x) throws Exception {
        Outcome outcome = tasks.of(id);
        assertThat(outcome.refusal()).isNull();
        float[] values = model.decode(point, x.length, outcome.payload());
        for (int row = 0; row < x.length; row++) {
            assertThat(values[row * WIDTH]).isEqualTo(TestModel.y(x[row]));
            assertThat(values[row * WIDTH + WIDTH - 1]).isEqualTo(TestModel.y(x[row]));
        }
    }

    @Test
    void requestsJoinAtTheirPointAndAllGetTheirOwnRows() throws Exception {
        waiting.put(1, List.of(task(3, 1, 30, 31), task(4, 1, 40)));
        assertThat(run(0, task(1, 0, 10), task(2, 0, 20, 21)))
                .as("its time says nothing of batches that begin there")
                .isZero();
        assertThat(segments).containsExactly("0:3", "1:6", "1:6", "2:6");
        assertAnswered(1, 0, 10);
        assertAnswered(2, 0, 20, 21);
        assertAnswered(3, 1, 30, 31);
        assertAnswered(4, 1, 40);
        assertThat(metrics.scrape())
                .contains("cleave_joined_requests_total{model=\"m\",point=\"1\",version=\"1\"} 2.0");
    }

    @Test
    void aJoinersTimesBeginWhereItJoins() throws Exception {
        waiting.put(1, List.of(task(3, 1, 30)));
        run(0, task(1, 0, 10));
        assertThat(tasks.of(1).timing()).isEqualTo(new Timing(100, 0, 4_000, 0, 2, 2, "idle"));
        assertThat(tasks.of(3).timing()).isEqualTo(new Timing(1_100, 0, 3_000, 0, 2, 2, "idle"));
    }

    @Test
    void nobodyJoinsWhereAnOutputOfAnEarlierSegmentCrosses() throws Exception {
        waiting.put(2, List.of(task(3, 2, 30)));
        run(1, task(1, 1, 10));
        assertThat(asked).isEmpty();
        assertThat(tasks.isOpen(3)).isTrue();
        assertAnswered(1, 1, 10);
    }

    @Test
    void aBrokenJoinerIsRefusedAlone() throws Exception {
        waiting.put(1, List.of(task(3, 1, 1, ByteBuffer.wrap(new byte[] {1, 2, 3})), task(4, 1, 40)));
        run(0, task(1, 0, 10));
        assertThat(segments).containsExactly("0:1", "1:2", "1:2", "2:2");
        assertThat(tasks.of(3).refusal().code()).isEqualTo(Error.Code.MALFORMED_FRAME);
        assertAnswered(1, 0, 10);
        assertAnswered(4, 1, 40);
    }

    @Test
    void aJoinerThatIsCancelledMeanwhileDoesNotRun() throws Exception {
        InferenceTask given = task(3, 1, 30);
        given.complete(Outcome.refused(new Refusal(Error.Code.CANCELLED, "given up"), Timing.queued(0)));
        waiting.put(1, List.of(given));
        run(0, task(1, 0, 10));
        assertThat(segments).containsExactly("0:1", "1:1", "1:1", "2:1");
        assertAnswered(1, 0, 10);
    }

    @Test
    void whereTheRunFailsEachRunsAloneFromItsOwnPoint() throws Exception {
        failAtRows = 3;
        waiting.put(1, List.of(task(3, 1, 30)));
        run(0, task(1, 0, 10), task(2, 0, 20));
        assertThat(segments)
                .containsExactly(
                        "0:2", "1:3", "1:3", "2:3", // together
                        "0:1", "1:1", "1:1", "2:1", "0:1", "1:1", "1:1", "2:1", "1:1", "1:1", "2:1");
        assertAnswered(1, 0, 10);
        assertAnswered(2, 0, 20);
        assertAnswered(3, 1, 30);
    }
}
