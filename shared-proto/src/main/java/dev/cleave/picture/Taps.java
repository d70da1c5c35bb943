package dev.cleave.picture;

/**
 * One axis of a separable resize: for each output pixel, the input pixels that it is made of and their weights.
 * Immutable.
 *
 * <p>The antialiased filter is the usual convolution resampling (Turkowski, "Filters for Common Resampling Tasks",
 * Graphics Gems I, 1990): the triangle's support grows with the shrinking factor and the weights are normalised at the
 * borders. Weights are integers of {@value #FRACTION_BITS} fraction bits, so that a result depends on no platform.
 */
final class Taps {
    static final int FRACTION_BITS = 22;
    private static final int ONE = 1 << FRACTION_BITS;

    /** Index of the first input pixel, per output pixel. */
    private final int[] first;
    /** Weights of that pixel and those after it, per output pixel. */
    private final int[][] weights;

    private Taps(int outputs) {
        first = new int[outputs];
        weights = new int[outputs][];
    }

    static Taps of(Interpolation interpolation, int inputs, int outputs) {
        Taps taps = new Taps(outputs);
        double factor = (double) inputs / outputs;
        for (int i = 0; i < outputs; i++) {
            double center = (i + 0.5) * factor;
            switch (interpolation) {
                case NEAREST:
                    taps.set(i, Math.min((int) center, inputs - 1), ONE);
                    break;
                case BILINEAR_PLAIN:
                    taps.setNeighbours(i, center - 0.5, inputs);
                    break;
                default:
                    taps.setTriangle(i, center, Math.max(factor, 1), inputs);
                    break;
            }
        }
        return taps;
    }

    int first(int output) {
        return first[output];
    }

    /** Shared; not to be changed. */
    int[] weights(int output) {
        return weights[output];
    }

    private void set(int output, int input, int... values) {
        first[output] = input;
        weights[output] = values;
    }

    private void setNeighbours(int output, double position, int inputs) {
        int left = (int) Math.floor(position);
        int right = (int) Math.round((position - left) * ONE);
        if (left < 0 || left + 1 >= inputs) {
            set(output, left < 0 ? 0 : inputs - 1, ONE);
        } else {
            set(output, left, ONE - right, right);
        }
    }

    private void setTriangle(int output, double center, double radius, int inputs) {
        int from = Math.max(0, (int) (center - radius + 0.5));
        int to = Math.min(inputs, (int) (center + radius + 0.5));
        double[] triangle = new double[to - from];
        double sum = 0;
        for (int i = 0; i < triangle.length; i++) {
            triangle[i] = Math.max(0, 1 - Math.abs((from + i + 0.5 - center) / radius));
            sum += triangle[i];
        }
        int[] values = new int[triangle.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) (triangle[i] / sum * ONE + 0.5);
        }
        set(output, from, values);
    }
}
