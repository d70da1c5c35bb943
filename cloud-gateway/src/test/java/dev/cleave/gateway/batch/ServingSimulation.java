package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.function.ToLongFunction;

/** A batcher with one executor whose runs take what a function of their rows says, and clients, in virtual time. */
final class ServingSimulation {
    private static final long HORIZON_NANOS = 20_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final DynamicBatcher<TestTask> batcher;
    private final VirtualExecutor<TestTask> executor;
    private final Random random;
    private final List<Long> latencies = new ArrayList<>();
    private final long[] sentAt = new long[1 << 20];
    private final Runnable[] answered = new Runnable[1 << 20];
    private int ids;
    private int batches;
    private int rowsRun;

    ServingSimulation(int maxRows, BatchOutlook outlook, IntToLongFunction runNanos, long seed) {
        this.random = new Random(seed);
        this.batcher = new DynamicBatcher<>(new BatchPolicy(maxRows, 1 << 20, List.of(), 1 << 16), outlook);
        this.executor = new VirtualExecutor<>(time, batcher, outlook, runNanos, this::answer, late -> {
            throw new AssertionError(late.id() + " has no deadline");
        });
    }

    /** A client that sends its next request so long after an answer. */
    ServingSimulation closedClient(ToLongFunction<Random> thinkNanos) {
        time.at(random.nextInt(1_000_000), () -> send(thinkNanos));
        return this;
    }

    private void send(ToLongFunction<Random> thinkNanos) {
        offer(() -> time.at(time.now() + thinkNanos.applyAsLong(random), () -> send(thinkNanos)));
    }

    /** Requests that come whatever happens, so many a second on average, at random. */
    ServingSimulation openStream(double perSecond) {
        time.at(gap(perSecond), () -> arrive(perSecond));
        return this;
    }

    private long gap(double perSecond) {
        return (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
    }

    private void arrive(double perSecond) {
        offer(() -> {});
        time.at(time.now() + gap(perSecond), () -> arrive(perSecond));
    }

    private void offer(Runnable whenAnswered) {
        int id = ids++;
        sentAt[id] = time.now();
        answered[id] = whenAnswered;
        batcher.offer(TestTask.row(id), time.now());
        executor.poll();
    }

    private void answer(Batch<TestTask> batch) {
        batches++;
        rowsRun += batch.rows();
        for (TestTask task : batch.tasks()) {
            latencies.add(time.now() - sentAt[(int) task.id()]);
            answered[(int) task.id()].run();
        }
    }

    /** Runs for 20 s of virtual time; the second half counts. */
    Result run() {
        time.runUntil(HORIZON_NANOS / 2);
        latencies.clear();
        batches = 0;
        rowsRun = 0;
        time.runUntil(HORIZON_NANOS);
        return result(HORIZON_NANOS / 2);
    }

    private Result result(long sinceNanos) {
        long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        double seconds = (time.now() - sinceNanos) / 1e9;
        return new Result(
                sorted.length / seconds,
                Arrays.stream(sorted).average().orElse(0) / 1e6,
                sorted.length == 0 ? 0 : sorted[(int) (0.95 * (sorted.length - 1))] / 1e6,
                batches == 0 ? 0 : rowsRun / (double) batches);
    }

    record Result(double perSecond, double meanMillis, double p95Millis, double meanRows) {}
}
