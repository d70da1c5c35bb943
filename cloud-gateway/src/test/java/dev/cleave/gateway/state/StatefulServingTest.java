package dev.cleave.gateway.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.CodecException;
import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.batch.DynamicBatcher;
import dev.cleave.gateway.batch.FixedDelay;
import dev.cleave.gateway.exec.BatchExecutor;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.StateSender;
import dev.cleave.wire.StateSender.Continuity;
import dev.cleave.wire.StateSender.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Streams of a stateful model through all that a gateway does with them: receipt, line, batches on two executors, answers; with frames that are
 * lost, overtaken, cancelled in line and in a run, too late; with states that are let go of, and agents that connect anew.
 */
class StatefulServingTest {
    private static final GatewayMetrics METRICS = new GatewayMetrics();
    private static final PointCodec CODEC = new PointCodec(CountingModel.contract(), 1, null);
    private static final int STREAMS = 4;

    @AfterAll
    static void close() {
        METRICS.close();
    }

    @Test
    void noFrameIsEverGivenAStateThatIsNotItsOwn() {
        Totals totals = new Totals();
        for (int seed = 0; seed < 1000; seed++) {
            new Simulation(seed, totals).run();
        }
        assertThat(totals.answered).isGreaterThan(20_000);
        assertThat(totals.joined).as("rows of several streams in one run").isGreaterThan(5_000);
        assertThat(totals.lost).isGreaterThan(1000);
        assertThat(totals.begunAnew).isGreaterThan(1000);
        assertThat(totals.cancelledInRun).isGreaterThan(1000);
        assertThat(totals.lateInRun).isGreaterThan(100);
    }

    private static final class Totals {
        int lateInRun;
        int answered;
        int joined;
        int lost;
        int begunAnew;
        int cancelledInRun;
    }

    /** An agent's side of a stream, and what the answers of its epochs must have been made of. */
    private static final class Stream {
        final long id;
        final StateSender sender = new StateSender();
        final Map<Long, List<Long>> histories = new HashMap<>();
        long frames;

        Stream(long id) {
            this.id = id;
        }
    }

    private record Sent(Stream stream, Place place, StreamStates connection) {}

    private static final class Simulation {
        private final Random random;
        private final Totals totals;
        private final MemoryShares memory = new MemoryShares(4 * STREAMS * 4 * CountingModel.WIDTH);
        private final DynamicBatcher<InferenceTask> batcher =
                new DynamicBatcher<>(new BatchPolicy(3, 1 << 20, List.of(), 12), new FixedDelay(0));
        private final BatchExecutor executor;
        private final List<Stream> streams = new ArrayList<>();
        private final Deque<Sent> uplink = new ArrayDeque<>();
        private final Map<Long, InferenceTask> open = new HashMap<>();
        private final Deque<Batch<InferenceTask>> running = new ArrayDeque<>();
        private StreamStates connection = new StreamStates(memory);
        private Batch<InferenceTask> current;
        private long now;
        private long ids;

        Simulation(int seed, Totals totals) {
            random = new Random(seed);
            this.totals = totals;
            for (int others = 0; others < 3; others++) { // have what they may, so that memory is short
                assertThat(memory.take(memory.share(), 0)).isTrue();
            }
            this.executor = new BatchExecutor(
                    Map.of(1, CODEC),
                    this::tail,
                    1_000,
                    METRICS.model("counting", "1"),
                    () -> now,
                    BatchExecutor.Joining.NONE);
            for (int i = 1; i <= STREAMS; i++) {
                streams.add(new Stream(i));
            }
        }

        void run() {
            for (int step = 0; step < 400; step++) {
                now += random.nextInt(5);
                step();
            }
            while (!running.isEmpty() || batcher.size() > 0) {
                poll();
                finish();
                now++;
            }
            expire();
            assertThat(open).isEmpty();
            connection.end();
            assertThat(memory.held()).isEqualTo(3 * memory.share());
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 35) {
                Stream stream = streams.get(random.nextInt(STREAMS));
                send(stream, ++stream.frames);
            } else if (dice < 65) {
                receive();
            } else if (dice < 78) {
                poll();
            } else if (dice < 91) {
                finish();
            } else if (dice < 93) {
                uplink.pollFirst();
            } else if (dice < 94) {
                overtake();
            } else if (dice < 95) {
                cancel();
            } else if (dice < 96) {
                expire();
            } else if (dice < 99) {
                now += StreamStates.QUIET_NANOS / 2 + random.nextInt(1_000_000_000);
                connection.sweep(now);
            } else {
                connectAnew();
            }
        }

        private void send(Stream stream, long frame) {
            Place place = stream.sender.plan(frame);
            if (place != null) {
                uplink.addLast(new Sent(stream, place, connection));
            }
        }

        /** Which a connection never does; it must cost no more than a frame. */
        private void overtake() {
            if (uplink.size() > 1) {
                uplink.addLast(uplink.pollFirst());
            }
        }

