package dev.cleave.gateway.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchOutlook;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.CloseReason;
import dev.cleave.gateway.batch.FixedDelay;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    /** Keeps what is scheduled; the test is the timer. */
    private static final class ManualTimer extends ScheduledThreadPoolExecutor {
        final List<Runnable> scheduled = new ArrayList<>();
        final List<Long> delays = new ArrayList<>();
        final List<ScheduledFuture<?>> futures = new ArrayList<>();

        ManualTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            scheduled.add(command);
            delays.add(unit.toNanos(delay));
            ScheduledFuture<?> never = super.schedule(() -> {}, 1, TimeUnit.DAYS);
            futures.add(never);
            return never;
        }
    }

    private final ManualTimer timer = new ManualTimer();
    private final AtomicLong clock = new AtomicLong();
    private final TestTasks tasks = new TestTasks();
    private final BatchQueue queue =
            new BatchQueue(new BatchPolicy(8, 1 << 20, List.of(), 4), new FixedDelay(0), timer, clock::get);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private InferenceTask task(long id) {
        return tasks.task(id, 1, 1, ByteBuffer.allocate(0));
    }

    @Test
    void handsOutWhatHasGathered() throws Exception {
        queue.offer(task(1));
        queue.offer(task(2));
        Batch<InferenceTask> batch = queue.take();
        assertThat(batch.tasks()).extracting(InferenceTask::id).containsExactly(1L, 2L);
        assertThat(batch.tasks()).extracting(InferenceTask::queueDepth).containsExactly(0, 1);
        assertThat(queue.size()).isZero();
    }

    @Test
    void forgetsHowLongRunsTakeWhenSomethingElseRunsThem() throws Exception {
        queue.offer(task(1));
        queue.done(queue.take(), 400);
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isEqualTo(400);
        queue.forgetRuns();
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isZero();
    }

    @Test
    void doesNotLearnFromARunThatHadBegunBefore() throws Exception {
        clock.set(1_000);
        queue.offer(task(1));
        Batch<InferenceTask> before = queue.take();
        clock.set(1_200);
        queue.forgetRuns();
        clock.set(1_500);
        queue.done(before, 500);
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isZero();

        queue.offer(task(2));
        Batch<InferenceTask> after = queue.take();
        clock.set(1_600);
        queue.done(after, 100);
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isEqualTo(100);
    }

    @Test
    void wakesAWorkerThatWaits() throws Exception {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        Future<Batch<InferenceTask>> taken = worker.submit(queue::take);
        queue.offer(task(1));
        assertThat(taken.get(30, TimeUnit.SECONDS).rows()).isEqualTo(1);
        worker.shutdown();
    }

    private static void awaitIdle(BatchQueue queue, int workers) {
        while (queue.idle() < workers) {
            Thread.onSpinWait();
        }
    }

    /** Has batches of point 1 wait for an hour, and all others start at once. */
    private static final class PatientAtPointOne implements BatchOutlook {
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public long closeAtNanos(BatchKey key, int rows, long oldestNanos, long readyNanos, long nowNanos) {
            if (key.point() != 1) {
                return AT_ONCE;
            }
            asked.incrementAndGet();
            return nowNanos + TimeUnit.HOURS.toNanos(1);
        }

        @Override
        public long runNanos(BatchKey key, int rows) {
            return 0;
        }

        @Override
        public void ran(BatchKey key, int rows, long nanos, long nowNanos) {}

        @Override
        public void forgetRuns() {}
    }

    @Test
    void whatABatchLeavesInLineIsAnotherIdleWorkers() throws Exception {
        PatientAtPointOne outlook = new PatientAtPointOne();
        BatchQueue patient = new BatchQueue(new BatchPolicy(8, 1 << 20, List.of(), 4), outlook, timer, clock::get);
        ExecutorService workers = Executors.newFixedThreadPool(2);
        Future<Batch<InferenceTask>> one = workers.submit(patient::take);
        Future<Batch<InferenceTask>> other = workers.submit(patient::take);
        awaitIdle(patient, 2);
        patient.offer(task(1));
        while (outlook.asked.get() == 0) {
            Thread.onSpinWait();
        }
        awaitIdle(patient, 2); // Who asked has the lock until it is parked, for an hour.
        patient.offer(tasks.task(2, 2, 1, ByteBuffer.allocate(0)));
        assertThat(List.of(one.get(30, TimeUnit.SECONDS), other.get(30, TimeUnit.SECONDS)))
                .extracting(Batch::reason)
                .as("the first, as the second cannot join it; the second, by who is left")
                .containsExactlyInAnyOrder(CloseReason.SHAPE, CloseReason.IDLE);
        workers.shutdown();
    }

    @Test
    void expiresByTheTimerWhileNobodyTakes() {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 900, ByteBuffer.allocate(0)));
        queue.offer(tasks.task(2, TestTasks.key(1), 1, 500, ByteBuffer.allocate(0)));
        queue.offer(tasks.task(3, TestTasks.key(1), 1, 700, ByteBuffer.allocate(0)));
        assertThat(timer.delays).as("armed anew only for an earlier deadline").containsExactly(900L, 500L);
        clock.set(500);
        timer.scheduled.get(1).run();
        assertThat(tasks.of(2).refusal().code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(tasks.isOpen(1)).isTrue();
        assertThat(timer.delays).containsExactly(900L, 500L, 200L);
        clock.set(900);
        assertThat(timer.futures.get(0).isCancelled()).isTrue();
        timer.scheduled.get(0).run();
        assertThat(timer.delays)
                .as("one that was cancelled too late does nothing, and brings no other")
                .hasSize(3);
        assertThat(tasks.isOpen(1)).isTrue();
        timer.scheduled.get(2).run();
        assertThat(tasks.of(1).refusal().code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(tasks.of(3).refusal().code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(queue.size()).isZero();
    }

    @Test
    void answersATaskAtItsDeadlineWhileItRuns() throws Exception {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 5_000_000, ByteBuffer.allocate(0)));
        queue.offer(task(2));
        clock.set(2_000_000);
        Batch<InferenceTask> batch = queue.take();
        clock.set(4_999_999);
        timer.scheduled.get(0).run();
        assertThat(tasks.isOpen(1)).as("a timer may be early").isTrue();
        assertThat(timer.delays).containsExactly(5_000_000L, 1L);
        clock.set(5_000_000);
        timer.scheduled.get(1).run();
        Refusal refusal = tasks.of(1).refusal();
        assertThat(refusal.code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(refusal.message())
                .isEqualTo("deadline passed after 5000 us, 3000 of them in its run; expected an answer within 5000 us");
        assertThat(tasks.of(1).timing()).isEqualTo(new Timing(2_000_000, 0, 3_000_000, 0, 0, 0, ""));
        assertThat(tasks.isOpen(2)).as("nor is the rest of its batch hurried").isTrue();
        assertThat(batch.tasks()).hasSize(2);
        assertThat(queue.awaitQuiet(0)).as("it runs on").isFalse();
        queue.done(batch, 10);
        assertThat(queue.awaitQuiet(0)).isTrue();
    }

    @Test
    void answersOneThatHasJoinedARunAtItsDeadline() throws Exception {
        queue.offer(task(1));
        Batch<InferenceTask> batch = queue.take();
        queue.offer(tasks.task(2, TestTasks.key(2), 1, 700, ByteBuffer.allocate(0)));
        queue.offer(tasks.task(3, TestTasks.key(2), 1, 900, ByteBuffer.allocate(0)));
        clock.set(600);
        assertThat(queue.join(batch, TestTasks.key(2), 1)).hasSize(2);
        clock.set(700);
        timer.scheduled.get(0).run();
        assertThat(tasks.of(2).timing()).isEqualTo(new Timing(600, 0, 100, 0, 0, 0, ""));
        queue.done(batch, 0);
        clock.set(900);
        timer.scheduled.get(1).run();
        assertThat(tasks.isOpen(3)).as("nothing is said of a run that is over").isTrue();
        assertThat(timer.delays).as("nor waited for").containsExactly(700L, 200L);
    }

    @Test
    void aDeadlineThatPassesAfterTheRunIsNone() throws Exception {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 500, ByteBuffer.allocate(0)));
        queue.done(queue.take(), 10);
        clock.set(500);
        timer.scheduled.get(0).run();
        assertThat(tasks.isOpen(1)).isTrue();
        assertThat(timer.delays).containsExactly(500L);
    }

    @Test
    void answersATaskOnceWhicheverOfRunAndDeadlineIsFirst() throws Exception {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 500, ByteBuffer.allocate(0)));
        Batch<InferenceTask> batch = queue.take();
        InferenceTask task = batch.tasks().get(0);
        assertThat(task.take() && task.begin()).isTrue();
        assertThat(task.finish(Outcome.answer(ByteBuffer.allocate(0), Timing.queued(0))))
                .isTrue();
        clock.set(500);
        timer.scheduled.get(0).run();
        assertThat(tasks.of(1).isAnswer()).isTrue();
        queue.done(batch, 10);
    }

    @Test
    void whatRunsHasItsDeadlineAlsoWhenTheQueueIsClosed() throws Exception {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 500, ByteBuffer.allocate(0)));
        queue.take();
        queue.close();
        clock.set(400);
        timer.scheduled.get(0).run();
        clock.set(500);
        timer.scheduled.get(1).run();
        assertThat(tasks.of(1).refusal().code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void tellsAnExpiredTaskHowLongItWaited() throws Exception {
        queue.offer(tasks.task(1, TestTasks.key(1), 1, 5_000_000, ByteBuffer.allocate(0)));
        queue.offer(task(2));
        clock.set(7_000_000);
        assertThat(queue.take().tasks()).extracting(InferenceTask::id).containsExactly(2L);
        Refusal refusal = tasks.of(1).refusal();
        assertThat(refusal.code()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(refusal.message())
                .isEqualTo("deadline passed after 7000 us in the queue; expected to start within 5000 us");
    }

    @Test
    void givesBackWhatWasInLineWhenItIsClosed() throws Exception {
        queue.offer(task(1));
        assertThat(queue.close()).extracting(InferenceTask::id).containsExactly(1L);
        assertThat(queue.take()).isNull();
        assertThat(queue.offer(task(2))).isEqualTo(Offer.CLOSED);
        assertThat(tasks.isOpen(1)).isTrue();
    }

    @Test
    void takesNothingInLineOnceItDrainsAndRunsWhatIsThere() throws Exception {
        queue.offer(task(1));
        queue.drain();
        assertThat(queue.offer(task(2))).isEqualTo(Offer.CLOSED);
        assertThat(queue.awaitQuiet(0)).isFalse();
        queue.done(queue.take(), 0);
        assertThat(queue.awaitQuiet(0)).isTrue();
        assertThat(queue.close()).isEmpty();
        assertThat(tasks.isOpen(2)).isTrue();
    }

    @Test
    void isQuietOnceTheLastBatchIsDone() throws Exception {
        queue.offer(task(1));
        Batch<InferenceTask> batch = queue.take();
        assertThat(queue.awaitQuiet(0)).isFalse();
        queue.done(batch, 10);
        assertThat(queue.awaitQuiet(0)).isTrue();
    }

    @Test
    void guessesWhenThereWillBeRoom() throws Exception {
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isZero();
        queue.offer(task(1));
        queue.done(queue.take(), 3_000_000);
        assertThat(queue.retryAfterNanos(TestTasks.key(1))).isEqualTo(3_000_000);
    }

    @Test
    void keepsItsBoundUnderConcurrentOffers() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger accepted = new AtomicInteger();
        for (int thread = 0; thread < threads; thread++) {
            int base = thread * 1000;
            pool.execute(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < 125; i++) {
                    if (queue.offer(task(base + i)) == Offer.TAKEN) {
                        accepted.incrementAndGet();
                    }
                }
            });
        }
        start.countDown();
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(accepted).hasValue(4);
        assertThat(queue.size()).isEqualTo(4);
    }

    /** One row takes so long that eight runs have shown it. */
    private void learn(long runNanos) throws Exception {
        for (int i = 0; i < 8; i++) {
            queue.offer(task(1000 + i));
            Batch<InferenceTask> batch = queue.take();
            clock.addAndGet(runNanos);
            queue.done(batch, runNanos);
        }
        tasks.forget();
    }

    private Offer offer(long id, long deadlineIn) {
        long deadline = clock.get() + deadlineIn;
        return queue.offer(tasks.task(id, TestTasks.key(1), 1, deadline, ByteBuffer.allocate(0)));
    }

    @Test
    void refusesAtOnceWhatCannotBeAnsweredInTime() throws Exception {
        learn(1_000);
        queue.offer(task(1));
        Batch<InferenceTask> running = queue.take();
        assertThat(offer(2, 1_999))
                .as("the run that is on its way, and its own")
                .isEqualTo(Offer.TOO_LATE);
        assertThat(tasks.isOpen(2)).as("the caller's to answer").isTrue();
        assertThat(offer(3, 2_000)).isEqualTo(Offer.TAKEN);
        clock.addAndGet(500);
        assertThat(offer(4, 1_499)).isEqualTo(Offer.TOO_LATE);
        assertThat(offer(5, 1_500)).isEqualTo(Offer.TAKEN);
        clock.addAndGet(700);
        assertThat(offer(6, 1_000))
                .as("the run is late, and may end any moment")
                .isEqualTo(Offer.TAKEN);
        assertThat(offer(7, 999)).isEqualTo(Offer.TOO_LATE);
        assertThat(offer(8, -1))
                .as("its deadline is over, which is not the queue's doing")
                .isEqualTo(Offer.TAKEN);
        assertThat(queue.size()).isEqualTo(4);
        queue.done(running, 0);
    }

    @Test
    void takesWhatWouldStartAtOnceWhateverItsDeadline() throws Exception {
        learn(1_000_000);
        ExecutorService worker = Executors.newSingleThreadExecutor();
        Future<Batch<InferenceTask>> taken = worker.submit(queue::take);
        awaitIdle(queue, 1);
        assertThat(offer(1, 10))
                .as("only runs can show that they have become faster")
                .isEqualTo(Offer.TAKEN);
        assertThat(taken.get(30, TimeUnit.SECONDS).rows()).isEqualTo(1);
        worker.shutdown();
    }

    @Test
    void refusesNothingForItsDeadlineWhileLittleIsKnown() throws Exception {
        queue.offer(task(1));
        Batch<InferenceTask> first = queue.take();
        clock.addAndGet(1_000_000);
        queue.done(first, 1_000_000);
        queue.offer(task(2));
        queue.take();
        assertThat(offer(3, 10)).isEqualTo(Offer.TAKEN);
    }

    @Test
    void refusesNothingForItsDeadlineWhereRunsDifferWidely() throws Exception {
        for (int i = 0; i < 40; i++) {
            queue.offer(task(1000 + i));
            long nanos = i % 2 == 0 ? 1_000 : 100_000;
            Batch<InferenceTask> batch = queue.take();
            clock.addAndGet(nanos);
            queue.done(batch, nanos);
        }
        queue.offer(task(1));
        queue.take();
        assertThat(offer(2, 1_500)).isEqualTo(Offer.TAKEN);
    }

    @Test
    void tellsTheLimitWhatPays() throws Exception {
        assertThat(queue.rowsThatPay()).isEqualTo(8);
        assertThat(queue.runNanos()).isZero();
        learn(1_000);
        assertThat(queue.runNanos()).isEqualTo(1_000);
    }
}
