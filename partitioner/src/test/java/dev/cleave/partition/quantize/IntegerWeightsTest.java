package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntegerWeightsTest {
    private static final int OUTPUTS = 6;
    private static final int INPUTS = 10;

    @Test
    void noTwoNeighboursOfAConvolutionOverflowSixteenBits() {
        List<Long> dims = List.of((long) OUTPUTS, (long) INPUTS, 3L, 3L);
        byte[] values = quantized(dims, 0).values();
        for (int output = 0; output < OUTPUTS; output++) {
            for (int position = 0; position < 9; position++) {
                for (int input = 0; input < INPUTS; input += 2) {
                    int first = (output * INPUTS + input) * 9 + position;
                    assertThat(255 * (values[first] + values[first + 9]))
                            .isBetween((int) Short.MIN_VALUE, (int) Short.MAX_VALUE);
                }
            }
        }
    }

    @Test
    void noTwoNeighboursOfAMatrixOverflowWhicheverWayItIsStored() {
        byte[] rows = quantized(List.of((long) OUTPUTS, (long) INPUTS), 0).values();
        byte[] columns = quantized(List.of((long) INPUTS, (long) OUTPUTS), 1).values();
        for (int output = 0; output < OUTPUTS; output++) {
            for (int input = 0; input < INPUTS; input += 2) {
                assertThat(rows[output * INPUTS + input] + rows[output * INPUTS + input + 1])
                        .isBetween(-128, 128);
                assertThat(columns[input * OUTPUTS + output] + columns[(input + 1) * OUTPUTS + output])
                        .isBetween(-128, 128);
            }
        }
    }

    @Test
    void keepsEightBitsWhereNeighboursHaveRoom() {
        float[] weights = {1, -1, 0.5f, -0.25f};
        IntegerWeights quantized = IntegerWeights.of(weights, List.of(1L, 4L), 0, new float[1]);
        assertThat(quantized.values()).containsExactly(127, -127, 64, -32);
        assertThat(quantized.scales()).containsExactly(1f / 127);
    }

    @Test
    void depthwiseKernelsKeepEightBits() {
        float[] weights = {1, 1, 1, 1};
        IntegerWeights quantized = IntegerWeights.of(weights, List.of(1L, 1L, 2L, 2L), 0, new float[1]);
        assertThat(quantized.values()).containsOnly(127);
    }

    @Test
    void losesLessThanGivingUpABit() {
        List<Long> dims = List.of((long) OUTPUTS, (long) INPUTS, 3L, 3L);
        float[] weights = weights(dims);
        IntegerWeights quantized = quantized(dims, 0);
        double error = 0;
        double halved = 0;
        int row = INPUTS * 9;
        for (int output = 0; output < OUTPUTS; output++) {
            float largest = 0;
            for (int i = 0; i < row; i++) {
                largest = Math.max(largest, Math.abs(weights[output * row + i]));
            }
            for (int i = output * row; i < (output + 1) * row; i++) {
                error += Math.pow(weights[i] - quantized.values()[i] * quantized.scales()[output], 2);
                halved += Math.pow(weights[i] - Math.rint(weights[i] / largest * 63) * largest / 63, 2);
            }
        }
        assertThat(error).isLessThan(0.8 * halved);
    }

    @Test
    void aScaleIsNotBelowTheLeast() {
        IntegerWeights quantized = IntegerWeights.of(new float[] {0, 0}, List.of(2L, 1L), 0, new float[] {0.5f, 0.25f});
        assertThat(quantized.scales()).containsExactly(0.5f, 0.25f);
        assertThat(quantized.hasScalesOf(new float[] {0.5f, 0.25f})).isTrue();
        assertThat(quantized.hasScalesOf(new float[] {0.5f, 0.3f})).isFalse();
    }

    @Test
    void meanErrorsAreThoseOfTheProducts() {
        float[] weights = {0.3f, 1, -0.7f, 1};
        IntegerWeights quantized = new IntegerWeights(new byte[] {1, 4, -3, 4}, new float[] {0.25f, 0.25f});
        assertThat(quantized.meanErrors(weights, List.of(2L, 2L), 0, new float[] {2, 1}))
                .usingComparatorWithPrecision(1e-6)
                .containsExactly(-0.1, -0.1);
        assertThat(quantized.meanErrors(weights, List.of(2L, 2L), 1, new float[] {2, 1}))
                .usingComparatorWithPrecision(1e-6)
                .containsExactly(-0.15, 0);
        assertThat(quantized.meanErrors(weights, List.of(2L, 1L, 2L), 0, new float[] {2, 4}))
                .as("a group each")
                .usingComparatorWithPrecision(1e-6)
                .containsExactly(-0.1, -0.2);
    }

    private static IntegerWeights quantized(List<Long> dims, int axis) {
        return IntegerWeights.of(weights(dims), dims, axis, new float[OUTPUTS]);
    }

    private static float[] weights(List<Long> dims) {
        SplittableRandom random = new SplittableRandom(4);
        float[] weights = new float[dims.stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return weights;
    }
}
