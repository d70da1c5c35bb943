package dev.cleave.codec;

import dev.cleave.codec.context.ContextModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Objects;

/** What the contract fixes about the coding of one tensor: of a boundary at one quality level, or of the outputs in a reply. */
public sealed interface CodecParams
        permits CodecParams.Raw, CodecParams.Fp16, CodecParams.Quant, CodecParams.Image, CodecParams.TopK {
    /** The name in the contract: {@code raw}, {@code fp16}, {@code quant}, {@code image}, {@code topK}. */
    String codec();

    /** The element bytes as they are: lossless for every type. */
    record Raw() implements CodecParams {
        @Override
        public String codec() {
            return "raw";
        }
    }

    /** Floating-point elements rounded to IEEE 754 binary16. */
    record Fp16() implements CodecParams {
        @Override
        public String codec() {
            return "fp16";
        }
    }

    /** Pictures after the geometric part of preprocessing, as JPEG, PNG or packed RGB; only for an input at point 0. */
    record Image() implements CodecParams {
        @Override
        public String codec() {
            return "image";
        }
    }

    /**
     * The {@code k} largest scores of each row of a classifier, exact; the others as one value. Only for outputs.
     *
     * @param k at least 1, fewer than there are classes
     */
    record TopK(int k) implements CodecParams {
        private static final int MAX_CLASSES = 1 << 24;

        public TopK {
            if (k < 1) {
                throw new IllegalArgumentException("topK with k " + k + "; expected at least 1");
            }
        }

        @Override
        public String codec() {
            return "topK";
        }

        /** Null, or what would have to be for this to fit an output. */
        public String misfit(TensorSpec output) {
            if (!output.type().isFloating() || output.type() == ElementType.FLOAT64) {
                return "topK only for float32, float16 and bfloat16";
            }
            int rank = output.shape().rank();
            long classes = rank == 0 ? 0 : output.shape().dim(rank - 1);
            if (classes < 2 || classes > MAX_CLASSES) {
                return "topK only where the last axis has a fixed size of 2 to " + MAX_CLASSES + " classes";
            }
            return k < classes ? null : "a k below the " + classes + " classes of the last axis";
        }
    }

    /**
     * Uniform quantisation: {@code level = round((x - low) / step)} clamped to {@code 0..levels-1},
     * {@code step = (high - low) / (levels - 1)}, {@code x' = low + level * step}.
     */
    final class Quant implements CodecParams {
        public static final int MIN_LEVELS = 2;
        public static final int MAX_LEVELS = 256;
        /** The {@link #axis()} of one range for the whole tensor. */
        public static final int PER_TENSOR = -1;

        private final int levels;
        private final int axis;
        private final float[] low;
        private final float[] high;
        private final ContextModel context;

        /** Without a context model. */
        public Quant(int levels, int axis, float[] low, float[] high) {
            this(levels, axis, low, high, null);
        }

        /**
         * @param axis the axis with a range per index, or {@link #PER_TENSOR}
         * @param low lowest representable value per index; finite
         * @param high highest representable value per index; finite, not below {@code low}
         * @param context what symbols are coded with; null: packed, or by the coder that the stream agreed on
         */
        public Quant(int levels, int axis, float[] low, float[] high, ContextModel context) {
            if (levels < MIN_LEVELS || levels > MAX_LEVELS) {
                throw new IllegalArgumentException("quant with " + levels + " levels; expected 2 to 256");
            }
            if (low.length != high.length
                    || low.length == 0
                    || axis < PER_TENSOR
                    || axis == PER_TENSOR && low.length > 1) {
                throw new IllegalArgumentException(
                        "quant with " + low.length + " lows, " + high.length + " highs on axis " + axis);
            }
            for (int i = 0; i < low.length; i++) {
                if (!(low[i] <= high[i]) || Float.isInfinite(low[i]) || Float.isInfinite(high[i])) {
                    throw new IllegalArgumentException("quant range " + i + " is " + low[i] + ".." + high[i]);
                }
            }
            this.levels = levels;
            this.axis = axis;
            this.low = low.clone();
            this.high = high.clone();
            this.context = context;
        }

        /** The same quantisation with another context model, or none. */
        public Quant withContext(ContextModel other) {
            return new Quant(levels, axis, low, high, other);
        }

        @Override
        public String codec() {
            return "quant";
        }

        public int levels() {
            return levels;
        }

        public int axis() {
            return axis;
        }

        /** Null where symbols are not coded by their contexts. */
        public ContextModel context() {
            return context;
        }

        /** Number of ranges: 1 per tensor, or the size of {@link #axis()}. */
        public int ranges() {
            return low.length;
        }

        public float low(int index) {
            return low[index];
        }

        public float high(int index) {
            return high[index];
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Quant
                    && levels == ((Quant) other).levels
                    && axis == ((Quant) other).axis
                    && Arrays.equals(low, ((Quant) other).low)
                    && Arrays.equals(high, ((Quant) other).high)
                    && Objects.equals(context, ((Quant) other).context);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(low) * 31 + levels;
        }

        @Override
        public String toString() {
            return "quant(" + levels + (axis == PER_TENSOR ? " per tensor" : " per index of axis " + axis)
                    + (context == null ? ")" : ", " + context + ")");
        }
    }
}
