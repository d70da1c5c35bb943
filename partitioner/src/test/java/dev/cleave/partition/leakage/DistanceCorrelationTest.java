package dev.cleave.partition.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DistanceCorrelationTest {
    private static final int SAMPLES = 64;

    /** Three times the U-centred distances are integers: their products sum to 108, their squares to 228 and 228. */
    @Test
    void isTheRootOfTheBiasCorrectedEstimateThatIsComputedByHand() {
        double[][] first = distances(points(0, 1, 3, 4, 9));
        double[][] second = distances(points(0, 2, 1, 5, 4));
        assertThat(times(3, DistanceCorrelation.centred(first, 5)[0]))
                .containsExactly(new double[] {0, -7, 1, 3, 3}, within(1e-12));
        assertThat(times(3, DistanceCorrelation.centred(second, 5)[4]))
                .containsExactly(new double[] {3, 1, 3, -7, 0}, within(1e-12));
        assertThat(DistanceCorrelation.of(first, second, 5)).isEqualTo(Math.sqrt(108 / 228.0), within(1e-12));
    }

    /** The products of the centred distances sum to -1/2 of the squares. */
    @Test
    void aNegativeEstimateCountsAsIndependence() {
        double[][] first = distances(points(0, 1, 3, 4));
        double[][] second = distances(points(0, 2, 2, 1));
        assertThat(DistanceCorrelation.of(first, second, 4)).isZero();
    }

    /** The V-statistic of the paper of 2007 gives 0.99 here. */
    @Test
    void independentTensorsOfManyElementsAreNearZero() {
        double sum = 0;
        for (int seed = 0; seed < 20; seed++) {
            double[][] first = normal(new SplittableRandom(seed), SAMPLES, 500);
            double[][] second = normal(new SplittableRandom(1000 + seed), SAMPLES, 700);
            double value = DistanceCorrelation.of(distances(first), distances(second), SAMPLES);
            assertThat(value).isLessThan(0.35);
            sum += value;
        }
        assertThat(sum / 20).isLessThan(0.12);
    }

    @Test
    void movingTurningAndScalingKeepItAtOne() {
        double[][] first = normal(new SplittableRandom(1), SAMPLES, 40);
        double[][] changed = new double[SAMPLES][];
        for (int i = 0; i < SAMPLES; i++) {
            changed[i] = turned(first[i]);
        }
        double[][] distances = distances(first);
        assertThat(DistanceCorrelation.of(distances, distances, SAMPLES)).isEqualTo(1, within(1e-12));
        assertThat(DistanceCorrelation.of(distances, distances(changed), SAMPLES))
                .isEqualTo(1, within(1e-9));
    }

    @Test
    void fallsAsNoiseIsAdded() {
        double[][] first = normal(new SplittableRandom(1), SAMPLES, 20);
        double[][] noise = normal(new SplittableRandom(2), SAMPLES, 20);
        double before = 1 + 1e-9;
        for (double share : new double[] {0, 0.5, 1, 2, 4}) {
            double[][] second = new double[SAMPLES][20];
            for (int i = 0; i < SAMPLES; i++) {
                for (int j = 0; j < 20; j++) {
                    second[i][j] = first[i][j] + share * noise[i][j];
                }
            }
            double value = DistanceCorrelation.of(distances(first), distances(second), SAMPLES);
            assertThat(value).as("noise of %s", share).isLessThan(before);
            before = value;
        }
        assertThat(before).isLessThan(0.5);
    }

    @Test
    void cannotBeToldFromFewerThanFourSamplesOrFromDistancesThatAreAllTheSame() {
        double[][] varied = distances(points(0, 1, 3, 4, 9));
        double[][] constant = distances(points(2, 2, 2, 2, 2));
        double[][] corners = new double[5][5];
        for (int i = 0; i < 5; i++) {
            corners[i][i] = 1e6;
        }
        assertThat(DistanceCorrelation.of(varied, varied, 3)).isNaN();
        assertThat(DistanceCorrelation.of(varied, varied, 4)).isEqualTo(1, within(1e-12));
        assertThat(DistanceCorrelation.of(varied, constant, 5)).isNaN();
        assertThat(DistanceCorrelation.of(constant, varied, 5)).isNaN();
        assertThat(DistanceCorrelation.of(varied, distances(corners), 5)).isNaN();
    }

    /** Mirrored, its pairs of axes swapped and turned by 30 degrees, scaled and moved. */
    private static double[] turned(double[] point) {
        double[] changed = new double[point.length];
        double cos = Math.cos(Math.PI / 6);
        double sin = Math.sin(Math.PI / 6);
        for (int i = 0; i < point.length; i += 2) {
            changed[i] = -3 * (cos * point[i + 1] - sin * point[i]) + 100;
            changed[i + 1] = 3 * (sin * point[i + 1] + cos * point[i]) - i;
        }
        return changed;
    }

    private static double[] times(double factor, double[] values) {
        return Arrays.stream(values).map(value -> factor * value).toArray();
    }

    private static double[][] points(double... values) {
        return Arrays.stream(values).mapToObj(value -> new double[] {value}).toArray(double[][]::new);
    }

    private static double[][] normal(SplittableRandom random, int count, int elements) {
        double[][] points = new double[count][elements];
        for (double[] point : points) {
            Arrays.setAll(point, i -> random.nextGaussian());
        }
        return points;
    }

    private static double[][] distances(double[][] points) {
        double[][] distances = new double[points.length][points.length];
        for (int i = 0; i < points.length; i++) {
            for (int j = 0; j < points.length; j++) {
                double sum = 0;
                for (int axis = 0; axis < points[i].length; axis++) {
                    sum += Math.pow(points[i][axis] - points[j][axis], 2);
                }
                distances[i][j] = Math.sqrt(sum);
            }
        }
        return distances;
    }
}
