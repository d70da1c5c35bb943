package dev.cleave.benchmarks.batch;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.batch.DynamicBatcher;
import dev.cleave.gateway.batch.LearnedDelay;
import dev.cleave.tensor.Shape;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What does the batcher take for a task that comes in and goes out in a batch, the learned delay being asked? Tasks are made beforehand and come again, so
 * what {@code -prof gc} shows is what the batcher allocates: a batch and its list.
 *
 * <pre>
 * mvn -q -pl benchmarks -am -DskipTests package
 * CLASSPATH=benchmarks/target/classes:$(cat benchmarks/target/classpath) java org.openjdk.jmh.Main BatcherBenchmark -prof gc
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BatcherBenchmark {
    private static final int ROWS = 8;
    private static final long MS = 1_000_000;

    /** Tasks of other kinds that wait beside them. */
    @Param({"0", "100"})
    int others;

    private final Task[] tasks = new Task[ROWS];
    private DynamicBatcher<Task> batcher;
    private LearnedDelay outlook;
    private long now;

    /** A request of one row. */
    private static final class Task extends BatchTask {
        private final BatchKey key;
        private final int priority;
        private long deadlineNanos;

        Task(BatchKey key, int priority) {
            this.key = key;
            this.priority = priority;
        }

        @Override
        public BatchKey batchKey() {
            return key;
        }

        @Override
        public int rows() {
            return 1;
        }

        @Override
        public long bytes() {
            return 12_544;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public long deadlineNanos() {
            return deadlineNanos;
        }
    }

    private static BatchKey key(int point) {
        return new BatchKey(point, List.of(Shape.of(Shape.BATCH, 64, 14, 14)), true);
    }

    @Setup
    public void fill() {
        outlook = new LearnedDelay(ROWS);
        batcher = new DynamicBatcher<>(new BatchPolicy(ROWS, 1 << 30, List.of(), 1024), outlook);
        for (int rows = 1; rows <= ROWS; rows *= 2) {
            outlook.ran(key(1), rows, 12 * MS + rows * MS / 5, 0);
        }
        for (int i = 0; i < others; i++) {
            Task task = new Task(key(2 + i % 4), -1);
            task.deadlineNanos = Long.MAX_VALUE / 2;
            batcher.offer(task, 0);
        }
        for (int i = 0; i < ROWS; i++) {
            tasks[i] = new Task(key(1), 0);
        }
    }

    private void offer(Task task) {
        now += 1_000;
        task.deadlineNanos = now + 200 * MS;
        batcher.offer(task, now);
    }

    private Batch<Task> runOne() {
        Batch<Task> batch = batcher.poll(now, 1);
        now += 13 * MS;
        batcher.done(batch.tasks());
        outlook.ran(batch.key(), batch.rows(), 13 * MS, now);
        return batch;
    }

    /** Eight gather during a run. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void amongEight(Blackhole sink) {
        for (Task task : tasks) {
            offer(task);
            sink.consume(batcher.nanosUntilExpiry(now));
        }
        sink.consume(runOne());
    }

    /** One comes when nothing runs: the learned delay is asked, and a batch made, for it alone. */
    @Benchmark
    public Batch<Task> alone() {
        offer(tasks[0]);
        return runOne();
    }
}
