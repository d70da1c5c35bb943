package dev.cleave.gateway.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class PaddedSizesTest {
    private final PaddedSizes sizes = new PaddedSizes();

    private void run(int times, int rows, long nanos) {
        for (int i = 0; i < times; i++) {
            sizes.ran(rows, nanos);
        }
    }

    @Test
    void padsToASizeThatRanFaster() {
        run(5, 5, 1_000);
        run(5, 8, 800);
        assertThat(sizes.of(5)).isEqualTo(8);
        assertThat(sizes.of(8)).isEqualTo(8);
    }

    @Test
    void takesTheFastestOfSeveral() {
        run(5, 5, 1_000);
        run(5, 8, 800);
        run(5, 16, 600);
        run(5, 32, 700);
        assertThat(sizes.of(5)).isEqualTo(16);
    }

    @Test
    void doesNotPadForLessThanATenth() {
        run(5, 5, 1_000);
        run(5, 8, 905);
        assertThat(sizes.of(5)).isEqualTo(5);
    }

    @Test
    void doesNotPadFromOrToASizeThatHasHardlyRun() {
        run(3, 5, 1_000);
        run(5, 8, 100);
        assertThat(sizes.of(5)).isEqualTo(5);
        run(5, 5, 1_000);
        run(3, 8, 100);
        assertThat(sizes.of(5)).isEqualTo(8);
        run(3, 16, 10);
        assertThat(sizes.of(5)).isEqualTo(8);
        assertThat(sizes.of(7)).isEqualTo(7);
    }

    @Test
    void leavesOutTheFirstRunOfASize() {
        sizes.ran(5, 1_000_000);
        run(4, 5, 500);
        run(5, 8, 480);
        assertThat(sizes.of(5)).isEqualTo(5);
    }

    @Test
    void aPauseOfTheMachineChangesNothing() {
        run(5, 5, 500);
        run(5, 8, 560);
        sizes.ran(5, 1_000_000);
        assertThat(sizes.of(5)).isEqualTo(5);
    }

    @Test
    void findsOutThatTheSizeItselfHasBecomeFaster() {
        run(5, 5, 1_000);
        run(5, 8, 800);
        IntToLongFunction cost = rows -> rows == 5 ? 400 : 800;
        int padded = 0;
        for (int i = 0; i < 2_000; i++) {
            int rows = sizes.of(5);
            padded = rows == 5 ? 0 : padded + 1;
            sizes.ran(rows, cost.applyAsLong(rows));
        }
        assertThat(padded).isZero();
    }

    @Test
    void whereMoreRowsTakeLongerNothingIsPaddedWhateverTheNoise() {
        SplittableRandom random = new SplittableRandom(7);
        int padded = 0;
        for (int i = 0; i < 50_000; i++) {
            int rows = random.nextInt(1, 33);
            int run = sizes.of(rows);
            padded += run == rows ? 0 : 1;
            double noise = 1 + 0.05 * random.nextDouble(-1, 1);
            sizes.ran(run, (long) ((1_000_000 + 100_000 * run) * noise));
        }
        assertThat(padded).isZero();
    }

    @Test
    void onStairsItRunsTheStepsOnceTheyAreKnown() {
        SplittableRandom random = new SplittableRandom(7);
        // Kernels for powers of two; any other size takes a third longer than the next of them.
        IntToLongFunction cost = rows -> {
            int step = rows == 1 ? 1 : Integer.highestOneBit(rows - 1) << 1;
            long ofStep = 1_000_000 + 20_000L * step;
            return rows == step ? ofStep : ofStep * 4 / 3;
        };
        long asTheyCome = 0;
        long took = 0;
        for (int i = 0; i < 20_000; i++) {
            int rows = random.nextInt(1, 33);
            int run = sizes.of(rows);
            sizes.ran(run, cost.applyAsLong(run));
            if (i >= 10_000) {
                asTheyCome += cost.applyAsLong(rows);
                took += cost.applyAsLong(run);
            }
        }
        assertThat((double) took / asTheyCome).isLessThan(0.83);
    }
}
