package dev.cleave.partition.quantize;

import java.util.List;

/**
 * Stored weights as signed 8-bit integers, symmetric around zero, with a scale for each output channel (Krishnamoorthi,
 * Quantizing deep convolutional networks for efficient inference, 2018, section 3.1).
 *
 * <p>They are made so that no kernel overflows. Without dot-product instructions an x86 processor multiplies unsigned
 * activations with signed weights two by two and adds the two products in 16 bits, where they saturate: 255 * 127 * 2 is
 * twice the largest number. The usual remedy is to give up one bit of every weight. But the products fit wherever two
 * neighbours of one sign add up to 128 or less, and few do not; so of the scales between the one for all 8 bits and the
 * one at which every pair fits, the one with the least squared error is taken, and the pairs that are still too large
 * are reduced. A model then gives the same integers on every processor.
 *
 * @param values in the order of the float weights
 * @param scales for each index of the axis
 */
record IntegerWeights(byte[] values, float[] scales) {
    private static final int LARGEST = 127;
    /** {@code 255 * 128} is the largest multiple of 255 below {@code 2^15}. */
    static final int LARGEST_PAIR = 128;

    private static final int CANDIDATES = 8;

    /**
     * Quantises weights.
     *
     * @param axis of the output channels
     * @param leastScales below which a channel's scale must not be, as its bias would not fit; may be all zero
     */
    static IntegerWeights of(float[] weights, List<Long> dims, int axis, float[] leastScales) {
        int channels = Math.toIntExact(dims.get(axis));
        byte[] values = new byte[weights.length];
        float[] scales = new float[channels];
        int[] order = order(dims, axis);
        int stride = axis == 0 ? weights.length / Math.max(1, channels) : 1;
        float[] row = new float[order.length];
        byte[] rounded = new byte[order.length];
        for (int c = 0; c < channels; c++) {
            for (int k = 0; k < row.length; k++) {
                row[k] = weights[c * stride + order[k]];
            }
            boolean paired = !isDepthwise(dims, axis);
            scales[c] = best(row, paired, leastScales[c], rounded);
            round(row, scales[c], paired, rounded);
            for (int k = 0; k < row.length; k++) {
                values[c * stride + order[k]] = rounded[k];
            }
        }
        return new IntegerWeights(values, scales);
    }

    /** Whether every scale is at least this large. */
    boolean hasScalesOf(float[] least) {
        for (int c = 0; c < scales.length; c++) {
            if (scales[c] < least[c]) {
                return false;
            }
        }
        return true;
    }

    /**
     * What rounding adds to each output, on average.
     *
     * @param weights before rounding
     * @param means of the input's channels; nothing is added where they do not fit
     */
    double[] meanErrors(float[] weights, List<Long> dims, int axis, float[] means) {
        double[] errors = new double[scales.length];
        int inputs = Math.toIntExact(dims.get(1 - Math.min(axis, 1)));
        int groups = inputs == 0 ? 0 : means.length / inputs;
        if (groups == 0 || means.length != groups * inputs || scales.length % groups != 0) {
            return errors;
        }
        int inner = 1;
        for (long dim : dims.subList(2, dims.size())) {
            inner *= (int) dim;
        }
        int outputsPerGroup = scales.length / groups;
        for (int i = 0; i < weights.length; i++) {
            int first = i / inner / Math.toIntExact(dims.get(1));
            int second = i / inner % Math.toIntExact(dims.get(1));
            int output = axis == 0 ? first : second;
            int input = axis == 0 ? second : first;
            double off = values[i] * (double) scales[output] - weights[i];
            errors[output] += off * means[output / outputsPerGroup * inputs + input];
        }
        return errors;
    }

    /** A convolution of each channel by itself: its kernels add in 32 bits. */
    private static boolean isDepthwise(List<Long> dims, int axis) {
        return axis == 0 && dims.size() > 2 && dims.get(1) == 1;
    }

    /**
     * Where the weights of one output lie, counted from its first, in the order in which kernels multiply them: for a
     * convolution position by position, all input channels of one after another.
     */
    private static int[] order(List<Long> dims, int axis) {
        if (axis != 0) {
            int rows = Math.toIntExact(dims.get(0));
            int columns = Math.toIntExact(dims.get(1));
            int[] order = new int[rows];
            for (int k = 0; k < rows; k++) {
                order[k] = k * columns;
            }
            return order;
        }
        int inputs = Math.toIntExact(dims.get(1));
        int positions = 1;
        for (long dim : dims.subList(2, dims.size())) {
            positions *= (int) dim;
        }
        int[] order = new int[inputs * positions];
        for (int position = 0; position < positions; position++) {
            for (int input = 0; input < inputs; input++) {
                order[position * inputs + input] = input * positions + position;
            }
        }
        return order;
    }

    private static float best(float[] row, boolean paired, float least, byte[] scratch) {
        float all = 0;
        float pairs = 0;
        for (int k = 0; k < row.length; k++) {
            all = Math.max(all, Math.abs(row[k]));
            if (paired && k % 2 == 1 && row[k] * row[k - 1] > 0) {
                pairs = Math.max(pairs, Math.abs(row[k] + row[k - 1]));
            }
        }
        float narrow = Math.max(Math.max(all / LARGEST, least), Float.MIN_NORMAL);
        float wide = Math.max(narrow, pairs / LARGEST_PAIR);
        if (wide == narrow) {
            return narrow;
        }
        float best = wide;
        double bestError = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= CANDIDATES; i++) {
            float scale = narrow + (wide - narrow) * i / CANDIDATES;
            double error = round(row, scale, true, scratch);
            if (error < bestError) {
                bestError = error;
                best = scale;
            }
        }
        return best;
    }

    /** Rounds a row; returns the squared error. */
    private static double round(float[] row, float scale, boolean paired, byte[] rounded) {
        for (int k = 0; k < row.length; k++) {
            rounded[k] = (byte) Math.max(-LARGEST, Math.min(LARGEST, Math.rint(row[k] / scale)));
            if (paired && k % 2 == 1) {
                reduce(rounded, k - 1);
            }
        }
        double error = 0;
        for (int k = 0; k < row.length; k++) {
            double off = row[k] - rounded[k] * (double) scale;
            error += off * off;
        }
        return error;
    }

    /** Takes from two neighbours in equal parts what they are too large. */
    private static void reduce(byte[] values, int first) {
        int sum = values[first] + values[first + 1];
        int excess = Math.abs(sum) - LARGEST_PAIR;
        if (excess > 0) {
            int sign = Integer.signum(sum);
            values[first] -= (byte) (sign * (excess / 2));
            values[first + 1] -= (byte) (sign * (excess - excess / 2));
        }
    }
}
