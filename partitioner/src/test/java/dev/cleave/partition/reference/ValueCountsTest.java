package dev.cleave.partition.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.bundle.ValueHistogram;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ValueCountsTest {
    @Test
    void countsAreExactBetweenTheEdges() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            float[] values = new float[5000];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-20, 20)));
            }
            ValueHistogram histogram = histogram(values);
            assertThat(histogram.edges()).isSorted().doesNotHaveDuplicates();
            assertThat(histogram.total()).isEqualTo(values.length);
            for (int bin = 0; bin < histogram.counts().size(); bin++) {
                assertThat(histogram.counts().get(bin)).isEqualTo(between(values, histogram, bin));
            }
        }
    }

    private static long between(float[] values, ValueHistogram histogram, int bin) {
        float low = bin == 0 ? Float.NEGATIVE_INFINITY : histogram.edges().get(bin - 1);
        float high = bin == histogram.edges().size()
                ? Float.POSITIVE_INFINITY
                : histogram.edges().get(bin);
        long count = 0;
        for (float value : values) {
            count += value >= low && value < high ? 1 : 0;
        }
        return count;
    }

    @Test
    void binsAreAboutEquallyFullAndNothingLiesOutside() {
        ValueHistogram histogram = histogram(normal(100_000));
        int bins = histogram.counts().size();
        assertThat(bins).isEqualTo(36);
        assertThat(histogram.counts().get(0)).isZero();
        assertThat(histogram.counts().get(bins - 1)).isZero();
        assertThat(histogram.counts().get(1)).isBetween(80L, 120L);
        assertThat(histogram.counts().subList(3, bins - 3))
                .allSatisfy(count -> assertThat((double) count).isCloseTo(3125, within(600.0)));
        assertThat(histogram.edges().get(17)).isCloseTo(0, within(0.01f));
    }

    @Test
    void meanAndDeviationAreRightFarFromZero() {
        float[] values = normal(10_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] + 4096;
        }
        assertThat(histogram(values).mean()).isCloseTo(4096, within(0.05));
        assertThat(histogram(values).deviation()).isCloseTo(1, within(0.03));
    }

    @Test
    void aRectifiedTensorHasABinForItsZerosAndNoneBelow() {
        float[] values = normal(10_000);
        int zeros = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] > 0 ? values[i] : i % 2 == 0 ? 0f : -0f;
            zeros += values[i] == 0 ? 1 : 0;
        }
        ValueHistogram histogram = histogram(values);
        assertThat(histogram.zeros()).isEqualTo(zeros);
        assertThat(histogram.edges().get(0)).isZero();
        assertThat(histogram.counts().get(0)).isZero();
        assertThat(histogram.counts().get(1)).isGreaterThanOrEqualTo(zeros);
    }

    @Test
    void aConstantHasAnEdgeOnBothSides() {
        ValueHistogram histogram = histogram(3, 3, 3);
        assertThat(histogram.edges()).hasSize(2);
        assertThat(histogram.edges().get(0)).isEqualTo(3);
        assertThat(histogram.edges().get(1)).isBetween(3.001f, 3.1f);
        assertThat(histogram.counts()).containsExactly(0L, 3L, 0L);
        assertThat(histogram.deviation()).isZero();
    }

    @Test
    void whatIsNotFiniteIsCountedApart() {
        ValueHistogram histogram = histogram(
                Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1, Float.MAX_VALUE, -Float.MAX_VALUE);
        assertThat(histogram.nonFinite()).isEqualTo(3);
        assertThat(histogram.total()).isEqualTo(3);
        assertThat(histogram.edges()).allSatisfy(edge -> assertThat(edge).isFinite());
        assertThat(histogram(Float.NaN)).isEqualTo(new ValueHistogram(List.of(), List.of(0L), 0, 1, 0, 0));
    }

    private static ValueHistogram histogram(float... values) {
        ValueCounts counts = new ValueCounts();
        counts.add(Tensor.ofFloats(Shape.of(values.length), values));
        return counts.histogram();
    }

    private static float[] normal(int count) {
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
