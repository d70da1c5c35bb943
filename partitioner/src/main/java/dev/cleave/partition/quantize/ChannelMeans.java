package dev.cleave.partition.quantize;

import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;

/** The mean and the largest magnitude of each channel of one float tensor, over all tensors that were added. One thread. */
final class ChannelMeans {
    private double[] sums = new double[0];
    private float[] sizes = new float[0];
    private long perChannel;

    /** Takes in a tensor: channels are on axis 1, or on the last axis where there are less than three. */
    void add(Tensor tensor) {
        int rank = tensor.shape().rank();
        int axis = rank < 3 ? rank - 1 : 1;
        if (axis < 0 || tensor.elements() == 0) {
            return;
        }
        int channels = (int) tensor.shape().dim(axis);
        int inner = 1;
        for (int i = axis + 1; i < rank; i++) {
            inner *= (int) tensor.shape().dim(i);
        }
        sums = sums.length == channels ? sums : new double[channels];
        sizes = sizes.length == channels ? sizes : new float[channels];
        FloatBuffer values = tensor.data().asFloatBuffer();
        for (int i = 0; i < values.limit(); i++) {
            float value = values.get(i);
            if (Float.isFinite(value)) {
                int channel = i / inner % channels;
                sums[channel] += value;
                sizes[channel] = Math.max(sizes[channel], Math.abs(value));
            }
        }
        perChannel += values.limit() / channels;
    }

    /** Largest magnitudes; empty if nothing was added. */
    float[] sizes() {
        return sizes.clone();
    }

    /** One for each channel; empty if nothing was added. */
    float[] means() {
        float[] means = new float[sums.length];
        for (int c = 0; c < means.length; c++) {
            means[c] = (float) (sums[c] / perChannel);
        }
        return means;
    }
}
