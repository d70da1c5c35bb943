package dev.cleave.partition.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmTimerTest {
    private long now;

    @Test
    void givesTheMedianOfEachPartOnceItIsWarm() throws Exception {
        List<Integer> runs = new ArrayList<>();
        double[] millis = new WarmTimer(() -> now).medianMillis(List.of(1, 2, 3), (given, clock) -> {
            runs.add(given);
            // The first runs are slow, as in a JVM.
            long slow = runs.size() <= 8 ? 50_000_000 : 1_000_000;
            now += given * slow;
            return new long[] {given * slow, 7_000_000};
        });
        assertThat(millis).containsExactly(2, 7);
        assertThat(runs).hasSize(8 + 18);
    }

    /** A clock that stands still, as one of low resolution may. */
    @Test
    void warmingUpEndsThoughNoTimePasses() throws Exception {
        List<Integer> runs = new ArrayList<>();
        double[] millis = new WarmTimer(() -> 0).medianMillis(List.of(1), (given, clock) -> {
            runs.add(given);
            return new long[] {clock.getAsLong()};
        });
        assertThat(millis).containsExactly(0);
        assertThat(runs).hasSizeBetween(100, 1000);
    }
}
