package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void theRangeOfAllHoldsZero() {
        assertThat(histogram(3, 5).all()).isEqualTo(new Range(0, 5));
        assertThat(histogram(-3, -1).all()).isEqualTo(new Range(-3, 0));
        assertThat(new Histogram().all()).isEqualTo(new Range(0, 0));
    }

    @Test
    void valuesThatAreNotFiniteAreLeftOut() {
        Histogram histogram = histogram(1, Float.NaN, Float.POSITIVE_INFINITY, -2);
        assertThat(histogram.all()).isEqualTo(new Range(-2, 1));
        assertThat(histogram.total()).isEqualTo(2);
    }

    @Test
    void laterLargerValuesWidenTheBinsAndLoseNone() {
        Histogram histogram = histogram(normal(20_000, 0.01, 1));
        Histogram atOnce = histogram(normal(20_000, 0.01, 1));
        histogram.add(tensor(100, -50));
        assertThat(histogram.all()).isEqualTo(new Range(-50, 100));
        assertThat(histogram.total()).isEqualTo(atOnce.total() + 2);
        Range most = histogram.within(1.0 / 20_000);
        assertThat(most.high()).isLessThan(0.2f);
        assertThat(most.low()).isGreaterThan(-0.2f);
    }

    @Test
    void aPercentileLeavesOutThatShareAtEachEnd() {
        Range range = histogram(normal(100_000, 1, 2)).within(0.001);
        assertThat(range.high()).isCloseTo(3.09f, within(0.15f));
        assertThat(range.low()).isCloseTo(-3.09f, within(0.15f));
    }

    @Test
    void theLeastErrorCutsOffAnOutlierInPart() {
        float[] values = normal(50_000, 1, 3);
        values[0] = 60;
        Histogram histogram = histogram(values);
        Range range = RangeMethod.MSE.of(histogram);
        double error = histogram.error(range, Range.STEPS);
        assertThat(range.high()).isBetween(30f, 59f);
        assertThat(error).isLessThan(histogram.error(histogram.all(), Range.STEPS));
        assertThat(error).isLessThan(histogram.error(histogram.within(0.001), Range.STEPS));
    }

    @Test
    void aRangeOfZerosAloneHasAScale() {
        QuantizedTensor tensor = histogram(0, 0).all().quantized("t", "t");
        assertThat(tensor.scale()).isEqualTo(1);
        assertThat(tensor.zeroPoint()).isZero();
    }

    @Test
    void zeroIsAnInteger() {
        QuantizedTensor tensor = new Range(-1, 3).quantized("t", "t");
        assertThat(tensor.zeroPoint()).isEqualTo(64);
        assertThat(tensor.scale()).isEqualTo(4 / 255f);
    }

    private static Histogram histogram(float... values) {
        Histogram histogram = new Histogram();
        histogram.add(tensor(values));
        return histogram;
    }

    private static Tensor tensor(float... values) {
        return Tensor.ofFloats(Shape.of(values.length), values);
    }

    private static float[] normal(int count, double deviation, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
