package dev.cleave.partition.calibrate;

import dev.cleave.answer.Values;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The smallest and largest value of one boundary tensor over all calibration inputs: for the whole tensor, and for
 * each index of each axis whose size is fixed.
 *
 * <p>Which axis holds the channels is not written in a graph (NCHW, NHWC, {@code [N,T,C]} ...), so it is found: of the
 * axes with enough observations per index, the one whose ranges are narrowest on average, as that one has the smallest
 * quantisation step at equal levels.
 */
public final class ChannelRanges {
    /** Fewer values per index than this say little about its range. */
    private static final int MIN_OBSERVATIONS = 32;
    /** Wider axes are positions rather than channels, and their tables would outgrow the frames. */
    private static final int MAX_INDICES = 4096;

    private final Shape shape;
    private final float[][] low;
    private final float[][] high;
    private float tensorLow = Float.POSITIVE_INFINITY;
    private float tensorHigh = Float.NEGATIVE_INFINITY;
    private long observed;

    public ChannelRanges(TensorSpec spec) {
        shape = spec.shape();
        low = new float[shape.rank()][];
        high = new float[shape.rank()][];
        for (int axis = 0; axis < shape.rank(); axis++) {
            long size = shape.dim(axis);
            if (size > 1 && size <= MAX_INDICES) {
                low[axis] = filled((int) size, Float.POSITIVE_INFINITY);
                high[axis] = filled((int) size, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /** Takes in one tensor; values that are not finite are left out. */
    public void observe(Tensor tensor) {
        ByteBuffer data = tensor.data();
        long[] dims = tensor.shape().dims();
        int[] index = new int[dims.length];
        int elements = tensor.elements();
        for (int i = 0; i < elements; i++) {
            float value = (float) Values.get(tensor, data, i);
            if (Float.isFinite(value)) {
                observe(index, value);
            }
            advance(index, dims);
        }
    }

    private void observe(int[] index, float value) {
        observed++;
        tensorLow = Math.min(tensorLow, value);
        tensorHigh = Math.max(tensorHigh, value);
        for (int axis = 0; axis < index.length; axis++) {
            if (low[axis] != null) {
                int at = index[axis];
                low[axis][at] = Math.min(low[axis][at], value);
                high[axis][at] = Math.max(high[axis][at], value);
            }
        }
    }

    private static void advance(int[] index, long[] dims) {
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            if (++index[axis] < dims[axis]) {
                return;
            }
            index[axis] = 0;
        }
    }

    /** The axis with the narrowest ranges, or {@link Quant#PER_TENSOR} if no axis has enough observations. */
    public int channelAxis() {
        int best = Quant.PER_TENSOR;
        double narrowest = 1;
        for (int axis = 0; axis < low.length; axis++) {
            if (low[axis] != null && observed / low[axis].length >= MIN_OBSERVATIONS) {
                double width = meanWidth(axis);
                if (width < narrowest) {
                    narrowest = width;
                    best = axis;
                }
            }
        }
        return best;
    }

    /** Mean width of an axis's ranges as a share of the whole tensor's. */
    private double meanWidth(int axis) {
        double sum = 0;
        for (int i = 0; i < low[axis].length; i++) {
            sum += Math.max(0, (double) high[axis][i] - low[axis][i]);
        }
        return sum / low[axis].length / Math.max((double) tensorHigh - tensorLow, Float.MIN_NORMAL);
    }

    /** Quantisation over the observed ranges. */
    public Quant quant(int levels, int axis) {
        if (axis == Quant.PER_TENSOR) {
            return new Quant(levels, axis, known(new float[] {tensorLow}), known(new float[] {tensorHigh}));
        }
        return new Quant(levels, axis, known(low[axis]), known(high[axis]));
    }

    /** Number of finite values seen. */
    public long observed() {
        return observed;
    }

    /** An index that was never seen with a finite value is taken for constant zero. */
    private static float[] known(float[] bounds) {
        float[] copy = bounds.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = Float.isInfinite(copy[i]) ? 0 : copy[i];
        }
        return copy;
    }

    private static float[] filled(int size, float value) {
        float[] array = new float[size];
        Arrays.fill(array, value);
        return array;
    }
}
