package dev.cleave.gateway.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random schedules against a list that is kept beside the batcher; every rule is checked after every step. */
class DynamicBatcherPropertyTest {
    private static final int STEPS = 4000;
    private static final int MAX_ROWS = 8;
    private static final int MAX_QUEUED = 20;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsItsPromisesUnderAnySchedule(long seed) {
        new Schedule(seed).run();
    }

    private static final class Schedule {
        private final Random random;
        private final long delay;
        private final DynamicBatcher<TestTask> batcher;
        /** What must be in line, in order of arrival. */
        private final List<TestTask> line = new ArrayList<>();

        private final Map<Long, Long> enqueued = new HashMap<>();
        /** What is under way: tasks of a batch, or that have joined one. */
        private final List<List<TestTask>> runs = new ArrayList<>();

        private final Set<TestTask> toldLate = new HashSet<>();
        private long now;
        private long nextId;
        private int served;

        Schedule(long seed) {
            random = new Random(seed);
            delay = seed % 2 == 0 ? 0 : 30;
            List<Integer> preferred = seed % 3 == 0 ? List.of(2, 4) : List.of();
            batcher = new DynamicBatcher<>(new BatchPolicy(MAX_ROWS, 40, preferred, MAX_QUEUED), new FixedDelay(delay));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                now += random.nextInt(6);
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3 -> offer();
                    case 4 -> cancel();
                    case 5 -> expire();
                    case 6 -> join();
                    case 7 -> done();
                    default -> poll();
                }
                assertThat(batcher.size()).isLessThanOrEqualTo(MAX_QUEUED);
            }
            List<TestTask> rest = batcher.removeAll();
            assertThat(rest).containsExactlyInAnyOrderElementsOf(line);
            assertThat(batcher.size()).isZero();
            assertThat(batcher.rows()).isZero();
            assertThat(served).isPositive();
            assertThat(toldLate).isNotEmpty();
            while (!runs.isEmpty()) {
                done();
            }
            assertThat(batcher.nanosUntilExpiry(now)).as("nothing is held").isEqualTo(Long.MAX_VALUE);
        }

        private void offer() {
            TestTask task = randomTask();
            long waiting = line.stream().filter(other -> !isLate(other)).count();
            boolean accepted = batcher.offer(task, now);
            assertThat(accepted).as("exact bound").isEqualTo(waiting < MAX_QUEUED);
            if (accepted) {
                line.add(task);
                enqueued.put(task.id(), now);
            }
        }

        private TestTask randomTask() {
            int rows = random.nextInt(5) == 0 ? 1 + random.nextInt(MAX_ROWS) : 1;
            TestTask task = TestTask.at(random.nextInt(3), nextId++, rows)
                    .withPriority(random.nextInt(10) == 0 ? 1 : 0)
                    .withBytes(1 + random.nextInt(12));
            task = random.nextInt(12) == 0 ? task.alone() : task;
            return random.nextInt(3) == 0 ? task.withDeadline(now + 1 + random.nextInt(60)) : task;
        }

        private void cancel() {
            if (line.isEmpty()) {
                return;
            }
            TestTask victim = line.get(random.nextInt(line.size()));
            if (batcher.cancel(victim)) {
                line.remove(victim);
            }
        }

        private void expire() {
            List<TestTask> due = batcher.expire(now);
            assertThat(due)
                    .containsExactlyInAnyOrderElementsOf(
                            line.stream().filter(this::isLate).toList());
            line.removeAll(due);
            overdue();
            long next = Stream.concat(line.stream(), running().filter(task -> !toldLate.contains(task)))
                    .mapToLong(TestTask::deadlineNanos)
                    .filter(deadline -> deadline != BatchTask.NO_DEADLINE)
                    .min()
                    .orElse(Long.MAX_VALUE);
            assertThat(batcher.nanosUntilExpiry(now)).isEqualTo(next == Long.MAX_VALUE ? next : next - now);
        }

        private Stream<TestTask> running() {
            return runs.stream().flatMap(List::stream);
        }

        /** Each is named once, and stays with its run. */
        private void overdue() {
            List<TestTask> overdue = batcher.overdue(now);
            assertThat(overdue)
                    .containsExactlyInAnyOrderElementsOf(running()
                            .filter(task -> isLate(task) && !toldLate.contains(task))
                            .toList());
            toldLate.addAll(overdue);
        }

        private void done() {
            if (!runs.isEmpty()) {
                batcher.done(runs.remove(random.nextInt(runs.size())));
            }
        }

        private void join() {
            int there = 1 + random.nextInt(MAX_ROWS);
            BatchKey key = TestTask.key(random.nextInt(3));
            List<TestTask> joining = batcher.join(key, there, now);
            int rows = joining.stream().mapToInt(TestTask::rows).sum();
            assertThat(there + rows).isLessThanOrEqualTo(Math.max(there, MAX_ROWS));
            List<TestTask> sameKey = new ArrayList<>(line.stream()
                    .filter(task -> !isLate(task) && task.batchKey().equals(key))
                    .toList());
            sameKey.sort((a, b) -> Integer.compare(b.priority(), a.priority()));
            assertThat(joining).as("in their order").isEqualTo(sameKey.subList(0, joining.size()));
            line.removeAll(joining);
            runs.add(joining);
        }

        private void poll() {
            overdue();
            long promised = batcher.nanosUntilNext(now);
            Batch<TestTask> batch = batcher.poll(now, random.nextInt(3));
            if (batch == null) {
                return;
            }
            assertThat(promised).as("a batch that was not announced").isZero();
            served++;
            checkLimits(batch);
            checkOrder(batch);
            if (batch.reason() == CloseReason.DELAY) {
                assertThat(batch.tasks()).anyMatch(task -> now - enqueued.get(task.id()) >= delay);
            }
            assertThat(line).as("lost or invented").containsAll(batch.tasks());
            line.removeAll(batch.tasks());
            runs.add(batch.tasks());
        }

        private void checkLimits(Batch<TestTask> batch) {
            int rows = batch.tasks().stream().mapToInt(TestTask::rows).sum();
            long bytes = batch.tasks().stream().mapToLong(TestTask::bytes).sum();
            assertThat(rows).isEqualTo(batch.rows()).isBetween(1, MAX_ROWS);
            assertThat(bytes).isLessThanOrEqualTo(40);
            assertThat(batch.tasks()).doesNotHaveDuplicates().allSatisfy(task -> {
                assertThat(isLate(task)).as("expired").isFalse();
                assertThat(task.batchKey()).isEqualTo(batch.key());
            });
            assertThat(batch.key().joinable() || batch.tasks().size() == 1).isTrue();
        }

        /** The leader is the first of the whole line, and nobody of its key is overtaken. */
        private void checkOrder(Batch<TestTask> batch) {
            List<TestTask> inOrder =
                    new ArrayList<>(line.stream().filter(task -> !isLate(task)).toList());
            inOrder.sort((a, b) -> Integer.compare(b.priority(), a.priority()));
            assertThat(batch.tasks().get(0)).isEqualTo(inOrder.get(0));
            List<TestTask> sameKey = inOrder.stream()
                    .filter(task -> task.batchKey().equals(batch.key()))
                    .toList();
            assertThat(batch.tasks()).isEqualTo(sameKey.subList(0, batch.tasks().size()));
        }

        private boolean isLate(TestTask task) {
            return task.deadlineNanos() != BatchTask.NO_DEADLINE && task.deadlineNanos() <= now;
        }
    }
}
