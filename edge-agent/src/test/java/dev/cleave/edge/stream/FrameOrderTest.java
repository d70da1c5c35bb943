package dev.cleave.edge.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameOrderTest {
    private final FrameOrder<String> order = new FrameOrder<>();

    @Test
    void anEndIsToldWhenAllBeforeItAreTold() {
        for (long number = 1; number <= 3; number++) {
            assertThat(order.submit()).isEqualTo(number);
        }
        order.end(3, "c");
        order.end(2, "b");
        assertThat(order.poll()).isNull();
        order.end(1, "a");
        assertThat(order.poll()).isEqualTo("a");
        assertThat(order.poll()).isEqualTo("b");
        assertThat(order.poll()).isEqualTo("c");
        assertThat(order.poll()).isNull();
        assertThat(order.open()).isZero();
    }

    @Test
    void theFirstEndCounts() {
        order.submit();
        order.end(1, "first");
        order.end(1, "second");
        assertThat(order.poll()).isEqualTo("first");
        order.end(1, "third");
        assertThat(order.poll()).isNull();
    }

    @Test
    void whateverTheOrderOfEndsEachIsToldOnceAndInTurn() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            FrameOrder<Long> frames = new FrameOrder<>();
            List<Long> open = new ArrayList<>();
            List<Long> told = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                open.add(frames.submit());
                Collections.shuffle(open, random);
                while (!open.isEmpty() && random.nextInt(3) > 0) {
                    long ended = open.remove(open.size() - 1);
                    frames.end(ended, ended);
                }
                for (Long next = frames.poll(); next != null; next = frames.poll()) {
                    told.add(next);
                }
            }
            assertThat(told).isSorted().doesNotHaveDuplicates();
            assertThat(frames.open()).isEqualTo(50 - told.size());
            assertThat(open).allMatch(number -> number > told.size() || !told.contains(number));
        }
    }
}
