package dev.cleave.gateway.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.ReplyCodec;
import dev.cleave.codec.CodecParams;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class BatchExecutorTest {
    private static final long LIMIT = 8_000;
    private TestModel model = TestModel.named("m");
    private final TestTasks tasks = new TestTasks();
    private final AtomicLong clock = new AtomicLong(100);
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final List<Long> limits = new ArrayList<>();
    private final List<Integer> ranRows = new ArrayList<>();
    private Tail tail = this::compute;
    /** What a run of fewer rows is padded to. */
    private int padTo;

    private int replyBytes;

    /** From point 1: y = 3a + 5, early = a - 1. */
    private Map<String, Tensor> compute(int point, Map<String, Tensor> boundary, long limitNanos) {
        limits.add(limitNanos);
        Tensor a = boundary.get("a");
        ranRows.add((int) a.shape().dim(0));
        Tensor y = Tensor.allocate(ElementType.FLOAT32, a.shape());
        Tensor early = Tensor.allocate(ElementType.FLOAT32, a.shape());
        for (int i = 0; i < a.elements(); i++) {
            y.data().putFloat(4 * i, 3 * a.data().getFloat(4 * i) + 5);
            early.data().putFloat(4 * i, a.data().getFloat(4 * i) - 1);
        }
        clock.addAndGet(1_000);
        return Map.of("y", y, "early", early);
    }

    private long run(InferenceTask... members) {
        return run(TestTasks.key(1), members);
    }

    private long run(BatchKey key, InferenceTask... members) {
        return executor().run(batch(key, members));
    }

    private static Batch<InferenceTask> batch(BatchKey key, InferenceTask... members) {
        int rows = List.of(members).stream().mapToInt(InferenceTask::rows).sum();
        return new Batch<>(key, List.of(members), rows, CloseReason.IDLE);
    }

    private BatchExecutor executor() {
        return executor(clock::get);
    }

    private BatchExecutor executor(LongSupplier time) {
        return new BatchExecutor(
                Map.of(1, new PointCodec(model.contract(), 1, null)),
                padding(),
                LIMIT,
                metrics.model("m", "1"),
                time,
                BatchExecutor.Joining.NONE);
    }

    private Tail padding() {
        return new Tail() {
            @Override
            public int rowsToRun(int point, int rows) {
                return Math.max(rows, padTo);
            }

            @Override
            public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limit) throws EngineException {
                return tail.run(point, boundary, limit);
            }
        };
    }

    private InferenceTask task(long id, float... x) {
        return tasks.task(id, 1, x.length, model.payload(1, x));
    }

    private void assertAnswered(long id, float... x) throws Exception {
        Outcome outcome = tasks.of(id);
        assertThat(outcome.refusal()).isNull();
        float[] values = model.decode(1, x.length, outcome.payload());
        for (int row = 0; row < x.length; row++) {
            assertThat(values[row * 4]).isEqualTo(TestModel.y(x[row]));
            assertThat(values[row * 4 + 3]).isEqualTo(TestModel.y(x[row]));
        }
    }

    private void assertRefused(long id, Error.Code code, String message) {
        assertThat(tasks.of(id).refusal().code()).isEqualTo(code);
        assertThat(tasks.of(id).refusal().message()).contains(message);
    }

    @Test
    void givesEachRequestItsOwnRows() throws Exception {
        long nanos = run(task(1, 10), task(2, 20, 21), task(3, 30));
        assertThat(ranRows).containsExactly(4);
        assertThat(nanos).isEqualTo(1_000);
        assertAnswered(1, 10);
        assertAnswered(2, 20, 21);
        assertAnswered(3, 30);
        assertThat(tasks.of(2).timing()).isEqualTo(new Timing(100, 0, 1_000, 0, 4, 3, "idle"));
    }

    @Test
    void refusesABrokenFrameAloneAndClosesTheGap() throws Exception {
        ByteBuffer broken = ByteBuffer.wrap(new byte[] {1, 2, 3});
        run(task(1, 10), tasks.task(2, 1, 2, broken), task(3, 30));
        assertThat(ranRows).containsExactly(2);
        assertAnswered(1, 10);
        assertThat(tasks.of(2).refusal().code()).isEqualTo(Error.Code.MALFORMED_FRAME);
        assertAnswered(3, 30);
    }

    @Test
    void doesNotRunWhenEveryFrameIsBroken() {
        assertThat(run(tasks.task(1, 1, 1, ByteBuffer.allocate(0)))).isZero();
        assertThat(ranRows).isEmpty();
        assertThat(tasks.of(1).refusal().code()).isEqualTo(Error.Code.MALFORMED_FRAME);
    }

    @Test
    void runsTheRequestsOfAFailedBatchOneByOne() throws Exception {
        tail = (point, boundary, limit) -> {
            if (holds(boundary.get("a"), TestModel.boundary(1, 666))) {
                limits.add(limit);
                throw new EngineException("segment-1: poison");
            }
            return compute(point, boundary, limit);
        };
        assertThat(run(task(1, 10), task(2, 666), task(3, 30, 31), task(4, 40))).isZero();
        assertAnswered(1, 10);
        assertRefused(2, Error.Code.EXECUTION_FAILED, "segment-1: poison");
        assertAnswered(3, 30, 31);
        assertAnswered(4, 40);
        assertThat(ranRows).containsExactly(1, 2, 1);
        assertThat(limits).containsExactly(LIMIT, LIMIT / 4, LIMIT / 4, LIMIT / 4, LIMIT / 4);
    }

    private static boolean holds(Tensor tensor, float value) {
        for (int i = 0; i < tensor.elements(); i++) {
            if (tensor.data().getFloat(4 * i) == value) {
                return true;
            }
        }
        return false;
    }

    @Test
    void doesNotRunASingleFailureTwice() {
        tail = (point, boundary, limit) -> {
            limits.add(limit);
            throw new EngineException("no");
        };
        run(task(1, 10));
        assertRefused(1, Error.Code.EXECUTION_FAILED, "no");
        assertThat(limits).hasSize(1);
    }

    @Test
    void skipsTasksThatAreDoneAlready() throws Exception {
        InferenceTask cancelled = task(1, 10);
        cancelled.complete(Outcome.refused(new Refusal(Error.Code.CANCELLED, "gone"), Timing.queued(0)));
        run(cancelled, task(2, 20));
        assertThat(ranRows).containsExactly(1);
        assertRefused(1, Error.Code.CANCELLED, "gone");
        assertAnswered(2, 20);
    }

    @Test
    void answersEveryoneWhenTheTailBreaksItsContract() {
        tail = (point, boundary, limit) -> Map.of("y", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 4)));
        run(task(1, 10), task(2, 20));
        assertRefused(1, Error.Code.EXECUTION_FAILED, "\"early\" was not made");
        assertRefused(2, Error.Code.EXECUTION_FAILED, "\"early\" was not made");
    }

    @Test
    void refusesOutputsThatDoNotHaveTheBatchsRows() {
        tail = (point, boundary, limit) -> Map.of(
                "y", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 4)),
                "early", Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 4)));
        run(task(1, 10), task(2, 20));
        assertRefused(1, Error.Code.EXECUTION_FAILED, "output \"y\" has shape [1,4]; expected 2 rows");
    }

    @Test
    void answersEveryoneAfterADefect() {
        tail = (point, boundary, limit) -> {
            throw new IllegalStateException("defect");
        };
        run(task(1, 10), task(2, 20));
        assertRefused(1, Error.Code.EXECUTION_FAILED, "defect");
        assertRefused(2, Error.Code.EXECUTION_FAILED, "defect");
    }

    @Test
    void dropsWhatComesOfARequestThatWasEndedWhileItRan() throws Exception {
        List<Long> released = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        InferenceTask late = new InferenceTask(
                1,
                TestTasks.key(1),
                1,
                Entropy.NONE,
                1,
                16,
                0,
                0,
                BatchTask.NO_DEADLINE,
                model.payload(1, 10),
                new ReplySink() {
                    @Override
                    public void reply(InferenceTask task, Outcome outcome) {
                        outcomes.add(outcome);
                    }

                    @Override
                    public void released(InferenceTask task) {
                        released.add(clock.get());
                    }
                });
        tail = (point, boundary, limit) -> {
            late.complete(Outcome.refused(new Refusal(Error.Code.DEADLINE_EXCEEDED, "late"), Timing.queued(0)));
            assertThat(outcomes).hasSize(1);
            assertThat(released).as("its rows run on").isEmpty();
            return compute(point, boundary, limit);
        };
        assertThat(run(late, task(2, 20))).as("it says how long a batch takes").isEqualTo(1_000);
        assertThat(ranRows).containsExactly(2);
        assertThat(outcomes).extracting(Outcome::isAnswer).containsExactly(false);
        assertThat(released).containsExactly(1_100L);
        assertAnswered(2, 20);
        assertThat(late.hadBegun()).isTrue();
    }

    @Test
    void answersEveryoneIfThereIsNoMemoryToBegin() {
        BatchExecutor executor = executor(() -> {
            throw new OutOfMemoryError("fake");
        });
        assertThat(executor.run(batch(TestTasks.key(1), task(1, 10), task(2, 20))))
                .isZero();
        assertRefused(1, Error.Code.EXECUTION_FAILED, "java.lang.OutOfMemoryError: fake");
        assertRefused(2, Error.Code.EXECUTION_FAILED, "java.lang.OutOfMemoryError: fake");
    }

    @Test
    void answersEveryoneButTheOneWhoseAnswerCannotBeMade() {
        tail = (point, boundary, limit) -> {
            throw new OutOfMemoryError("of the run");
        };
        InferenceTask mute = new InferenceTask(
                1,
                TestTasks.key(1),
                1,
                Entropy.NONE,
                1,
                16,
                0,
                0,
                BatchTask.NO_DEADLINE,
                model.payload(1, 10),
                (t, o) -> {
                    throw new OutOfMemoryError("of the answer");
                });
        assertThat(run(mute, task(2, 20))).isZero();
        assertRefused(2, Error.Code.EXECUTION_FAILED, "java.lang.OutOfMemoryError: of the run");
    }

    @Test
    void answersEveryoneIfWhatWasThrownCannotBeNamed() {
        tail = (point, boundary, limit) -> {
            throw new OutOfMemoryError() {
                private static final long serialVersionUID = 1L;

                @Override
                public String toString() {
                    throw new OutOfMemoryError("of the message");
                }
            };
        };
        run(task(1, 10), task(2, 20));
        assertRefused(1, Error.Code.EXECUTION_FAILED, "no memory left to say why");
        assertRefused(2, Error.Code.EXECUTION_FAILED, "no memory left to say why");
    }

    /** From rows at a quality level to the bytes of the reply and its outputs. */
    private Map<String, Tensor> reply(int quality, Entropy entropy, float... x) throws Exception {
        BatchKey key = new BatchKey(1, List.of(Shape.of(Shape.BATCH, model.width())), true);
        run(key, tasks.task(1, key, quality, entropy, x.length, BatchTask.NO_DEADLINE, model.payload(1, x)));
        ReplyCodec codec = new ReplyCodec(model.contract(), 1, Entropy.NONE);
        ByteBuffer payload = tasks.of(1).payload();
        replyBytes = payload.remaining();
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        List<Shape> shapes = codec.shapes(payload);
        for (int i = 0; i < shapes.size(); i++) {
            outputs.put(codec.outputs().get(i).name(), Tensor.allocate(ElementType.FLOAT32, shapes.get(i)));
        }
        codec.decode(payload, outputs);
        return outputs;
    }

    @Test
    void repliesAsTheContractSays() throws Exception {
        model = model.withReplies(new CodecParams.TopK(1), new CodecParams.Fp16());
        Map<String, Tensor> outputs = reply(0, Entropy.NONE, 10, 20.1f);
        // Length, header and rows of each tensor; two rows of index, score and rest; two of four halves.
        assertThat(replyBytes).isEqualTo(5 + 2 * (1 + 4 + 4) + 5 + 2 * 4 * 2);
        assertThat(outputs.get("early").data().getFloat(16)).isEqualTo(TestModel.boundary(1, 20.1f) - 1);
        assertThat(outputs.get("y").data().getFloat(16))
                .isNotEqualTo(TestModel.y(20.1f))
                .isEqualTo(128.625f);
    }

    @Test
    void repliesRawToAFrameAtTheRawLevel() throws Exception {
        model = model.withReplies(new CodecParams.TopK(1), new CodecParams.Fp16());
        Map<String, Tensor> outputs = reply(TestModel.RAW, Entropy.NONE, 10, 20.1f);
        assertThat(replyBytes).isEqualTo(2 * (5 + 2 * 4 * 4));
        assertThat(outputs.get("y").data().getFloat(16)).isEqualTo(TestModel.y(20.1f));
    }

    @Test
    void usesTheStreamsCoderOnlyWhereItPays() throws Exception {
        CodecParams quant = new CodecParams.Quant(256, -1, new float[1], new float[] {255});
        model = model.withWidth(2000).withReplies(new CodecParams.Raw(), quant);
        Map<String, Tensor> outputs = reply(0, Entropy.ZSTD, 10, 20);
        assertThat(replyBytes).isLessThan(200);
        assertThat(outputs.get("y").data().getFloat(2000 * 4)).isEqualTo(TestModel.y(20));
        model = model.withReplies(new CodecParams.Raw(), new CodecParams.Fp16());
        tasks.forget();
        reply(0, Entropy.ZSTD, 10, 20);
        assertThat(replyBytes).isGreaterThan(2 * 2000 * (4 + 2));
    }

    @Test
    void countsTheBatchThatRan() {
        run(task(1, 10), tasks.task(2, 1, 2, ByteBuffer.allocate(1)));
        assertThat(metrics.scrape())
                .contains("cleave_batches_total{model=\"m\",reason=\"idle\",version=\"1\"} 1.0")
                .contains("cleave_batch_rows_sum{model=\"m\",version=\"1\"} 1.0");
    }

    @Test
    void runsMoreRowsWhereThatIsFasterAndGivesNobodyThoseBehind() throws Exception {
        BatchExecutor executor = executor();
        executor.run(batch(TestTasks.key(1), task(9, 1, 2, 3, 4, 5, 6, 7, 8)));
        padTo = 8;
        tail = (point, boundary, limit) -> {
            Tensor a = boundary.get("a");
            for (int behind = 4 * 3; behind < a.elements(); behind++) {
                assertThat(a.data().getFloat(4 * behind))
                        .as("left from an earlier run")
                        .isZero();
            }
            return compute(point, boundary, limit);
        };
        executor.run(batch(TestTasks.key(1), task(1, 10), task(2, 20, 21)));
        assertThat(ranRows).containsExactly(8, 8);
        assertAnswered(1, 10);
        assertAnswered(2, 20, 21);
        assertThat(tasks.of(2).timing().batchRows()).isEqualTo(3);
        assertThat(metrics.scrape()).contains("cleave_padded_rows_total{model=\"m\",version=\"1\"} 5.0");
    }

    @Test
    void doesNotPadABatchThatLostARequest() throws Exception {
        padTo = 8;
        run(task(1, 10), tasks.task(2, 1, 2, ByteBuffer.wrap(new byte[] {1, 2, 3})));
        assertThat(ranRows).containsExactly(1);
        assertAnswered(1, 10);
    }

    @Test
    void runsEachByItselfWithoutPaddingWhereThePaddedRunFails() throws Exception {
        padTo = 8;
        tail = (point, boundary, limit) -> {
            if (boundary.get("a").shape().dim(0) == 8) {
                throw new EngineException("segment-1: no memory");
            }
            return compute(point, boundary, limit);
        };
        run(task(1, 10), task(2, 20, 21));
        run(task(3, 30));
        assertThat(ranRows).containsExactly(1, 2, 1);
        assertAnswered(1, 10);
        assertAnswered(2, 20, 21);
        assertAnswered(3, 30);
    }
}
