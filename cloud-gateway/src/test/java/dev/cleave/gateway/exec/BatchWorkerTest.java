package dev.cleave.gateway.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchOutlook;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker at which Errors are thrown, wherever it is. */
class BatchWorkerTest {
    private final TestModel model = TestModel.named("m");
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final AtomicReference<OutOfMemoryError> whenAsked = new AtomicReference<>();
    private final AtomicReference<OutOfMemoryError> whenRun = new AtomicReference<>();
    private final AtomicReference<OutOfMemoryError> whenDone = new AtomicReference<>();
    private final BatchQueue queue =
            new BatchQueue(new BatchPolicy(8, 1 << 20, List.of(), 4), new Outlook(), timer, System::nanoTime);
    private final BatchWorker worker = new BatchWorker(
            "worker",
            queue,
            new BatchExecutor(
                    Map.of(1, new PointCodec(model.contract(), 1, null)),
                    this::compute,
                    1_000_000_000,
                    metrics.model("m", "1"),
                    System::nanoTime,
                    BatchExecutor.Joining.NONE));
    private long ids;

    private static void throwOnce(AtomicReference<OutOfMemoryError> error) {
        OutOfMemoryError thrown = error.getAndSet(null);
        if (thrown != null) {
            throw thrown;
        }
    }

    /** Nothing is gained by waiting, if it can be asked. */
    private final class Outlook implements BatchOutlook {
        @Override
        public long closeAtNanos(BatchKey key, int rows, long oldestNanos, long readyNanos, long nowNanos) {
            throwOnce(whenAsked);
            return AT_ONCE;
        }

        @Override
        public long runNanos(BatchKey key, int rows) {
            return 0;
        }

        @Override
        public void ran(BatchKey key, int rows, long nanos, long nowNanos) {
            throwOnce(whenDone);
        }

        @Override
        public void forgetRuns() {}
    }

    private Map<String, Tensor> compute(int point, Map<String, Tensor> boundary, long limitNanos) {
        throwOnce(whenRun);
        Tensor a = boundary.get("a");
        return Map.of(
                "y", Tensor.allocate(ElementType.FLOAT32, a.shape()),
                "early", Tensor.allocate(ElementType.FLOAT32, a.shape()));
    }

    @BeforeEach
    void start() {
        worker.start();
    }

    @AfterEach
    void stop() throws Exception {
        queue.close();
        assertThat(worker.join(60_000)).as("it has gone on to the end").isTrue();
        timer.shutdownNow();
        metrics.close();
    }

    private Outcome ask() throws Exception {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        InferenceTask task = new InferenceTask(
                ++ids,
                TestTasks.key(1),
                1,
                Entropy.NONE,
                1,
                16,
                0,
                System.nanoTime(),
                BatchTask.NO_DEADLINE,
                model.payload(1, ids),
                (done, outcome) -> answer.complete(outcome));
        assertThat(queue.offer(task)).isEqualTo(Offer.TAKEN);
        return answer.get(60, TimeUnit.SECONDS);
    }

    private static void assertFailed(Outcome outcome) {
        assertThat(outcome.refusal().code()).isEqualTo(Error.Code.EXECUTION_FAILED);
        assertThat(outcome.refusal().message()).isEqualTo("java.lang.OutOfMemoryError: fake");
    }

    @Test
    void refusesWhatWaitsIfNoBatchCanBeMadeAndGoesOn() throws Exception {
        whenAsked.set(new OutOfMemoryError("fake"));
        assertFailed(ask());
        assertThat(queue.size()).isZero();
        assertThat(ask().isAnswer()).isTrue();
    }

    @Test
    void refusesABatchThatThrowsAndGoesOn() throws Exception {
        whenRun.set(new OutOfMemoryError("fake"));
        assertFailed(ask());
        assertThat(ask().isAnswer()).isTrue();
    }

    @Test
    void goesOnIfNothingCanBeLearnedOfARun() throws Exception {
        whenDone.set(new OutOfMemoryError("fake"));
        assertThat(ask().isAnswer()).isTrue();
        assertThat(ask().isAnswer()).isTrue();
        assertThat(whenDone).hasValue(null);
        assertThat(queue.awaitQuiet(TimeUnit.SECONDS.toNanos(60))).isTrue();
    }
}