        private void connectAnew() {
            connection.end();
            connection = new StreamStates(memory);
            uplink.clear();
            List.copyOf(open.values()).forEach(task -> {
                batcher.cancel(task);
                refuse(task, Error.Code.CANCELLED);
            });
            streams.forEach(stream -> stream.sender.reset());
        }

        private void cancel() {
            if (!open.isEmpty()) {
                InferenceTask task = List.copyOf(open.values()).get(random.nextInt(open.size()));
                batcher.cancel(task);
                refuse(task, Error.Code.CANCELLED);
            }
        }

        private void expire() {
            batcher.expire(now).forEach(task -> refuse(task, Error.Code.DEADLINE_EXCEEDED));
            List<InferenceTask> overdue = batcher.overdue(now);
            overdue.forEach(task -> refuse(task, Error.Code.DEADLINE_EXCEEDED));
            totals.lateInRun += overdue.size();
        }

        private static void refuse(InferenceTask task, Error.Code code) {
            task.complete(Outcome.refused(new Refusal(code, ""), Timing.queued(0)));
        }

        private void receive() {
            Sent sent = uplink.pollFirst();
            if (sent == null) {
                return;
            }
            Place place = sent.place();
            Frame header = Frame.newBuilder()
                    .setSplitPoint(1)
                    .setRows(1)
                    .setState(StatePlace.newBuilder()
                            .setStreamId(sent.stream().id)
                            .setEpoch(place.epoch())
                            .setFrame(place.frame())
                            .setBegins(place.begins()))
                    .build();
            StreamStates.Received received = connection.receive(CODEC, header, now);
            if (received.refusal() != null) {
                refused(sent, received.refusal());
                return;
            }
            if (random.nextInt(4) > 0) {
                sent.stream().sender.acknowledged(place);
            }
            long deadline = random.nextInt(3) == 0 ? now + 1 + random.nextInt(40) : BatchTask.NO_DEADLINE;
            InferenceTask task = new InferenceTask(
                            ++ids,
                            CODEC.key(List.of(Shape.of(1, CountingModel.WIDTH))),
                            1,
                            Entropy.NONE,
                            1,
                            32,
                            random.nextInt(10) == 0 ? 1 : 0,
                            now,
                            deadline,
                            CountingModel.payload(place.frame()),
                            (done, outcome) -> replied(sent, done, outcome))
                    .continuing(received.state());
            open.put(task.id(), task);
            if (!batcher.offer(task, now)) {
                refuse(task, Error.Code.OVERLOADED);
            }
        }

        private void refused(Sent sent, Refusal refusal) {
            if (refusal.code() == Error.Code.STATE_LOST) {
                totals.lost++;
                sent.stream().sender.lost(sent.place());
                send(sent.stream(), sent.place().frame());
            }
        }

        private void replied(Sent sent, InferenceTask task, Outcome outcome) {
            open.remove(task.id());
            if (!outcome.isAnswer()) {
                if (sent.connection() == connection) {
                    refused(sent, outcome.refusal());
                }
                return;
            }
            totals.answered++;
            Place place = sent.place();
            List<Long> history = sent.stream().histories.computeIfAbsent(place.epoch(), any -> new ArrayList<>());
            try {
                assertThat(CountingModel.read(outcome.payload()))
                        .as("frame %d of stream %d", place.frame(), sent.stream().id)
                        .isEqualTo(CountingModel.answer(history, place.frame()));
            } catch (CodecException e) {
                throw new AssertionError(e);
            }
            assertThat(task.stateAfter()).isEqualTo(history.isEmpty() ? 0 : history.get(history.size() - 1));
            assertThat(history).allMatch(before -> before < place.frame());
            boolean begins = history.isEmpty() && place.epoch() > 1;
            history.add(place.frame());
            Continuity said = sent.stream().sender.answered(place, task.stateAfter());
            assertThat(said).isEqualTo(begins ? Continuity.BEGINS_ANEW : Continuity.CONTINUES);
            totals.begunAnew += begins ? 1 : 0;
        }

        private void poll() {
            Batch<InferenceTask> batch = running.size() < 2 ? batcher.poll(now, 1) : null;
            if (batch == null) {
                return;
            }
            Set<Object> successions = new HashSet<>();
            running.forEach(other -> other.tasks().forEach(task -> successions.add(task.succession())));
            batch.tasks()
                    .forEach(task -> assertThat(successions.add(task.succession()))
                            .as("no frame runs beside one that it continues")
                            .isTrue());
            running.add(batch);
        }

        private void finish() {
            current = random.nextBoolean() ? running.pollFirst() : running.pollLast();
            if (current == null) {
                return;
            }
            executor.run(current);
            totals.joined += current.rows() > 1 ? 1 : 0;
            batcher.done(current.tasks());
        }

        private Map<String, Tensor> tail(int point, Map<String, Tensor> inputs, long limitNanos) {
            for (InferenceTask task : current.tasks()) {
                if (!task.isDone() && random.nextInt(12) == 0) {
                    totals.cancelledInRun++;
                    refuse(task, Error.Code.CANCELLED);
                }
            }
            if (random.nextInt(30) == 0) {
                connectAnew();
            }
            return CountingModel.run(inputs);
        }
    }
}
