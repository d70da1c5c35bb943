package dev.cleave.edge.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowedMinimumTest {
    @Test
    void isTheSmallestOfTheWindow() {
        Random random = new Random(1);
        WindowedMinimum minimum = new WindowedMinimum(100);
        List<long[]> all = new ArrayList<>();
        long now = Long.MAX_VALUE - 1000; // only differences may be used
        for (int i = 0; i < 1000; i++) {
            now += random.nextInt(30);
            long value = random.nextInt(1000);
            minimum.add(value, now);
            all.add(new long[] {now, value});
            long end = now;
            double expected = all.stream()
                    .filter(sample -> end - sample[0] <= 100)
                    .mapToDouble(sample -> sample[1])
                    .min()
                    .orElseThrow();
            assertThat(minimum.get(now)).isEqualTo(expected);
        }
    }

    @Test
    void theLastValueStaysUntilThereIsAnother() {
        WindowedMinimum minimum = new WindowedMinimum(100);
        assertThat(minimum.get(0)).isNaN();
        minimum.add(5, 0);
        minimum.add(7, 50);
        assertThat(minimum.get(100)).isEqualTo(5);
        assertThat(minimum.get(101)).isEqualTo(7);
        assertThat(minimum.get(1_000_000)).isEqualTo(7);
        minimum.add(9, 1_000_000);
        assertThat(minimum.get(1_000_000)).isEqualTo(9);
    }
}
