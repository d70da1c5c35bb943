package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.estimate.LinkConditions;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SteadyRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final SteadyRate rate = new SteadyRate();

    private LinkConditions follow(double up, double down, long nowNanos) {
        return rate.follow(new LinkConditions(up, down, 0.05, 7, 8, 9, 2).withInFlight(11), nowNanos);
    }

    @Test
    void beginsAtTheEstimateAndLeavesTheRestAsItIs() {
        LinkConditions steady = follow(100, Double.NaN, 5);
        assertThat(steady.uplinkNanosPerByte()).isCloseTo(100, within(1e-9));
        assertThat(steady.downlinkNanosPerByte()).isNaN();
        assertThat(steady.rateDeviation()).isEqualTo(0.05);
        assertThat(steady.rttNanos()).isEqualTo(7);
        assertThat(steady.jitterNanos()).isEqualTo(8);
        assertThat(steady.queueNanos()).isEqualTo(9);
        assertThat(steady.tailScale()).isEqualTo(2);
        assertThat(steady.inFlightBytes()).isEqualTo(11);
    }

    @Test
    void takesASecondForALittleAndNoTimeForAStep() {
        for (int frame = 0; frame < 200; frame++) {
            follow(100, 50, frame * SECOND / 100);
        }
        assertThat(follow(110, 50, 2 * SECOND).uplinkNanosPerByte()).isBetween(100.05, 100.15);
        assertThat(follow(110, 50, 10 * SECOND).uplinkNanosPerByte()).isBetween(109.99, 110.0);
        assertThat(follow(150, 50, 10 * SECOND).uplinkNanosPerByte()).isBetween(109.9, 110.1);
        assertThat(follow(160, 50, 10 * SECOND).uplinkNanosPerByte()).isCloseTo(160, within(1e-9));
        assertThat(follow(160, 20, 10 * SECOND).downlinkNanosPerByte()).isCloseTo(20, within(1e-9));
    }

    @Test
    void isTheMeanOfTheFirstEstimatesAfterAStep() {
        follow(10, 10, 0);
        follow(100, 100, 1);
        assertThat(follow(121, 100, 2).uplinkNanosPerByte()).isCloseTo(110, within(1e-9));
        assertThat(follow(110, 100, 3).uplinkNanosPerByte()).isCloseTo(110, within(1e-9));
    }

    @Test
    void wandersLessThanTheEstimate() {
        Random random = new Random(1);
        double farthest = 0;
        follow(100, 100, 0);
        for (int frame = 1; frame <= 1000; frame++) {
            double estimate = 100 * Math.exp(0.05 * random.nextGaussian());
            double steady = follow(estimate, 100, frame * SECOND / 10).uplinkNanosPerByte();
            farthest = Math.max(farthest, Math.abs(Math.log(steady / 100)));
        }
        assertThat(farthest).isBetween(0.01, 0.05);
    }
}
