package dev.cleave.gateway.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DynamicBatcherTest {
    private static final long MS = 1_000_000;

    private static DynamicBatcher<TestTask> batcher(int maxRows, long delayNanos, Integer... preferred) {
        return new DynamicBatcher<>(
                new BatchPolicy(maxRows, 1 << 20, List.of(preferred), 100), new FixedDelay(delayNanos));
    }

    private static void offerRows(DynamicBatcher<TestTask> batcher, int count, long now) {
        for (int i = 0; i < count; i++) {
            assertThat(batcher.offer(TestTask.row(1000 * now + i), now)).isTrue();
        }
    }

    private static List<Long> ids(Batch<TestTask> batch) {
        return batch.tasks().stream().map(TestTask::id).toList();
    }

    @Test
    void runsALoneRequestAtOnceWhenNoDelayIsSet() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        offerRows(batcher, 1, 0);
        assertThat(batcher.nanosUntilNext(0)).isZero();
        Batch<TestTask> batch = batcher.poll(0, 1);
        assertThat(batch.reason()).isEqualTo(CloseReason.IDLE);
        assertThat(batch.rows()).isEqualTo(1);
        assertThat(batcher.poll(0, 1)).isNull();
        assertThat(batcher.nanosUntilNext(0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void joinsWhateverGatheredWhileTheExecutorWasBusy() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        offerRows(batcher, 5, 0);
        assertThat(batcher.poll(1, 0)).isNull();
        assertThat(batcher.poll(2, 1).rows()).isEqualTo(5);
    }

    @Test
    void closesAtTheMaximumAndKeepsTheRest() {
        DynamicBatcher<TestTask> batcher = batcher(4, 10 * MS);
        offerRows(batcher, 6, 0);
        Batch<TestTask> full = batcher.poll(0, 1);
        assertThat(full.rows()).isEqualTo(4);
        assertThat(full.reason()).isEqualTo(CloseReason.FULL);
        assertThat(batcher.poll(0, 1)).isNull();
        assertThat(batcher.size()).isEqualTo(2);
    }

    @Test
    void neverSplitsATaskOfSeveralRows() {
        DynamicBatcher<TestTask> batcher = batcher(4, 0);
        batcher.offer(TestTask.at(1, 1, 3), 0);
        batcher.offer(TestTask.at(1, 2, 2), 0);
        Batch<TestTask> first = batcher.poll(0, 1);
        assertThat(ids(first)).containsExactly(1L);
        assertThat(first.reason()).isEqualTo(CloseReason.FULL);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(2L);
    }

    @Test
    void countsTheDelayFromTheOldestMember() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        batcher.offer(TestTask.row(1), 0);
        batcher.offer(TestTask.row(2), 9 * MS);
        assertThat(batcher.nanosUntilNext(9 * MS)).isEqualTo(MS);
        assertThat(batcher.poll(10 * MS - 1, 1)).isNull();
        Batch<TestTask> batch = batcher.poll(10 * MS, 1);
        assertThat(ids(batch)).containsExactly(1L, 2L);
        assertThat(batch.reason()).isEqualTo(CloseReason.DELAY);
    }

    @Test
    void closesEarlyAtTheLargestPreferredSizeThatIsReached() {
        DynamicBatcher<TestTask> batcher = batcher(16, 10 * MS, 2, 4);
        offerRows(batcher, 5, 0);
        Batch<TestTask> batch = batcher.poll(0, 1);
        assertThat(batch.rows()).isEqualTo(4);
        assertThat(batch.reason()).isEqualTo(CloseReason.PREFERRED);
        assertThat(batcher.poll(0, 1)).isNull();
        assertThat(batcher.poll(10 * MS, 1).rows()).isEqualTo(1);
    }

    @Test
    void servesTheHigherPriorityFirst() {
        DynamicBatcher<TestTask> batcher = batcher(2, 0);
        batcher.offer(TestTask.row(1), 0);
        batcher.offer(TestTask.row(2), 0);
        batcher.offer(TestTask.row(3).withPriority(1), 0);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(3L, 1L);
    }

    @Test
    void joinsEqualKeysOnlyAndPassesOverStrangers() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        batcher.offer(TestTask.at(1, 1, 1), 0);
        batcher.offer(TestTask.at(2, 2, 1), 0);
        batcher.offer(TestTask.at(1, 3, 1), 0);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(1L, 3L);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(2L);
    }

    @Test
    void doesNotWaitWhileStrangersAreHeldUp() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        batcher.offer(TestTask.at(1, 1, 1), 0);
        batcher.offer(TestTask.at(2, 2, 1), 0);
        assertThat(batcher.poll(0, 1).reason()).isEqualTo(CloseReason.SHAPE);
        assertThat(batcher.poll(0, 1)).isNull();
    }

    @Test
    void runsRequestsThatCannotBeJoinedOneByOne() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        batcher.offer(TestTask.row(1).alone(), 0);
        batcher.offer(TestTask.row(2).alone(), 0);
        Batch<TestTask> first = batcher.poll(0, 1);
        assertThat(ids(first)).containsExactly(1L);
        assertThat(first.reason()).isEqualTo(CloseReason.FULL);
    }

    @Test
    void keepsTheDecodedBytesOfABatchWithinTheLimit() {
        DynamicBatcher<TestTask> batcher =
                new DynamicBatcher<>(new BatchPolicy(8, 100, List.of(), 100), new FixedDelay(0));
        batcher.offer(TestTask.row(1).withBytes(60), 0);
        batcher.offer(TestTask.row(2).withBytes(60), 0);
        batcher.offer(TestTask.row(3).withBytes(1000), 0);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(1L);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(2L);
        assertThat(ids(batcher.poll(0, 1))).containsExactly(3L);
    }

    @Test
    void closesBeforeAMemberWouldMissItsDeadline() {
        FixedDelay outlook = new FixedDelay(100 * MS);
        outlook.ran(TestTask.key(1), 1, 4 * MS, 4 * MS);
        DynamicBatcher<TestTask> batcher = new DynamicBatcher<>(new BatchPolicy(8, 1 << 20, List.of(), 100), outlook);
        batcher.offer(TestTask.row(1).withDeadline(20 * MS), 0);
        assertThat(batcher.nanosUntilNext(0)).isEqualTo(16 * MS);
        assertThat(batcher.poll(16 * MS - 1, 1)).isNull();
        assertThat(batcher.poll(16 * MS, 1).reason()).isEqualTo(CloseReason.DEADLINE);
    }

    @Test
    void expiresTasksWhileEveryExecutorIsBusy() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        batcher.offer(TestTask.row(1).withDeadline(5), 0);
        batcher.offer(TestTask.row(2), 0);
        assertThat(batcher.nanosUntilExpiry(0)).isEqualTo(5);
        assertThat(batcher.expire(4)).isEmpty();
        assertThat(batcher.poll(5, 0)).isNull();
        assertThat(batcher.nanosUntilExpiry(5)).isZero();
        assertThat(batcher.expire(5)).extracting(TestTask::id).containsExactly(1L);
        assertThat(batcher.expire(6)).isEmpty();
        assertThat(ids(batcher.poll(6, 1))).containsExactly(2L);
    }

    @Test
    void namesTasksThatRunWhenTheirDeadlineHasComeAndLeavesThemWhereTheyAre() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        batcher.offer(TestTask.row(1).withDeadline(5), 0);
        batcher.offer(TestTask.row(2), 0);
        Batch<TestTask> batch = batcher.poll(1, 1);
        assertThat(batch.tasks()).extracting(TestTask::takenNanos).containsExactly(1L, 1L);
        assertThat(batcher.nanosUntilExpiry(1)).isEqualTo(4);
        assertThat(batcher.overdue(4)).isEmpty();
        assertThat(batcher.expire(5)).as("it is not in line").isEmpty();
        assertThat(batcher.nanosUntilExpiry(5)).as("there is something to tell").isZero();
        assertThat(batcher.overdue(5)).extracting(TestTask::id).containsExactly(1L);
        assertThat(batcher.overdue(6)).as("once").isEmpty();
        assertThat(batcher.nanosUntilExpiry(6)).isEqualTo(Long.MAX_VALUE);
        assertThat(batcher.size()).isZero();
        batcher.done(batch.tasks());
    }

    @Test
    void forgetsTheDeadlinesOfWhatHasRun() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        batcher.offer(TestTask.row(1).withDeadline(5), 0);
        batcher.offer(TestTask.row(2).withDeadline(9), 0);
        Batch<TestTask> batch = batcher.poll(0, 1);
        batcher.offer(TestTask.at(2, 3, 1).withDeadline(20), 6); // Which sees that the first is late.
        List<TestTask> joined = batcher.join(TestTask.key(2), 2, 6);
        assertThat(joined).extracting(TestTask::id).containsExactly(3L);
        batcher.done(batch.tasks());
        assertThat(batcher.overdue(7)).isEmpty();
        assertThat(batcher.nanosUntilExpiry(7)).isEqualTo(13);
        batcher.done(joined);
        assertThat(batcher.nanosUntilExpiry(7)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void cancelTakesATaskOutOnce() {
        DynamicBatcher<TestTask> batcher = batcher(8, 0);
        TestTask task = TestTask.row(1);
        batcher.offer(task, 0);
        assertThat(batcher.cancel(task)).isTrue();
        assertThat(batcher.cancel(task)).isFalse();
        assertThat(batcher.poll(0, 1)).isNull();
        assertThat(batcher.rows()).isZero();
    }

    @Test
    void refusesExactlyBeyondTheBound() {
        DynamicBatcher<TestTask> batcher =
                new DynamicBatcher<>(new BatchPolicy(8, 100, List.of(), 3), new FixedDelay(0));
        TestTask first = TestTask.row(8);
        batcher.offer(first, 0);
        offerRows(batcher, 2, 0);
        assertThat(batcher.offer(TestTask.row(9), 0)).isFalse();
        batcher.cancel(first);
        assertThat(batcher.offer(TestTask.row(9), 0)).isTrue();
        assertThat(batcher.size()).isEqualTo(3);
    }

    @Test
    void aDrainingBatcherWaitsForNobody() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        offerRows(batcher, 2, 0);
        assertThat(batcher.poll(0, 1)).isNull();
        batcher.drain();
        assertThat(batcher.poll(0, 1).reason()).isEqualTo(CloseReason.DRAIN);
    }

    @Test
    void refusesTasksThatNoBatchCouldHold() {
        DynamicBatcher<TestTask> batcher = batcher(4, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batcher.offer(TestTask.at(1, 1, 5), 0))
                .withMessageContaining("5 rows; expected 1 to 4");
        TestTask task = TestTask.row(1);
        batcher.offer(task, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batcher.offer(task, 0))
                .withMessage("task 1 is in line already");
    }

    @Test
    void survivesAClockThatWraps() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        long start = Long.MAX_VALUE - MS;
        batcher.offer(TestTask.row(1).withDeadline(start + 20 * MS), start);
        assertThat(batcher.poll(start + 9 * MS, 1)).isNull();
        assertThat(batcher.nanosUntilNext(start + 9 * MS)).isEqualTo(MS);
        assertThat(batcher.poll(start + 10 * MS, 1).reason()).isEqualTo(CloseReason.DELAY);
    }

    @Test
    void tasksThatContinueEachOtherRunOneAfterAnother() {
        DynamicBatcher<TestTask> batcher =
                new DynamicBatcher<>(new BatchPolicy(8, 1 << 20, List.of(), 20), new FixedDelay(0));
        Object one = new Object();
        Object other = new Object();
        batcher.offer(TestTask.row(1).continuing(one), 0);
        batcher.offer(TestTask.row(2).continuing(one).withPriority(5), 0);
        batcher.offer(TestTask.row(3).continuing(other), 0);
        batcher.offer(TestTask.row(4), 0);
        Batch<TestTask> first = batcher.poll(0, 1);
        assertThat(ids(first)).as("whatever the priority of the second").containsExactly(1L, 3L, 4L);
        assertThat(batcher.poll(0, 1)).as("it waits for the end of the first").isNull();
        assertThat(batcher.size()).isEqualTo(1);
        batcher.done(first.tasks());
        assertThat(ids(batcher.poll(0, 1))).containsExactly(2L);
    }

    @Test
    void aTaskThatIsTakenOutMakesWayForTheNextOfItsSuccession() {
        DynamicBatcher<TestTask> batcher =
                new DynamicBatcher<>(new BatchPolicy(8, 1 << 20, List.of(), 20), new FixedDelay(0));
        Object one = new Object();
        List<TestTask> tasks = new ArrayList<>();
        for (int id = 1; id <= 5; id++) {
            TestTask task = TestTask.row(id).continuing(one);
            tasks.add(id == 4 ? task.withDeadline(10) : task);
            batcher.offer(tasks.get(id - 1), 0);
        }
        batcher.cancel(tasks.get(0));
        batcher.cancel(tasks.get(2));
        assertThat(batcher.expire(11))
                .extracting(TestTask::id)
                .as("in the second row")
                .containsExactly(4L);
        Batch<TestTask> batch = batcher.poll(11, 1);
        assertThat(ids(batch)).containsExactly(2L);
        batcher.done(batch.tasks());
        assertThat(batcher.rows()).isEqualTo(1);
        assertThat(batcher.removeAll()).extracting(TestTask::id).containsExactly(5L);
        assertThat(batcher.size()).isZero();
    }

    @Test
    void thoseThatJoinARunAreTheFirstOfTheirKeyThatFit() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        batcher.offer(TestTask.at(2, 1, 1), 0);
        batcher.offer(TestTask.at(1, 2, 2), 0);
        batcher.offer(TestTask.at(2, 3, 3), 0);
        batcher.offer(TestTask.at(2, 4, 4), 0);
        batcher.offer(TestTask.at(2, 5, 1), 0);
        assertThat(batcher.join(TestTask.key(2), 8, 0)).isEmpty();
        assertThat(batcher.join(TestTask.key(3), 1, 0)).isEmpty();
        assertThat(batcher.join(TestTask.key(2), 3, 0))
                .extracting(TestTask::id)
                .as("the one that does not fit holds up those behind it")
                .containsExactly(1L, 3L);
        assertThat(batcher.size()).isEqualTo(3);
        assertThat(batcher.rows()).isEqualTo(7);
    }

    @Test
    void noneThatContinuesAnotherJoinsARun() {
        DynamicBatcher<TestTask> batcher = batcher(8, 10 * MS);
        batcher.offer(TestTask.row(1), 0);
        batcher.offer(TestTask.row(2).continuing(new Object()), 0);
        assertThat(batcher.join(TestTask.key(1), 1, 0)).extracting(TestTask::id).containsExactly(1L);
        assertThat(batcher.size()).isEqualTo(1);
    }
}
