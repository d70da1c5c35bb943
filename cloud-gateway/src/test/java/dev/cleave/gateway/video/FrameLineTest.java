package dev.cleave.gateway.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FrameLineTest {
    private final Deque<Runnable> asked = new ArrayDeque<>();
    private final List<String> turns = new ArrayList<>();

    private Runnable turn(String name) {
        return () -> turns.add(name);
    }

    private void serveOne() {
        asked.remove().run();
    }

    @Test
    void turnsComeInOrderAndOneAtATime() {
        FrameLine line = new FrameLine(asked::add);
        assertThat(line.isIdle()).isTrue();
        line.add(turn("first"));
        line.add(turn("second"));
        assertThat(line.isIdle()).isFalse();
        assertThat(line.size()).isEqualTo(2);
        assertThat(asked).as("one turn is asked for").hasSize(1);
        serveOne();
        assertThat(turns).containsExactly("first");
        serveOne();
        assertThat(turns).containsExactly("first", "second");
        assertThat(line.isIdle()).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void linesTakeTurns() {
        FrameLine one = new FrameLine(asked::add);
        FrameLine other = new FrameLine(asked::add);
        for (int i = 1; i <= 3; i++) {
            one.add(turn("one " + i));
        }
        other.add(turn("other"));
        while (!asked.isEmpty()) {
            serveOne();
        }
        assertThat(turns).containsExactly("one 1", "other", "one 2", "one 3");
    }

    @Test
    void whoWasRemovedHasNoTurn() {
        FrameLine line = new FrameLine(asked::add);
        Runnable first = turn("first");
        Runnable second = turn("second");
        line.add(first);
        line.add(second);
        assertThat(line.remove(first)).isTrue();
        assertThat(line.remove(first)).isFalse();
        serveOne();
        assertThat(line.remove(second)).as("it had its turn").isFalse();
        assertThat(turns).containsExactly("second");
        line.add(first);
        assertThat(line.remove(first)).isTrue();
        serveOne();
        assertThat(line.isIdle()).isTrue();
        line.add(turn("third"));
        serveOne();
        assertThat(turns).containsExactly("second", "third");
    }

    @Test
    void aDefectEndsItsTurnAlone() {
        FrameLine line = new FrameLine(asked::add);
        line.add(() -> {
            throw new IllegalStateException("a defect");
        });
        line.add(turn("next"));
        serveOne();
        serveOne();
        assertThat(turns).containsExactly("next");
        assertThat(line.isIdle()).isTrue();
    }

    @Test
    void manyThreadsGiveEachLineOneTurnAtATime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<AtomicInteger> inside = new ArrayList<>();
        List<List<Integer>> order = new ArrayList<>();
        AtomicInteger together = new AtomicInteger();
        List<FrameLine> lines = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            inside.add(new AtomicInteger());
            order.add(new ArrayList<>());
            lines.add(new FrameLine(threads));
        }
        int each = 2_000;
        for (int i = 0; i < each; i++) {
            int number = i;
            for (int line = 0; line < 3; line++) {
                AtomicInteger mine = inside.get(line);
                List<Integer> seen = order.get(line);
                lines.get(line).add(() -> {
                    together.addAndGet(mine.getAndIncrement());
                    seen.add(number);
                    mine.decrementAndGet();
                });
            }
        }
        while (!lines.stream().allMatch(FrameLine::isIdle)) {
            Thread.onSpinWait();
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(together.get()).isZero();
        assertThat(order).allSatisfy(seen -> assertThat(seen).hasSize(each).isSorted());
    }
}
