package dev.cleave.gateway.limit;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.batch.DynamicBatcher;
import dev.cleave.gateway.batch.LearnedDelay;
import dev.cleave.gateway.batch.VirtualExecutor;
import dev.cleave.gateway.batch.VirtualTime;
import dev.cleave.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;

/** A model's limit, queue and one executor in virtual time, and requests that come whatever happens. */
final class HouseSimulation {
    static final int MAX_ROWS = 8;
    static final int QUEUE_BOUND = 1024;
    static final int MOST = QUEUE_BOUND + MAX_ROWS;

    private static final BatchKey KEY = new BatchKey(0, List.of(Shape.of(Shape.BATCH, 4)), true);

    private final VirtualTime time = new VirtualTime();
    private final LearnedDelay outlook = new LearnedDelay(MAX_ROWS);
    private final DynamicBatcher<Request> batcher =
            new DynamicBatcher<>(new BatchPolicy(MAX_ROWS, 1 << 20, List.of(), QUEUE_BOUND), outlook);
    private final VirtualExecutor<Request> executor;
    private final Random random;
    private final RequestLimit limit;
    private IntToLongFunction runNanos;
    private double perSecond;
    private double urgentShare;
    private long deadlineNanos = BatchTask.NO_DEADLINE;
    private Counts counts = new Counts();

    /** What happened in a stretch of time. */
    static final class Counts {
        final List<Long> residences = new ArrayList<>();
        int refused;
        int urgentRefused;
        int full;
        int expired;
        double seconds;

        double answersPerSecond() {
            return residences.size() / seconds;
        }

        long residenceMillis(double quantile) {
            return residences.stream()
                            .mapToLong(Long::longValue)
                            .sorted()
                            .skip((long) (quantile * (residences.size() - 1)))
                            .findFirst()
                            .orElse(0)
                    / 1_000_000;
        }
    }

    private static final class Request extends BatchTask {
        private final int priority;
        private final long bornNanos;
        private final long deadline;
        private final Permit permit;

        Request(int priority, long bornNanos, long deadline, Permit permit) {
            this.priority = priority;
            this.bornNanos = bornNanos;
            this.deadline = deadline;
            this.permit = permit;
        }

        @Override
        public BatchKey batchKey() {
            return KEY;
        }

        @Override
        public int rows() {
            return 1;
        }

        @Override
        public long bytes() {
            return 1;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public long deadlineNanos() {
            return deadline;
        }
    }

    /** @param limits makes the limit, from the facts of the batches and the clock */
    HouseSimulation(Limits limits, long seed) {
        random = new Random(seed);
        BatchFacts facts = new BatchFacts() {
            @Override
            public int rowsThatPay() {
                return outlook.mostRows(KEY, MAX_ROWS);
            }

            @Override
            public long runNanos() {
                return outlook.runNanos(KEY, rowsThatPay());
            }
        };
        limit = limits.make(facts, time::now);
        executor = new VirtualExecutor<>(
                time, batcher, outlook, rows -> runNanos.applyAsLong(rows), this::answer, this::expire);
    }

    interface Limits {
        RequestLimit make(BatchFacts facts, LongSupplier clock);
    }

    HouseSimulation arrivals(double rate, double shareOfUrgent) {
        boolean begins = perSecond == 0;
        perSecond = rate;
        urgentShare = shareOfUrgent;
        if (begins) {
            time.at(time.now(), this::arrive);
        }
        return this;
    }

    HouseSimulation deadlines(long nanos) {
        deadlineNanos = nanos;
        return this;
    }

    /** How long a run of so many rows takes from now on. */
    HouseSimulation runs(IntToLongFunction nanos) {
        runNanos = nanos;
        return this;
    }

    int limit() {
        return limit.limit();
    }

    int inFlight() {
        return limit.inFlight();
    }

    /** Goes on for so long. */
    Counts run(double seconds) {
        counts = new Counts();
        counts.seconds = seconds;
        time.runUntil(time.now() + (long) (seconds * 1e9));
        return counts;
    }

    private void arrive() {
        offer(random.nextDouble() < urgentShare ? 1 : 0);
        time.at(time.now() + (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9), this::arrive);
    }

    private void offer(int priority) {
        Permit permit = limit.acquire(priority);
        if (permit == null) {
            counts.refused++;
            counts.urgentRefused += priority > 0 ? 1 : 0;
            return;
        }
        long deadline = deadlineNanos == BatchTask.NO_DEADLINE ? deadlineNanos : time.now() + deadlineNanos;
        if (!batcher.offer(new Request(priority, time.now(), deadline, permit), time.now())) {
            counts.full++;
            permit.withdrawn();
        }
        executor.poll();
    }

    private void expire(Request late) {
        counts.expired++;
        late.permit.dropped();
    }

    private void answer(Batch<Request> batch) {
        for (Request request : batch.tasks()) {
            counts.residences.add(time.now() - request.bornNanos);
            request.permit.answered();
        }
    }
}
