package dev.cleave.edge.head;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeadWorkerTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    private final List<String> done = new CopyOnWriteArrayList<>();
    private final HeadWorker worker = new HeadWorker("test-head", () -> done.add("end"));
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    private void occupy() throws InterruptedException {
        worker.execute(
                () -> {
                    begun.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    done.add("occupied");
                },
                false);
        begun.await();
    }

    private void drain() throws InterruptedException {
        CountDownLatch last = new CountDownLatch(1);
        worker.execute(last::countDown, false);
        last.await();
    }

    @Test
    void urgentTasksGoBeforeThoseThatWait() throws Exception {
        occupy();
        worker.execute(() -> done.add("a"), false);
        worker.execute(() -> done.add("b"), false);
        worker.execute(() -> done.add("urgent"), true);
        release.countDown();
        drain();
        assertThat(done).containsExactly("occupied", "urgent", "a", "b");
    }

    @Test
    void aLongTaskLetsUrgentOnesThroughInTheirOrder() throws Exception {
        CountDownLatch last = new CountDownLatch(1);
        worker.execute(
                () -> {
                    worker.execute(
                            () -> {
                                done.add("waits");
                                last.countDown();
                            },
                            false);
                    worker.execute(
                            () -> {
                                done.add("first");
                                worker.execute(() -> done.add("third"), true);
                                worker.yieldToUrgent();
                                done.add("still first");
                            },
                            true);
                    worker.execute(() -> done.add("second"), true);
                    worker.yieldToUrgent();
                    done.add("long");
                },
                false);
        last.await();
        assertThat(done).containsExactly("first", "still first", "second", "third", "long", "waits");
    }

    @Test
    void onlyTheWorkerItselfYields() throws Exception {
        occupy();
        worker.execute(() -> done.add("urgent"), true);
        worker.yieldToUrgent();
        assertThat(done).isEmpty();
        release.countDown();
        drain();
        assertThat(done).containsExactly("occupied", "urgent");
    }

    @Test
    void survivesATaskThatThrows() throws Exception {
        worker.execute(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                false);
        worker.execute(
                () -> {
                    throw new AssertionError("on purpose");
                },
                false);
        worker.execute(() -> done.add("a"), false);
        drain();
        assertThat(done).containsExactly("a");
    }

    @Test
    void closingLetsTheRunningTaskEndAndDropsTheRest() throws Exception {
        occupy();
        worker.execute(() -> done.add("a"), false);
        worker.close();
        assertThat(worker.execute(() -> done.add("b"), true)).isFalse();
        assertThat(done).isEmpty();
        release.countDown();
        assertThat(worker.awaitEnd(LONG)).isTrue();
        assertThat(done).containsExactly("occupied", "end");
    }

    @Test
    void doesNotWaitForItself() throws Exception {
        worker.execute(
                () -> {
                    worker.close();
                    try {
                        done.add("waited " + worker.awaitEnd(LONG));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                false);
        assertThat(worker.awaitEnd(LONG)).isTrue();
        assertThat(done).containsExactly("waited true", "end");
    }
}
