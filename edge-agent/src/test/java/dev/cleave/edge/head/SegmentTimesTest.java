package dev.cleave.edge.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.policy.LocalStart;
import org.junit.jupiter.api.Test;

class SegmentTimesTest {
    private final SegmentTimes times = new SegmentTimes(3);

    @Test
    void isUnknownUntilEverySegmentOfTheRangeRan() {
        times.record(1, 1, 1, 500, 0);
        assertThat(times.estimateNanos(1, 2, 1)).isEqualTo(500);
        assertThat(times.estimateNanos(0, 2, 1)).isEqualTo(LocalStart.UNKNOWN);
        assertThat(times.estimateNanos(2, 2, 1)).isZero();
    }

    @Test
    void addsSegmentsAndScalesWithRows() {
        times.record(0, 1, 2, 200, 0);
        times.record(1, 1, 4, 1200, 0);
        assertThat(times.estimateNanos(0, 2, 3)).isEqualTo(1200);
    }

    @Test
    void forgetsTheFirstRunOfASegment() {
        times.record(0, 1, 1, 1_000_000, 0);
        times.record(0, 1, 1, 100, 0);
        assertThat(times.estimateNanos(0, 1, 1)).isEqualTo(100);
    }

    @Test
    void followsAChangeSlowly() {
        times.record(0, 1, 1, 800, 0);
        times.record(0, 1, 1, 800, 0);
        times.record(0, 1, 1, 1600, 0);
        assertThat(times.estimateNanos(0, 1, 1)).isBetween(900L, 930L);
        for (int i = 0; i < 100; i++) {
            times.record(0, 1, 1, 1600, 0);
        }
        assertThat(times.estimateNanos(0, 1, 1)).isBetween(1599L, 1600L);
    }

    @Test
    void aMomentThatSlowsDownAllOfARunCountsAsOneSample() {
        SegmentTimes times = new SegmentTimes(5);
        for (int run = 0; run < 20; run++) {
            for (int segment = 0; segment < 5; segment++) {
                times.record(segment, 5, 1, run == 19 ? 2_000_000 : 1_000_000, 0);
            }
        }
        assertThat(times.estimateNanos(0, 5, 1)).isBetween(5_500_000L, 5_900_000L);
    }

    @Test
    void aRestartKnowsOtherSegmentsAndForgetsSlowness() {
        for (int run = 0; run < 5; run++) {
            times.record(0, 1, 1, run < 2 ? 1_000_000 : 3_000_000, 0);
            times.recordPreparation(1, 400, 0);
        }
        times.restart(new long[] {500, 700});
        assertThat(times.measuredNanos(0, 2, 1)).isEqualTo(1200);
        assertThat(times.measuredNanos(0, 3, 1)).isEqualTo(LocalStart.UNKNOWN);
        times.record(0, 1, 1, 500, 0);
        assertThat(times.measuredNanos(0, 2, 1)).isBetween(1199L, 1200L);
    }

    @Test
    void theLongestSegmentIsTheLongestThatRan() {
        SegmentTimes times = new SegmentTimes(3);
        assertThat(times.longestNanos(0)).isZero();
        times.record(0, 1, 1, 300, 0);
        times.record(1, 1, 1, 200, 0);
        assertThat(times.longestNanos(0)).isEqualTo(300);
    }

    @Test
    void theLongestSegmentIsAsLongAsRunsWereWideLately() {
        SegmentTimes times = new SegmentTimes(2);
        times.record(0, 1, 1, 1000, 0);
        times.record(1, 1, 32, 32_000, 0);
        times.record(0, 1, 1, 1000, 0);
        assertThat(times.longestNanos(0)).isEqualTo(32_000);
        assertThat(times.longestNanos(SegmentTimes.COOLING_NANOS)).isEqualTo(16_500);
        assertThat(times.longestNanos(100 * SegmentTimes.COOLING_NANOS)).isEqualTo(1000);
    }
}
