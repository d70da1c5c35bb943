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
import java.util.HashMap;
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
 * <p><b>Mixed cuts.</b> Where the tail is a chain of segments, a run comes by the later points, and requests that wait there join it: their rows
 * are decoded behind those of the run, and the rest of the chain runs for all of them. So devices that cut at different points share the segments
 * that they have in common. They join where the borders' tensors are all that crosses there, and where the outlook finds more rows worth it.
 *
 * <p>A request that somebody else ends meanwhile, at its deadline or because it is cancelled, has its answer already: its rows run on, and what comes of them is dropped.
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
    private final Joining joining;
    private final BatchTensors tensors = new BatchTensors();
    private final Map<Integer, BatchTensors> joined = new HashMap<>();

    /** Where requests come from that join a run on its way. */
    public interface Joining {
        /** Nobody joins. */
        Joining NONE = (run, key, rowsThere) -> List.of();

        /** Takes them; see {@link BatchQueue#join}. */
        List<InferenceTask> join(Batch<InferenceTask> run, BatchKey key, int rowsThere);
    }

    /** @param codecs one for every point that is served */
    public BatchExecutor(
            Map<Integer, PointCodec> codecs,
            Tail tail,
            long runLimitNanos,
            ModelMetrics metrics,
            LongSupplier clock,
            Joining joining) {
        this.joining = joining;
        this.codecs = Map.copyOf(codecs);
        this.tail = tail;
        this.runLimitNanos = runLimitNanos;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Completes every task of a batch, and of those that join it. Never throws: after a defect, or a batch that this machine cannot hold, the requests are answered
     * and the worker goes on.
     *
     * @return nanoseconds that it took, or 0 if it did not run as one
     */
    public long run(Batch<InferenceTask> batch) {
        List<InferenceTask> tasks = batch.tasks();
        try {
            Pass pass = new Pass(batch, codecs.get(batch.key().point()), clock.getAsLong());
            tasks = pass.tasks;
            return pass.run();
        } catch (RuntimeException | java.lang.Error e) {
            FailedTasks.end(batch, tasks, e);
            return 0;
        } finally {
            tasks.forEach(InferenceTask::letGo);
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

    /**
     * A request whose frame decoded well.
     *
     * @param from the first of its rows
     * @param inputs its own rows of what crosses its point
     * @param begunNanos when it left the queue
     */
    private record Member(InferenceTask task, int from, Map<String, Tensor> inputs, long begunNanos) {}

    /**
     * A run of the tail that has ended well.
     *
     * @param made rows of its outputs, padding included
     */
    private record Ran(int rows, int made, int requests, long nanos, long endNanos) {}

    /** One batch on its way through; times are on the injected clock. */
    private final class Pass {
        private final Batch<InferenceTask> batch;
        private final BatchKey key;
        private final PointCodec codec;
        private final long startedNanos;
        /** All that it has to answer: the batch's, and those that join. */
        private final List<InferenceTask> tasks;

        private final List<Member> members = new ArrayList<>();
        private int rows;
        /** As many, or more where a run of more is faster: those behind are nobody's. */
        private int rowsRun;

        private long decodeNanos;

        Pass(Batch<InferenceTask> batch, PointCodec codec, long startedNanos) {
            this.batch = batch;
            this.tasks = new ArrayList<>(batch.tasks());
            this.key = batch.key();
            this.codec = codec;
            this.startedNanos = startedNanos;
        }

        long run() {
            int room = codec.isPaddable()
                    ? Math.max(batch.rows(), tail.rowsToRun(key.point(), batch.rows()))
                    : batch.rows();
            Map<String, Tensor> boundary = tensors.of(codec.boundary(), key, room);
            Map<String, Tensor> state = tensors.of(codec.state(), room);
            batch.tasks().forEach(task -> decode(task, boundary, state));
            Map<String, Tensor> inputs = new LinkedHashMap<>(boundary);
            inputs.putAll(state);
            decodeNanos = clock.getAsLong() - startedNanos;
            if (members.isEmpty()) {
                return 0;
            }
            metrics.batch(ModelMetrics.label(batch.reason()), rows, members.size());
            int rowsAtFirst = rows;
            rowsRun = rows == batch.rows() ? room : rows;
            if (rowsRun > rows) {
                slice(inputs, rows, rowsRun - rows).values().forEach(tensor -> zero(tensor.data()));
                metrics.padded(rowsRun - rows);
            }
            try {
                runTogether(slice(inputs, 0, rowsRun));
                return rows == rowsAtFirst ? clock.getAsLong() - startedNanos : 0;
            } catch (EngineException e) {
                LOG.warn("run of {} requests at point {} failed: {}", members.size(), key.point(), e.getMessage());
                fallBack(e);
                return 0;
            }
        }

        private void decode(InferenceTask task, Map<String, Tensor> boundary, Map<String, Tensor> state) {
            if (!task.take()) {
                return;
            }
            try {
                Map<String, Tensor> mine = new LinkedHashMap<>(slice(boundary, rows, task.rows()));
                codec.decode(task.quality(), task.payload(), mine);
                if (giveState(task, state) && task.begin()) {
                    mine.putAll(slice(state, rows, task.rows()));
                    add(task, mine, startedNanos);
                }
            } catch (CodecException e) {
                refuse(task, new Refusal(Error.Code.MALFORMED_FRAME, e.getMessage()));
            }
        }

        private void add(InferenceTask task, Map<String, Tensor> mine, long begunNanos) {
            members.add(new Member(task, rows, mine, begunNanos));
            rows += task.rows();
        }

        /** Requests that wait at a point that the run comes by get rows behind those that are there. */
        private Map<String, Tensor> join(int point, Map<String, Tensor> crossing) {
            PointCodec here = codecs.get(point);
            if (here == null || !key.joinable() || rowsRun > rows || !here.mayJoin(crossing.keySet())) {
                return crossing;
            }
            BatchKey keyHere = here.key(here.boundary().stream()
                    .map(spec -> crossing.get(spec.name()).shape())
                    .toList());
            List<InferenceTask> joiners = joining.join(batch, keyHere, rows);
            if (joiners.isEmpty()) {
                return crossing;
            }
            tasks.addAll(joiners);
            int room = rows + joiners.stream().mapToInt(InferenceTask::rows).sum();
            Map<String, Tensor> all =
                    joined.computeIfAbsent(point, any -> new BatchTensors()).of(here.boundary(), keyHere, room);
            crossing.forEach((name, tensor) -> all.get(name)
                    .rows(0, rows)
                    .data()
                    .put(tensor.data().duplicate().clear()));
            int before = members.size();
            joiners.forEach(task -> decode(here, task, all));
            metrics.joined(point, members.size() - before);
            return slice(all, 0, rows);
        }

        private void decode(PointCodec here, InferenceTask task, Map<String, Tensor> all) {
            if (!task.take()) {
                return;
            }
            try {
                Map<String, Tensor> mine = slice(all, rows, task.rows());
                here.decode(task.quality(), task.payload(), mine);
                if (task.begin()) {
                    add(task, mine, clock.getAsLong());
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
            Map<String, Tensor> outputs = tail.run(key.point(), inputs, runLimitNanos, this::join);
            long after = clock.getAsLong();
            Ran ran = new Ran(rows, Math.max(rows, rowsRun), members.size(), after - before, after);
            for (Member member : members) {
                answer(member, member.from(), outputs, ran);
            }
        }

        private void fallBack(EngineException cause) {
            if (members.size() == 1 && rowsRun == rows) {
                fail(members.get(0).task(), cause.getMessage());
                return;
            }
            long limit = Math.max(1, runLimitNanos / members.size());
            for (Member member : members) {
                runAlone(member, limit);
            }
        }

        private void runAlone(Member member, long limitNanos) {
            InferenceTask task = member.task();
            if (task.isDone()) {
                return;
            }
            try {
                long before = clock.getAsLong();
                Map<String, Tensor> outputs = tail.run(task.point(), member.inputs(), limitNanos);
                long after = clock.getAsLong();
                answer(member, 0, outputs, new Ran(task.rows(), task.rows(), 1, after - before, after));
            } catch (EngineException e) {
                fail(task, e.getMessage());
            }
        }

        private void answer(Member member, int from, Map<String, Tensor> outputs, Ran ran) {
            InferenceTask task = member.task();
            if (task.isDone()) {
                return;
            }
            PointCodec its = codecs.get(task.point());
            try {
                var payload = its.encodeOutputs(task, outputs, from, ran.made());
                Timing timing = new Timing(
                        member.begunNanos() - task.receivedNanos(),
                        decodeNanos,
                        Math.min(ran.nanos(), ran.endNanos() - member.begunNanos()),
                        clock.getAsLong() - ran.endNanos(),
                        ran.rows(),
                        ran.requests(),
                        ModelMetrics.label(batch.reason()));
                Map<String, Tensor> next = its.nextState(task, outputs, from, ran.made());
                if (task.finish(Outcome.answer(payload, timing))) {
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
            task.finish(Outcome.refused(refusal, timing));
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
