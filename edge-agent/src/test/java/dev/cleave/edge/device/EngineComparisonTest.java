package dev.cleave.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class EngineComparisonTest {
    private static final long MILLI = 1_000_000;

    /** Whoever's turn it was, in order. */
    private final List<Integer> turns = new ArrayList<>();

    /** Runs it to its end; each engine's time by the number of the run. */
    private EngineComparison run(IntToLongFunction... nanosOfRun) {
        List<String> names = Arrays.asList("first", "second", "third").subList(0, nanosOfRun.length);
        EngineComparison comparison = new EngineComparison(names);
        int[] runs = new int[nanosOfRun.length];
        for (int turn = comparison.next(); turn >= 0; turn = comparison.next()) {
            turns.add(turn);
            comparison.ran(turn, new long[] {nanosOfRun[turn].applyAsLong(runs[turn]++)});
        }
        return comparison;
    }

    private static IntToLongFunction always(double millis) {
        return run -> (long) (millis * MILLI);
    }

    @Test
    void enginesRunInTurn() {
        run(always(1), always(2));
        assertThat(turns).hasSize(2 * (EngineComparison.UNCOUNTED + EngineComparison.RUNS));
        for (int i = 0; i < turns.size(); i++) {
            assertThat(turns.get(i)).isEqualTo(i % 2);
        }
    }

    @Test
    void theSmallerMedianWinsWhicheverItIs() {
        assertThat(run(always(3), always(2)).winner()).isEqualTo(1);
        assertThat(run(always(2), always(3)).winner()).isZero();
        assertThat(run(always(3), always(2), always(1)).winner()).isEqualTo(2);
        assertThat(run(always(3), always(2)).why())
                .isEqualTo("second takes 2.000 ms (spread 0.000), first 3.000 ms (spread 0.000)");
    }

    @Test
    void aLeadWithinTheSpreadOfEitherIsNone() {
        // Quartiles are 0.4 ms apart, medians 0.3 ms.
        IntToLongFunction noisy = run -> (long) ((2.3 + 0.1 * (run % 9 - 4)) * MILLI);
        EngineComparison tie = run(noisy, always(2));
        assertThat(tie.winner()).isZero();
        assertThat(tie.why()).endsWith(", which is no clear difference").startsWith("first takes 2.3");
        assertThat(run(always(2.3), run -> (long) ((2 + 0.1 * (run % 9 - 4)) * MILLI))
                        .winner())
                .isZero();
        assertThat(run(always(2.3), always(2)).winner()).isEqualTo(1);
        assertThat(run(always(2), always(2)).winner()).isZero();
    }

    @Test
    void firstRunsDoNotCount() {
        assertThat(run(run -> run < EngineComparison.UNCOUNTED ? 900 * MILLI : MILLI, always(2))
                        .winner())
                .isZero();
    }

    @Test
    void anOutlierDecidesNothing() {
        assertThat(run(always(3), run -> run == 5 ? 500 * MILLI : 2 * MILLI).winner())
                .isEqualTo(1);
    }

    @Test
    void slowHeadsRunLessOften() {
        EngineComparison comparison = run(always(2000), always(1500));
        assertThat(turns).hasSize(2 * (EngineComparison.UNCOUNTED + EngineComparison.FEWEST_RUNS));
        assertThat(comparison.winner()).isEqualTo(1);
        assertThat(comparison.times(1).runs()).isEqualTo(EngineComparison.FEWEST_RUNS);
    }

    @Test
    void anEngineThatFailsIsOutOfIt() {
        EngineComparison comparison = new EngineComparison(List.of("first", "second"));
        comparison.ran(0, new long[] {MILLI});
        comparison.failed(1);
        while (comparison.next() >= 0) {
            assertThat(comparison.next()).isZero();
            comparison.ran(0, new long[] {MILLI});
        }
        assertThat(comparison.winner()).isZero();
        assertThat(comparison.isTimed(1)).isFalse();
        assertThat(comparison.why()).isEqualTo("first takes 1.000 ms (spread 0.000)");
        assertThatIllegalArgumentException().isThrownBy(() -> comparison.times(1));
        comparison.failed(0);
        assertThat(comparison.next()).isEqualTo(-1);
        assertThat(comparison.winner()).isEqualTo(-1);
    }

    @Test
    void segmentsHaveMediansOfTheirOwn() {
        EngineComparison comparison = new EngineComparison(List.of("only"));
        Random random = new Random(3);
        while (comparison.next() >= 0) {
            comparison.ran(0, new long[] {1000 + random.nextInt(3), 5000, 20});
        }
        HeadTiming times = comparison.times(0);
        assertThat(times.segmentNanos().get(0)).isBetween(1000.0, 1002.0);
        assertThat(times.segmentNanos().subList(1, 3)).containsExactly(5000.0, 20.0);
        assertThat(times.medianNanos()).isBetween(6020.0, 6022.0);
        assertThat(times.wholeSegmentNanos()).hasSize(3).contains(5000L, 20L);
    }
}
