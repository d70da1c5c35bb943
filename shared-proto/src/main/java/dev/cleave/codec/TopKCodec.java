package dev.cleave.codec;

import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The k largest scores of each row of a classifier's output, exact and in the order of their ranks, and one value for all
 * others. Rows run along the last axis.
 *
 * <pre>
 * +-- ... --+-- ... --+----------+
 * | k index | k f32   | f32 rest |   once per row; an index takes 1, 2 or 3 bytes, by the number of classes
 * +-- ... --+-- ... --+----------+
 * </pre>
 *
 * <p>Scores are not rounded: two that became equal would give another class the first place. The rest is the value that
 * keeps what users compute from a row (docs/FORMATS.md, "topK"): where the row holds probabilities, their mean, so that
 * the sum stays 1; elsewhere the logarithm of the mean of their exponentials, so that a softmax gives the k classes the
 * probabilities that they had. It is below the scores that are kept, unless all are equal.
 *
 * <p>A tensor is not carried if a value is not finite, or if it would take as many bytes raw.
 */
final class TopKCodec implements TensorCodec {
    static final int ID = 4;
    private static final int VERSION = 1;
    /** A row that is nowhere outside of 0..1 and whose sum is as close to 1 holds probabilities. */
    private static final double SUM_TOLERANCE = 1e-2;

    private final TensorSpec spec;
    private final int k;
    private final int classes;
    private final int indexBytes;

    /** @throws IllegalArgumentException if the parameters do not fit the tensor */
    TopKCodec(TensorSpec spec, CodecParams.TopK params) {
        String expected = params.misfit(spec);
        if (expected != null) {
            throw new IllegalArgumentException(
                    EncodedTensor.named(spec) + spec.shape() + " with " + params + "; expected " + expected);
        }
        this.spec = spec;
        this.k = params.k();
        this.classes = (int) spec.shape().dim(spec.shape().rank() - 1);
        this.indexBytes = classes <= 1 << 8 ? 1 : classes <= 1 << 16 ? 2 : 3;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int version() {
        return VERSION;
    }

    private long bodyBytes(long elements) {
        return elements / classes * ((long) k * (indexBytes + Float.BYTES) + Float.BYTES);
    }

    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        long bytes = bodyBytes(tensor.elements());
        if (bytes >= tensor.bytes() || EncodedTensor.expandsTooFar(tensor.bytes(), bytes)) {
            return null;
        }
        ByteBuffer body = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        TopRanks ranks = new TopRanks(k);
        FloatBlocks rows = new FloatBlocks(tensor);
        float[] row = new float[classes];
        for (int from = 0; from < tensor.elements(); from += classes) {
            rows.read(row, classes);
            if (!FloatBlocks.allFinite(row, classes) || !write(row, ranks.of(row), body)) {
                return null;
            }
        }
        ((Buffer) body).rewind();
        return new Body(0, body);
    }

    /** False if there is no finite value for the rest. */
    private boolean write(float[] row, int[] best, ByteBuffer body) {
        for (int index : best) {
            for (int shift = 0; shift < indexBytes * Byte.SIZE; shift += Byte.SIZE) {
                body.put((byte) (index >>> shift));
            }
        }
        for (int index : best) {
            body.putFloat(row[index]);
        }
        float rest = rest(row, best);
        body.putFloat(rest);
        return isFinite(rest);
    }

    /** Of what is not among the best, which are gone from the row afterwards. */
    private float rest(float[] row, int[] best) {
        boolean probabilities = isDistribution(row);
        float bound = row[best[k - 1]];
        for (int index : best) {
            row[index] = Float.NEGATIVE_INFINITY;
        }
        double largest = Float.NEGATIVE_INFINITY;
        double smallest = bound;
        double sum = 0;
        for (float value : row) {
            if (value != Float.NEGATIVE_INFINITY) {
                largest = Math.max(largest, value);
                smallest = Math.min(smallest, value);
                sum += value;
            }
        }
        if (smallest == bound) {
            return bound;
        }
        int others = classes - k;
        double rest = probabilities ? sum / others : largest + StrictMath.log(exponentials(row, largest) / others);
        return below(bound, (float) rest);
    }

    private static boolean isDistribution(float[] row) {
        double sum = 0;
        for (float value : row) {
            if (value < 0 || value > 1) {
                return false;
            }
            sum += value;
        }
        return Math.abs(sum - 1) <= SUM_TOLERANCE;
    }

    private static double exponentials(float[] row, double largest) {
        double sum = 0;
        for (float value : row) {
            sum += StrictMath.exp(value - largest);
        }
        return sum;
    }

    /** The value, or less where it would not be below the bound as an element of the tensor: ranks are kept. */
    private float below(float bound, float value) {
        float result = value;
        for (float step = Math.ulp(bound); isFinite(result) && element(result) >= bound; step *= 2) {
            result = bound - step;
        }
        return result;
    }

    /** The value once it is an element of the tensor. */
    private float element(float value) {
        switch (spec.type()) {
            case FLOAT16:
                return HalfFloat.fromBinary16(HalfFloat.toBinary16(value));
            case BFLOAT16:
                return HalfFloat.fromBfloat16(HalfFloat.toBfloat16(value));
            default:
                return value;
        }
    }

    private boolean isFinite(float value) {
        float element = element(value);
        return !Float.isNaN(element) && !Float.isInfinite(element);
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        if (flags != 0) {
            throw new CodecException(EncodedTensor.named(spec) + " has flags " + flags + "; expected none with topK");
        }
        PlainBodies.check(spec, flags, body, bodyBytes(shape.elements()));
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        ByteBuffer in = body.order(ByteOrder.LITTLE_ENDIAN);
        int rows = into.elements() / classes;
        FloatBlocks blocks = new FloatBlocks(into);
        int[] indices = new int[rows == 0 ? 0 : k];
        float[] row = new float[rows == 0 ? 0 : classes];
        for (int i = 0; i < rows; i++) {
            read(in, indices, row);
            blocks.write(row, classes);
        }
    }

    private void read(ByteBuffer in, int[] indices, float[] row) throws CodecException {
        for (int i = 0; i < k; i++) {
            int index = 0;
            for (int shift = 0; shift < indexBytes * Byte.SIZE; shift += Byte.SIZE) {
                index |= (in.get() & 0xff) << shift;
            }
            indices[i] = index;
        }
        // Which no score is: marks what is not set yet.
        Arrays.fill(row, Float.NaN);
        for (int i = 0; i < k; i++) {
            float score = in.getFloat();
            if (indices[i] >= classes || !Float.isNaN(row[indices[i]])) {
                throw new CodecException(EncodedTensor.named(spec) + " holds class " + indices[i]
                        + (indices[i] >= classes ? "; expected 0 to " + (classes - 1) : " twice in a row"));
            }
            boolean ranked = i == 0
                    || score < row[indices[i - 1]]
                    || score == row[indices[i - 1]] && indices[i] > indices[i - 1];
            if (!isFinite(score) || !ranked) {
                throw new CodecException(EncodedTensor.named(spec) + " holds score " + score + " at rank " + i
                        + "; expected finite scores, best first");
            }
            row[indices[i]] = score;
        }
        fill(row, in.getFloat(), row[indices[k - 1]]);
    }

    private void fill(float[] row, float rest, float bound) throws CodecException {
        if (!isFinite(rest) || rest > bound) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " holds the rest as " + rest + "; expected at most " + bound);
        }
        for (int i = 0; i < row.length; i++) {
            if (Float.isNaN(row[i])) {
                row[i] = rest;
            }
        }
    }
}
