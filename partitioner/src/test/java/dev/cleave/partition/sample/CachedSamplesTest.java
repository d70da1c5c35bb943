package dev.cleave.partition.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.picture.Picture;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CachedSamplesTest {
    private static final int COUNT = 5;
    private static final int BYTES = 4 * Float.BYTES;

    private final List<Integer> loaded = new ArrayList<>();

    @Test
    void loadsEachSampleOnceWhereThereIsRoom() throws Exception {
        Samples cached = source(null).cached(MemoryBudget.ofBytes(COUNT * BYTES));
        readTwice(cached);
        assertThat(loaded).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void keepsTheFirstOnesWhereThereIsLittleRoomAndGivesTheSameSamples() throws Exception {
        Samples cached = source(null).cached(MemoryBudget.ofBytes(2 * BYTES + 1));
        readTwice(cached);
        assertThat(loaded).containsExactly(0, 1, 2, 3, 4, 2, 3, 4);
    }

    @Test
    void picturesCountToo() throws Exception {
        Samples cached = source(new Picture(2, 2, new byte[12])).cached(MemoryBudget.ofBytes(COUNT * BYTES));
        readTwice(cached);
        assertThat(loaded).containsExactly(0, 1, 2, 3, 4, 2, 3, 4);
    }

    @Test
    void aBudgetIsSharedAndCanBeGivenBack() {
        MemoryBudget budget = MemoryBudget.ofBytes(10);
        assertThat(budget.take(7)).isTrue();
        assertThat(budget.take(4)).isFalse();
        assertThat(budget.take(3)).isTrue();
        budget.give(7);
        assertThat(budget.take(7)).isTrue();
        assertThat(budget.take(1)).isFalse();
    }

    private static void readTwice(Samples samples) throws SampleException {
        for (int i = 0; i < 2 * COUNT; i++) {
            Sample sample = samples.get(i % COUNT);
            assertThat(sample.name()).isEqualTo("s" + i % COUNT);
            assertThat(sample.inputs().get("x").data().getFloat(0)).isEqualTo(i % COUNT);
        }
    }

    private Samples source(Picture picture) {
        return new Samples() {
            @Override
            public int size() {
                return COUNT;
            }

            @Override
            public Sample get(int index) {
                loaded.add(index);
                Tensor input = Tensor.ofFloats(Shape.of(1, 4), index, 0, 0, 0);
                return new Sample("s" + index, Map.of("x", input), picture);
            }
        };
    }
}
