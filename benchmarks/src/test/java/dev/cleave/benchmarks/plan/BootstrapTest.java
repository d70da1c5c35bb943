package dev.cleave.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.partition.profile.Timings;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static final int REPLICATES = 1000;
    private final Bootstrap bootstrap = new Bootstrap(REPLICATES, 7);

    @Test
    void theSameSeedGivesTheSameMediansAndAnotherSeedOthers() {
        Timings runs = noisy(30, 10, 1, 3);
        assertThat(bootstrap.medians(runs)).isEqualTo(new Bootstrap(REPLICATES, 7).medians(runs));
        assertThat(bootstrap.medians(runs)).isNotEqualTo(new Bootstrap(REPLICATES, 8).medians(runs));
    }

    @Test
    void thingsRunEquallyOftenAreDrawnFromTheSameRounds() {
        Timings slow = noisy(31, 10, 2, 4);
        Estimate one = Estimate.ofMedian(slow, bootstrap);
        Estimate twice = Estimate.ofMedian(slow.scaledBy(2), bootstrap);
        Interval ratio = twice.over(one).interval();
        assertThat(List.of(ratio.low(), ratio.value(), ratio.high())).containsOnly(2.0);
    }

    @Test
    void theIntervalHoldsTheTrueMedianInAboutNineteenOfTwentyMeasurements() {
        int held = 0;
        for (int measurement = 0; measurement < 400; measurement++) {
            Interval interval = Estimate.ofMedian(noisy(30, 10, 1, 100 + measurement), bootstrap)
                    .interval();
            held += interval.low() <= 10 && 10 <= interval.high() ? 1 : 0;
        }
        assertThat(held).isBetween(360, 396);
    }

    @Test
    void moreRunsGiveANarrowerInterval() {
        Interval few = Estimate.ofMedian(noisy(10, 10, 1, 5), bootstrap).interval();
        Interval many = Estimate.ofMedian(noisy(1000, 10, 1, 5), bootstrap).interval();
        assertThat(many.high() - many.low()).isLessThan((few.high() - few.low()) / 3);
    }

    @Test
    void theLeastIsTakenReplicateByReplicate() {
        Estimate one = Estimate.ofMedian(noisy(30, 10, 2, 1), bootstrap);
        Estimate other = Estimate.ofMedian(noisy(31, 10, 2, 2), bootstrap);
        Estimate least = Estimate.least(List.of(one, other));
        assertThat(least.value()).isEqualTo(Math.min(one.value(), other.value()));
        assertThat(least.interval().high())
                .isLessThanOrEqualTo(
                        Math.min(one.interval().high(), other.interval().high()));
        assertThat(one.over(least).interval().low()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void theIntervalLeavesOutTwoAndAHalfPercentAtEitherEnd() {
        double[] replicates = new double[1000];
        Arrays.setAll(replicates, i -> 999 - i);
        assertThat(Interval.of(500, replicates)).isEqualTo(new Interval(25, 500, 974));
    }

    @Test
    void refusesToDrawNothing() {
        assertThatThrownBy(() -> new Bootstrap(0, 1)).hasMessage("0 replicates; expected at least 1");
    }

    private static Timings noisy(int runs, double median, double deviation, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] millis = new double[runs];
        Arrays.setAll(millis, i -> Math.max(0, median + deviation * random.nextGaussian()));
        return Timings.of(millis);
    }
}
