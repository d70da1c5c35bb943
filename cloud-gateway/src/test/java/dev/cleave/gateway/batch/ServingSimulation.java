package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.function.ToLongFunction;

/** A batcher with one executor whose runs take what a function of their rows says, and clients, in virtual time. */
final class ServingSimulation {
    private static final long HORIZON_NANOS = 20_000_000_000L;

    /** Something that happens. */
    private record Event(long at, long order, Runnable what) {}

    private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> {
        int byTime = Long.compare(a.at(), b.at());
        return byTime != 0 ? byTime : Long.compare(a.order(), b.order());
    });
    private final IntToLongFunction runNanos;
    private final BatchOutlook outlook;
    private final DynamicBatcher<TestTask> batcher;
    private final Random random;
    private final List<Long> latencies = new ArrayList<>();
    private final long[] sentAt = new long[1 << 20];
    private final Runnable[] answered = new Runnable[1 << 20];
    private long now;
    private long order;
    private int ids;
    private boolean isBusy;
    private int batches;
    private int rowsRun;

    ServingSimulation(int maxRows, BatchOutlook outlook, IntToLongFunction runNanos, long seed) {
        this.outlook = outlook;
        this.runNanos = runNanos;
        this.random = new Random(seed);
        this.batcher = new DynamicBatcher<>(new BatchPolicy(maxRows, 1 << 20, List.of(), 1 << 16), outlook);
    }

    private void at(long when, Runnable what) {
        events.add(new Event(when, order++, what));
    }

    /** A client that sends its next request so long after an answer. */
    ServingSimulation closedClient(ToLongFunction<Random> thinkNanos) {
        at(random.nextInt(1_000_000), () -> send(thinkNanos));
        return this;
    }

    private void send(ToLongFunction<Random> thinkNanos) {
        offer(() -> at(now + thinkNanos.applyAsLong(random), () -> send(thinkNanos)));
    }

    /** Requests that come whatever happens, so many a second on average, at random. */
    ServingSimulation openStream(double perSecond) {
        at(gap(perSecond), () -> arrive(perSecond));
        return this;
    }

    private long gap(double perSecond) {
        return (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
    }

    private void arrive(double perSecond) {
        offer(() -> {});
        at(now + gap(perSecond), () -> arrive(perSecond));
    }

    private void offer(Runnable whenAnswered) {
        int id = ids++;
        sentAt[id] = now;
        answered[id] = whenAnswered;
        batcher.offer(TestTask.row(id), now);
        poll();
    }

    private void poll() {
        if (isBusy) {
            return;
        }
        Batch<TestTask> batch = batcher.poll(now, 1);
        if (batch == null) {
            long wait = batcher.nanosUntilNext(now);
            if (wait != Long.MAX_VALUE) {
                at(now + Math.max(1, wait), this::poll);
            }
            return;
        }
        isBusy = true;
        long nanos = runNanos.applyAsLong(batch.rows());
        at(now + nanos, () -> finish(batch, nanos));
    }

    private void finish(Batch<TestTask> batch, long nanos) {
        isBusy = false;
        batcher.done(batch);
        outlook.ran(batch.key(), batch.rows(), nanos, now);
        batches++;
        rowsRun += batch.rows();
        for (TestTask task : batch.tasks()) {
            latencies.add(now - sentAt[(int) task.id()]);
            answered[(int) task.id()].run();
        }
        poll();
    }

    /** Runs for 20 s of virtual time; the second half counts. */
    Result run() {
        Result first = null;
        while (now < HORIZON_NANOS) {
            Event next = events.poll();
            now = next.at();
            next.what().run();
            if (first == null && now > HORIZON_NANOS / 2) {
                first = result(0);
                latencies.clear();
                batches = 0;
                rowsRun = 0;
            }
        }
        return result(HORIZON_NANOS / 2);
    }

    private Result result(long sinceNanos) {
        long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        double seconds = (now - sinceNanos) / 1e9;
        return new Result(
                sorted.length / seconds,
                Arrays.stream(sorted).average().orElse(0) / 1e6,
                sorted.length == 0 ? 0 : sorted[(int) (0.95 * (sorted.length - 1))] / 1e6,
                batches == 0 ? 0 : rowsRun / (double) batches);
    }

    record Result(double perSecond, double meanMillis, double p95Millis, double meanRows) {}
}
