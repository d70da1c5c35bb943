package dev.cleave.codec;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;

/**
 * Uniform quantisation to 2..256 levels over calibrated ranges, one per tensor or one per index of an axis. Immutable,
 * thread-safe.
 *
 * <p>With {@code step = (high - low) / (levels - 1)}, all in binary64: {@code level = floor((x - low) * (1 / step) +
 * 0.5)} clamped to {@code 0..levels-1}, and {@code x' = (float) (low + level * step)}. Java's arithmetic makes both
 * sides agree to the bit. Where {@code low == high} every element decodes to {@code low}.
 */
public final class Quantizer {
    /** Elements that are worked on at a time: the length of a block that callers lend. */
    public static final int BLOCK = FloatBlocks.SIZE;

    private final int levels;
    private final int axis;
    private final double[] low;
    private final double[] step;

    /** @throws IllegalArgumentException if the tensor has no such axis, or another size there */
    public Quantizer(TensorSpec spec, CodecParams.Quant params) {
        this.levels = params.levels();
        this.axis = params.axis();
        this.low = new double[params.ranges()];
        this.step = new double[params.ranges()];
        if (axis >= spec.shape().rank() || axis >= 0 && spec.shape().dim(axis) != params.ranges()) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " of shape " + spec.shape()
                    + " with quant ranges for axis " + axis + " of size " + params.ranges());
        }
        for (int i = 0; i < low.length; i++) {
            low[i] = params.low(i);
            step[i] = ((double) params.high(i) - params.low(i)) / (levels - 1);
        }
    }

    /**
     * Quantises a tensor.
     *
     * @param symbols takes one symbol per element, in memory order
     * @param block of {@link #BLOCK} values, for the time of the call
     * @return false if a value is not finite; {@code symbols} are then undefined
     */
    public boolean quantize(Tensor tensor, byte[] symbols, float[] block) {
        int elements = tensor.elements();
        FloatBlocks blocks = new FloatBlocks(tensor);
        AxisRuns runs = new AxisRuns(tensor.shape(), axis, low.length);
        for (int from = 0; from < elements; from += BLOCK) {
            int count = Math.min(BLOCK, elements - from);
            blocks.read(block, count);
            if (!FloatBlocks.allFinite(block, count)) {
                return false;
            }
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                quantizeRun(block, i, run, symbols, from + i, runs.index());
            }
        }
        return true;
    }

    private void quantizeRun(float[] block, int from, int count, byte[] symbols, int to, int range) {
        double origin = low[range];
        double inverse = step[range] > 0 ? 1 / step[range] : 0;
        int last = levels - 1;
        for (int i = 0; i < count; i++) {
            symbols[to + i] = level(block[from + i], origin, inverse, last);
        }
    }

    private static byte level(float value, double origin, double inverse, int last) {
        int level = (int) ((value - origin) * inverse + 0.5);
        return (byte) Math.max(0, Math.min(last, level));
    }

    /**
     * Quantises a tensor more finely: what {@link #quantize(Tensor, byte[], float[])} gives are {@code floors}, and one more where
     * {@code fractions} are 128 or more.
     *
     * @param floors takes the symbol at or below each value
     * @param fractions takes how far the value is above it, in 256ths
     */
    boolean quantize(Tensor tensor, byte[] floors, byte[] fractions, float[] block) {
        int elements = tensor.elements();
        FloatBlocks blocks = new FloatBlocks(tensor);
        AxisRuns runs = new AxisRuns(tensor.shape(), axis, low.length);
        for (int from = 0; from < elements; from += BLOCK) {
            int count = Math.min(BLOCK, elements - from);
            blocks.read(block, count);
            if (!FloatBlocks.allFinite(block, count)) {
                return false;
            }
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                int range = runs.index();
                double inverse = step[range] > 0 ? 1 / step[range] : 0;
                for (int j = i; j < i + run; j++) {
                    int fine = fine(block[j], low[range], inverse, levels - 1);
                    floors[from + j] = (byte) (fine >> 8);
                    fractions[from + j] = (byte) fine;
                }
            }
        }
        return true;
    }

    /** In 256ths of a symbol, rounded down. */
    private static int fine(float value, double origin, double inverse, int last) {
        // Half a symbol more is what a level is rounded down from: so both come to the same symbol.
        double above = ((value - origin) * inverse + 0.5) * 256;
        return (int) Math.max(0, Math.min(last << 8, Math.floor(above) - 128));
    }

    /** {@link #level(float, int)} in 256ths of a symbol, rounded down. */
    int fine(float value, int range) {
        return fine(value, low[range], step[range] > 0 ? 1 / step[range] : 0, levels - 1);
    }

    /** Number of symbols. */
    int levels() {
        return levels;
    }

    /** The symbol of one value, which has to be finite. */
    byte level(float value, int range) {
        return level(value, low[range], step[range] > 0 ? 1 / step[range] : 0, levels - 1);
    }

    /** Of the ranges; -1: there is one. */
    int axis() {
        return axis;
    }

    int ranges() {
        return low.length;
    }

    /** The tensor of these symbols, each below the number of levels. */
    void dequantize(byte[] symbols, Tensor into, float[] block) {
        FloatBlocks blocks = new FloatBlocks(into);
        AxisRuns runs = new AxisRuns(into.shape(), axis, low.length);
        for (int from = 0; from < into.elements(); from += BLOCK) {
            int count = Math.min(BLOCK, into.elements() - from);
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                dequantizeRun(symbols, from + i, run, block, i, runs.index());
            }
            blocks.write(block, count);
        }
    }

    private void dequantizeRun(byte[] symbols, int from, int count, float[] block, int to, int range) {
        double origin = low[range];
        double width = step[range];
        for (int i = 0; i < count; i++) {
            block[to + i] = (float) (origin + (symbols[from + i] & 0xff) * width);
        }
    }
}
