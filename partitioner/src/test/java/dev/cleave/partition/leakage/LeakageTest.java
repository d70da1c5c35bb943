package dev.cleave.partition.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeakageTest {
    private static final int ELEMENTS = 50;
    private static final TensorSpec H = spec("h", ElementType.FLOAT32);
    private static final TensorSpec MASK = spec("mask", ElementType.FLOAT32);
    private static final TensorSpec IDS = spec("ids", ElementType.INT64);

    private final MemoryBudget ample = MemoryBudget.ofBytes(1 << 30);

    /** Distances 3, 4 and 5, whose squares have the mean 50/3. */
    @Test
    void theMeanSquaredDistanceOfATensorIsOne() {
        TensorDistances distances = new TensorDistances(List.of(H), ample);
        distances.add(Map.of("h", Tensor.ofFloats(Shape.of(1, 2), 0, 0)));
        distances.add(Map.of("h", Tensor.ofFloats(Shape.of(1, 2), 3, 0)));
        distances.add(Map.of("h", Tensor.ofFloats(Shape.of(1, 2), 0, 4)));
        double unit = Math.sqrt(50 / 3.0);
        assertThat(distances.matrix(3)[0]).containsExactly(new double[] {0, 3 / unit, 4 / unit}, within(1e-12));
        assertThat(distances.matrix(3)[2]).containsExactly(new double[] {4 / unit, 5 / unit, 0}, within(1e-12));
        assertThat(distances.matrix(2)[0]).containsExactly(new double[] {0, 1}, within(1e-12));
        assertThatThrownBy(() -> distances.matrix(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("distances of 4 samples; there are 3");
    }

    /** A mask that is different for each sample, and a few tokens, beside activations: each is a third of what crosses. */
    @Test
    void neitherALargeUnitNorASmallSizeDrownsTheOtherTensors() {
        TensorDistances all = distances(64, H, MASK, IDS);
        for (TensorSpec one : List.of(H, MASK, IDS)) {
            Leakage leakage = Leakage.between(distances(64, one), all);
            assertThat(leakage.samples()).isEqualTo(64);
            assertThat(leakage.value()).as(one.name()).isBetween(0.4, 0.95);
        }
        assertThat(Leakage.between(distances(64, H), distances(64, MASK)).value())
                .isLessThan(0.3);
        assertThat(Leakage.between(all, all).value()).isEqualTo(1, within(1e-9));
    }

    @Test
    void aTensorThatIsTheSameInEverySampleAddsNothing() {
        TensorDistances with = new TensorDistances(List.of(H, MASK), ample);
        Tensor constant = Tensor.ofFloats(Shape.of(1, 3), 0, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < 16; i++) {
            with.add(Map.of("h", sample(i).get("h"), "mask", constant));
        }
        TensorDistances without = distances(16, H);
        assertThat(with.matrix(16)).isDeepEqualTo(without.matrix(16));
        TensorDistances alone = new TensorDistances(List.of(MASK), ample);
        for (int i = 0; i < 16; i++) {
            alone.add(Map.of("mask", constant));
        }
        assertThat(Leakage.between(without, alone).value()).isNaN();
    }

    @Test
    void infinitiesAreLargeAndNaNIsZero() {
        TensorDistances odd = new TensorDistances(List.of(H), ample);
        odd.add(Map.of("h", Tensor.ofFloats(Shape.of(2), Float.NaN, 1)));
        odd.add(Map.of("h", Tensor.ofFloats(Shape.of(2), 3, 1)));
        odd.add(Map.of("h", Tensor.ofFloats(Shape.of(2), Float.POSITIVE_INFINITY, 1)));
        odd.add(Map.of("h", Tensor.ofFloats(Shape.of(2), Float.MAX_VALUE, 1)));
        double[][] distances = odd.matrix(4);
        assertThat(distances[2][3]).isZero();
        assertThat(distances[0][1]).isPositive().isLessThan(distances[0][2] * 1e-30);
        assertThat(distances[0][2]).isFinite();
    }

    /** {@code [[1,2],[3,4]]} and {@code [[1,2,5]]}: what only one has is as far apart as from zero. */
    @Test
    void samplesOfOtherSizesAreComparedAsIfFilledUpWithZeros() {
        Tensor wide = Tensor.ofFloats(Shape.of(1, 3), 1, 2, 5);
        TensorDistances ragged = new TensorDistances(List.of(H), ample);
        ragged.add(Map.of("h", Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4)));
        ragged.add(Map.of("h", wide));
        ragged.add(Map.of("h", Tensor.ofFloats(Shape.of(2, 3), 1, 2, 5, 0, 0, 0)));
        double[][] distances = ragged.matrix(3);
        assertThat(distances[1][2]).isZero();
        assertThat(distances[0][1]).isEqualTo(distances[0][2]);
        FlatTensor square = FlatTensor.of(Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4));
        assertThat(square.squaredDistance(FlatTensor.of(wide))).isEqualTo(5 * 5 + 3 * 3 + 4 * 4);
        assertThat(FlatTensor.of(wide).squaredDistance(square)).isEqualTo(5 * 5 + 3 * 3 + 4 * 4);
        assertThatThrownBy(() -> square.squaredDistance(FlatTensor.of(Tensor.ofFloats(Shape.of(3), 1, 2, 5))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rank 2 and 1");
    }

    @Test
    void aSmallBudgetMeansFewerSamplesAndIsGivenBack() {
        long ofTen = 10L * ELEMENTS * Float.BYTES;
        MemoryBudget budget = MemoryBudget.ofBytes(ofTen + 3);
        TensorDistances few = new TensorDistances(List.of(H), budget);
        int added = 0;
        for (int i = 0; i < 20; i++) {
            added += few.add(sample(i)) ? 1 : 0;
        }
        assertThat(added).isEqualTo(10);
        assertThat(budget.take(4)).isFalse();
        few.close();
        few.close();
        assertThat(budget.take(ofTen + 4)).isFalse();
        assertThat(budget.take(ofTen + 3)).isTrue();
        Leakage leakage = Leakage.between(distances(20, H), few);
        assertThat(leakage.samples()).isEqualTo(10);
        assertThat(leakage.value()).isEqualTo(1, within(1e-9));
        assertThat(few.add(sample(10))).isFalse();
    }

    @Test
    void takesTheFirstSamplesUpToTheLimit() throws Exception {
        Samples samples = Samples.of(IntStream.range(0, 100)
                .mapToObj(i -> new Sample("s" + i, sample(i)))
                .toList());
        TensorDistances inputs = TensorDistances.ofInputs(samples, List.of(H, IDS), ample);
        assertThat(inputs.samples()).isEqualTo(TensorDistances.MOST_SAMPLES);
        assertThat(inputs.matrix(64)).isDeepEqualTo(distances(100, H, IDS).matrix(64));
        assertThat(ample.take(1 << 30)).as("the samples were let go").isTrue();
    }

    @Test
    void cannotBeToldFromThreeSamples() {
        Leakage leakage = Leakage.between(distances(3, H), distances(3, H));
        assertThat(leakage.value()).isNaN();
        assertThat(leakage.samples()).isEqualTo(3);
    }

    private static TensorDistances distances(int count, TensorSpec... tensors) {
        TensorDistances distances = new TensorDistances(List.of(tensors), MemoryBudget.ofBytes(1 << 30));
        for (int i = 0; i < count; i++) {
            distances.add(sample(i));
        }
        return distances;
    }

    /** Activations, a mask of zeros and the lowest float, and five tokens; independent of each other. */
    private static Map<String, Tensor> sample(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] h = new float[ELEMENTS];
        float[] mask = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            h[i] = (float) random.nextGaussian();
            mask[i] = random.nextBoolean() ? -Float.MAX_VALUE : 0;
        }
        return Map.of(
                "h", Tensor.ofFloats(Shape.of(1, ELEMENTS), h),
                "mask", Tensor.ofFloats(Shape.of(1, ELEMENTS), mask),
                "ids", Tensor.ofLongs(Shape.of(1, 5), random.longs(5, 0, 30_000).toArray()));
    }

    private static TensorSpec spec(String name, ElementType type) {
        return new TensorSpec(name, type, Shape.of(Shape.BATCH, Shape.DYNAMIC));
    }
}
