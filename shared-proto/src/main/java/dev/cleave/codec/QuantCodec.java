package dev.cleave.codec;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;

/**
 * Uniform quantisation to 2..256 levels over calibrated ranges, one per tensor or one per index of an axis.
 *
 * <p>With {@code step = (high - low) / (levels - 1)}, all in binary64: {@code level = floor((x - low) * (1 / step) +
 * 0.5)} clamped to {@code 0..levels-1}, and {@code x' = (float) (low + level * step)}. Java's arithmetic makes both
 * sides agree to the bit. Where {@code low == high} every element decodes to {@code low}. A tensor with a value that is
 * not finite is not carried.
 */
final class QuantCodec implements TensorCodec {
    static final int ID = 2;
    private static final int VERSION = 1;

    private final TensorSpec spec;
    private final int levels;
    private final int width;
    private final int axis;
    private final double[] low;
    private final double[] step;

    /** @throws IllegalArgumentException if the tensor has no such axis, or another size there */
    QuantCodec(TensorSpec spec, CodecParams.Quant params) {
        this.spec = spec;
        this.levels = params.levels();
        this.width = Symbols.width(levels);
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

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        byte[] symbols = new byte[tensor.elements()];
        if (!quantize(tensor, symbols)) {
            return null;
        }
        byte[] packed = width == 8 ? symbols : Symbols.pack(symbols, width);
        Body best = new Body(0, ByteBuffer.wrap(packed));
        if (entropy == Entropy.ZSTD) {
            best = smaller(best, EncodedTensor.ZSTD, packed, tensor);
            if (width < 8) {
                best = smaller(best, EncodedTensor.ZSTD | EncodedTensor.BYTE_SYMBOLS, symbols, tensor);
            }
        }
        return best;
    }

    private static Body smaller(Body best, int flags, byte[] plain, Tensor tensor) {
        ByteBuffer frame = ZstdFrames.compress(plain, tensor.bytes());
        return frame == null || frame.remaining() >= best.bytes().remaining() ? best : new Body(flags, frame);
    }

    private boolean quantize(Tensor tensor, byte[] symbols) {
        float[] block = new float[FloatBlocks.SIZE];
        Runs runs = new Runs(tensor.shape());
        for (int from = 0; from < symbols.length; from += block.length) {
            int count = Math.min(block.length, symbols.length - from);
            FloatBlocks.read(tensor, from, block, count);
            if (!FloatBlocks.allFinite(block, count)) {
                return false;
            }
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                quantizeRun(block, i, run, symbols, from + i, runs.range);
            }
        }
        return true;
    }

    private void quantizeRun(float[] block, int from, int count, byte[] symbols, int to, int range) {
        double origin = low[range];
        double inverse = step[range] > 0 ? 1 / step[range] : 0;
        int last = levels - 1;
        for (int i = 0; i < count; i++) {
            int level = (int) ((block[from + i] - origin) * inverse + 0.5);
            symbols[to + i] = (byte) Math.max(0, Math.min(last, level));
        }
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        boolean byteSymbols = (flags & EncodedTensor.BYTE_SYMBOLS) != 0;
        if (byteSymbols && (width == 8 || (flags & EncodedTensor.ZSTD) == 0)) {
            throw new CodecException(EncodedTensor.named(spec) + " has byte symbols with flags " + flags + " and "
                    + levels + " levels; expected them with zstd and at most 128 levels only");
        }
        PlainBodies.checkLength(spec, flags, body, Symbols.packedBytes(shape.elements(), byteSymbols ? 8 : width));
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        int stored = (flags & EncodedTensor.BYTE_SYMBOLS) != 0 ? 8 : width;
        ByteBuffer plain = PlainBodies.open(spec, flags, body, (int) Symbols.packedBytes(into.elements(), stored));
        float[] block = new float[FloatBlocks.SIZE];
        byte[] packed = new byte[block.length * stored / 8];
        byte[] symbols = stored == 8 ? packed : new byte[block.length];
        Runs runs = new Runs(into.shape());
        for (int from = 0; from < into.elements(); from += block.length) {
            int count = Math.min(block.length, into.elements() - from);
            plain.get(packed, 0, (int) Symbols.packedBytes(count, stored));
            if (stored < 8 && !Symbols.unpack(packed, stored, symbols, count)) {
                throw new CodecException(EncodedTensor.named(spec) + " has bits set after its last symbol");
            }
            checkSymbols(symbols, count);
            for (int i = 0, run; i < count; i += run) {
                run = runs.next(count - i);
                dequantizeRun(symbols, i, run, block, runs.range);
            }
            FloatBlocks.write(into, from, block, count);
        }
    }

    private void checkSymbols(byte[] symbols, int count) throws CodecException {
        int highest = 0;
        for (int i = 0; i < count; i++) {
            highest = Math.max(highest, symbols[i] & 0xff);
        }
        if (highest >= levels) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " holds symbol " + highest + "; expected 0 to " + (levels - 1));
        }
    }

    private void dequantizeRun(byte[] symbols, int from, int count, float[] block, int range) {
        double origin = low[range];
        double width = step[range];
        for (int i = from; i < from + count; i++) {
            block[i] = (float) (origin + (symbols[i] & 0xff) * width);
        }
    }

    /** Walks a tensor in memory order, in runs of elements that share a range. */
    private final class Runs {
        private final int ranges = low.length;
        private final int length;
        private int left;
        /** Of the run that {@link #next} returned last. */
        private int range = -1;

        Runs(Shape shape) {
            long elements = 1;
            for (int i = axis + 1; i < shape.rank(); i++) {
                elements *= shape.dim(i);
            }
            length = (int) elements;
        }

        /** Number of the next elements, at most {@code limit}, that share a range. */
        int next(int limit) {
            if (left == 0) {
                left = length;
                range = range + 1 == ranges ? 0 : range + 1;
            }
            int run = Math.min(limit, left);
            left -= run;
            return run;
        }
    }
}
