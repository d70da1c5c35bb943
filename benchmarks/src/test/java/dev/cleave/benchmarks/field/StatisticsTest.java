package dev.cleave.benchmarks.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.benchmarks.field.Statistics.Trend;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void quantilesAreSamples() {
        List<Double> samples =
                IntStream.rangeClosed(1, 100).mapToObj(i -> (double) (101 - i)).toList();
        assertThat(Statistics.quantile(samples, 0.95)).isEqualTo(95);
        assertThat(Statistics.quantile(samples, 0.5)).isEqualTo(50);
        assertThat(Statistics.quantile(samples, 1)).isEqualTo(100);
        assertThat(Statistics.quantile(List.of(), 0.5)).isNaN();
    }

    @Test
    void aLineHasItsSlopeWithCertainty() {
        Trend trend = Statistics.trend(
                IntStream.range(0, 100).mapToDouble(i -> 7 + 0.25 * i).toArray());
        assertThat(trend.slope()).isCloseTo(0.25, within(1e-9));
        assertThat(trend.halfWidth()).isCloseTo(0, within(1e-6));
        assertThat(trend.includesZero()).isFalse();
    }

    @Test
    void noiseHasNoSlopeInMostCasesAndALeakUnderItIsFound() {
        int flat = 0;
        int leaks = 0;
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double[] noise =
                    DoubleStream.generate(random::nextGaussian).limit(100).toArray();
            flat += Statistics.trend(noise).includesZero() ? 1 : 0;
            double[] leaking = IntStream.range(0, 100)
                    .mapToDouble(i -> noise[i] + 0.05 * i)
                    .toArray();
            leaks += Statistics.trend(leaking).includesZero() ? 0 : 1;
        }
        assertThat(flat).isBetween(180, 199);
        assertThat(leaks).isGreaterThan(190);
    }

    @Test
    void tooFewSamplesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.trend(new double[15]))
                .withMessage("15 samples; expected 16 or more");
    }
}
