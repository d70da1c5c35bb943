package dev.cleave.gateway.exec;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs batches: decodes every frame straight into its rows, runs the tail once, and gives each request its slice of the
 * outputs. Belongs to one worker thread.
 *
 * <p>A bad request hurts itself alone, at both places where that could be otherwise:
 *
 * <ul>
 *   <li><b>Decoding.</b> Frames are decoded one after another behind a row cursor, which moves only when a frame decoded
 *       well. The rows of a broken frame are thus overwritten by the next one, and no gap has to be closed; at the end
 *       the batch is simply as long as the cursor got.
 *   <li><b>Running.</b> If a run of several requests fails, each is run again by itself, on the rows that are decoded
 *       already, and only those that fail then are refused. The single runs share one run limit, so a graph that does
 *       not end holds the worker for no more than twice that.
 * </ul>
 *
 * <p>Where the gateway keeps state each request is given that of its own stream, in its rows, and what the run leaves in these rows is kept if, and
 * only if, the request was answered: one that was cancelled in the meantime changes nothing.
 */
public final class BatchExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(BatchExecutor.class);

    private final Map<Integer, PointCodec> codecs;
    private final Tail tail;
    private final long runLimitNanos;
    private final ModelMetrics metrics;
    private final LongSupplier clock;
    private final BatchTensors tensors = new BatchTensors();

    /** @param codecs one for every point that is served */
    public BatchExecutor(
            Map<Integer, PointCodec> codecs, Tail tail, long runLimitNanos, ModelMetrics metrics, LongSupplier clock) {
        this.codecs = Map.copyOf(codecs);
        this.tail = tail;
        this.runLimitNanos = runLimitNanos;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Completes every task of a batch.
     *
     * @return nanoseconds that it took, or 0 if it did not run as one
     */
    public long run(Batch<InferenceTask> batch) {
        Pass pass = new Pass(batch, codecs.get(batch.key().point()), clock.getAsLong());
        try {
            return pass.run();
        } catch (RuntimeException | java.lang.Error e) {
            // A defect, or a batch that this machine cannot hold: the requests are answered and the worker goes on.
            LOG.error("batch at point {} of {} rows failed", batch.key().point(), batch.rows(), e);
            batch.tasks().forEach(task -> pass.fail(task, e.toString()));
            return 0;
        }
    }

    private static void zero(ByteBuffer bytes) {
        bytes.clear();
        while (bytes.remaining() >= Long.BYTES) {
            bytes.putLong(0);
        }
        while (bytes.hasRemaining()) {
            bytes.put((byte) 0);
        }
    }

    /** A request whose frame decoded well, and the first of its rows. */
    private record Member(InferenceTask task, int from) {}

    /** One batch on its way through; times are on the injected clock. */
    private final class Pass {
        private final Batch<InferenceTask> batch;
        private final BatchKey key;
        private final PointCodec codec;
        private final long startedNanos;
        private final List<Member> members = new ArrayList<>();
        private int rows;
        private long decodeNanos;

        Pass(Batch<InferenceTask> batch, PointCodec codec, long startedNanos) {
            this.batch = batch;
            this.key = batch.key();
            this.codec = codec;
            this.startedNanos = startedNanos;
        }

        long run() {
            Map<String, Tensor> boundary = tensors.of(codec.boundary(), key, batch.rows());
            Map<String, Tensor> state = tensors.of(codec.state(), batch.rows());
            batch.tasks().forEach(task -> decode(task, boundary, state));
            Map<String, Tensor> inputs = new LinkedHashMap<>(boundary);
            inputs.putAll(state);
            decodeNanos = clock.getAsLong() - startedNanos;
            if (members.isEmpty()) {
                return 0;
            }
            metrics.batch(ModelMetrics.label(batch.reason()), rows, members.size());
            try {
                runTogether(slice(inputs, 0, rows));
                return clock.getAsLong() - startedNanos;
            } catch (EngineException e) {
                LOG.warn("run of {} requests at point {} failed: {}", members.size(), key.point(), e.getMessage());
                fallBack(inputs, e);
                return 0;
            }
        }

        private void decode(InferenceTask task, Map<String, Tensor> boundary, Map<String, Tensor> state) {
            if (task.isDone()) {
                return;
            }
            try {
                codec.decode(task.quality(), task.payload(), slice(boundary, rows, task.rows()));
                if (giveState(task, state) && task.begin()) {
                    members.add(new Member(task, rows));
                    rows += task.rows();
                }
            } catch (CodecException e) {
                refuse(task, new Refusal(Error.Code.MALFORMED_FRAME, e.getMessage()));
            }
        }

        /** Puts what a request continues into its rows; false if that is lost, and the request refused. */
        private boolean giveState(InferenceTask task, Map<String, Tensor> state) {
            TaskState.Given given = task.state().given();
            if (given == null) {
                metrics.lostState();
                refuse(
                        task,
                        new Refusal(Error.Code.STATE_LOST, "the state that the frame continues is not kept any more"));
                return false;
            }
            slice(state, rows, task.rows()).forEach((name, room) -> {
                Tensor kept = given.tensors().get(name);
                if (kept == null) {
                    zero(room.data());
                } else {
                    room.data().clear().put(kept.data().duplicate().clear());
                }
            });
            task.continued(given.after());
            return true;
        }

        private void runTogether(Map<String, Tensor> inputs) throws EngineException {
            long before = clock.getAsLong();
            Map<String, Tensor> outputs = tail.run(key.point(), inputs, runLimitNanos);
            long after = clock.getAsLong();
            for (Member member : members) {
                answer(member.task(), outputs, member.from(), rows, members.size(), after - before, after);
            }
        }

        private void fallBack(Map<String, Tensor> inputs, EngineException cause) {
            if (members.size() == 1) {
                fail(members.get(0).task(), cause.getMessage());
                return;
            }
            long limit = Math.max(1, runLimitNanos / members.size());
            for (Member member : members) {
                runAlone(member, slice(inputs, member.from(), member.task().rows()), limit);
            }
        }

        private void runAlone(Member member, Map<String, Tensor> inputs, long limitNanos) {
            InferenceTask task = member.task();
            if (task.isDone()) {
                return;
            }
            try {
                long before = clock.getAsLong();
                Map<String, Tensor> outputs = tail.run(key.point(), inputs, limitNanos);
                long after = clock.getAsLong();
                answer(task, outputs, 0, task.rows(), 1, after - before, after);
            } catch (EngineException e) {
                fail(task, e.getMessage());
            }
        }

        private void answer(
                InferenceTask task,
                Map<String, Tensor> outputs,
                int from,
                int ranRows,
                int ranRequests,
                long tailNanos,
                long tailEnd) {
            if (task.isDone()) {
                return;
            }
            try {
                var payload = codec.encodeOutputs(task, outputs, from, ranRows);
                Timing timing = new Timing(
                        startedNanos - task.receivedNanos(),
                        decodeNanos,
                        tailNanos,
                        clock.getAsLong() - tailEnd,
                        ranRows,
                        ranRequests,
                        ModelMetrics.label(batch.reason()));
                Map<String, Tensor> next = codec.nextState(task, outputs, from, ranRows);
                if (task.complete(Outcome.answer(payload, timing))) {
                    task.state().advance(next);
                }
            } catch (IllegalArgumentException e) {
                fail(task, e.getMessage());
            }
        }

        void fail(InferenceTask task, String message) {
            refuse(task, new Refusal(Error.Code.EXECUTION_FAILED, message));
        }

        private void refuse(InferenceTask task, Refusal refusal) {
            Timing timing = new Timing(
                    startedNanos - task.receivedNanos(),
                    decodeNanos,
                    0,
                    0,
                    rows,
                    members.size(),
                    ModelMetrics.label(batch.reason()));
            task.complete(Outcome.refused(refusal, timing));
        }

        /** Views of the rows of a batch; the tensors themselves where rows are not joined. */
        private Map<String, Tensor> slice(Map<String, Tensor> inputs, int from, int count) {
            if (!key.joinable()) {
                return inputs;
            }
            Map<String, Tensor> views = new LinkedHashMap<>();
            inputs.forEach((name, tensor) -> views.put(name, tensor.rows(from, count)));
            return views;
        }
    }
}
