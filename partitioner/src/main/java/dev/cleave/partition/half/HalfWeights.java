package dev.cleave.partition.half;

import com.google.protobuf.ByteString;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.tensor.HalfFloat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;

/**
 * A stored float tensor in binary16, or why it cannot be that.
 *
 * <p>Rounding to 11 significant bits changes a number by at most one part in 2,048. More is lost below 2^-14, where
 * binary16 has fewer bits, and from 65,520 on, where it has infinities. A tensor is refused for a number that is out of
 * range, and where the small ones are many enough to count: in all of it, or in one slice of its first axis (an output
 * channel of a convolution), as what is small in one layer may be large in the next.
 *
 * @param tensor null if it is refused
 * @param refusal null if it is not
 */
record HalfWeights(TensorProto tensor, String refusal) {
    /** Largest share of a tensor's Euclidean norm that may be lost. */
    private static final double MOST_LOSS = 1e-3;
    /** The same of a slice. */
    private static final double MOST_SLICE_LOSS = 1e-2;
    /** Slices whose norm is a smaller share of the largest one's count for nothing. */
    private static final double LEAST_SLICE = 1e-3;

    private static final float LARGEST = 65504;

    /** @param name of the converted tensor */
    static HalfWeights of(OnnxModel model, TensorProto tensor, String name) {
        return of(values(model, tensor), tensor, name);
    }

    /** Bounds, of which all that are out of range are as good as the largest number within it. */
    static HalfWeights ofBounds(OnnxModel model, TensorProto tensor, String name) {
        float[] bounds = values(model, tensor);
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Math.max(-LARGEST, Math.min(LARGEST, bounds[i]));
        }
        return of(bounds, tensor, name);
    }

    private static float[] values(OnnxModel model, TensorProto tensor) {
        FloatBuffer floats = model.data(tensor)
                .bytes()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[floats.remaining()];
        floats.get(values);
        return values;
    }

    private static HalfWeights of(float[] values, TensorProto tensor, String name) {
        String label = "\"" + tensor.getName() + "\"";
        ByteBuffer halves = ByteBuffer.allocate(Short.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            short half = HalfFloat.toBinary16(value);
            if (Float.isFinite(value) && Float.isInfinite(HalfFloat.fromBinary16(half))) {
                return new HalfWeights(null, label + " holds " + value + ", beyond " + LARGEST);
            }
            halves.putShort(half);
        }
        double loss = new Loss(values, slices(tensor, values.length)).share();
        if (loss > 0) {
            return new HalfWeights(
                    null,
                    String.format(Locale.ROOT, "%s is too small for 16 bits: %.2g of it would be lost", label, loss));
        }
        return new HalfWeights(
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(TensorProto.DataType.FLOAT16_VALUE)
                        .addAllDims(tensor.getDimsList())
                        .setRawData(ByteString.copyFrom(halves.array()))
                        .build(),
                null);
    }

    private static int slices(TensorProto tensor, int elements) {
        return tensor.getDimsCount() < 2 || elements == 0 ? 1 : Math.toIntExact(tensor.getDims(0));
    }

    /** What rounding a tensor loses, in shares of Euclidean norms. */
    private static final class Loss {
        /** Squared norms, by slice. */
        private final double[] norms;

        private final double[] errors;

        Loss(float[] values, int slices) {
            norms = new double[slices];
            errors = new double[slices];
            int length = Math.max(1, values.length / slices);
            for (int i = 0; i < values.length; i++) {
                double value = values[i];
                if (Float.isFinite(values[i])) {
                    double error = value - HalfFloat.fromBinary16(HalfFloat.toBinary16(values[i]));
                    norms[i / length] += value * value;
                    errors[i / length] += error * error;
                }
            }
        }

        /** The share that is too much; 0 if none is. */
        double share() {
            double norm = 0;
            double error = 0;
            double largest = 0;
            for (int slice = 0; slice < norms.length; slice++) {
                norm += norms[slice];
                error += errors[slice];
                largest = Math.max(largest, norms[slice]);
            }
            double worst = exceeding(error, norm, MOST_LOSS);
            for (int slice = 0; slice < norms.length; slice++) {
                if (norms[slice] >= largest * LEAST_SLICE * LEAST_SLICE) {
                    worst = Math.max(worst, exceeding(errors[slice], norms[slice], MOST_SLICE_LOSS));
                }
            }
            return worst;
        }

        private static double exceeding(double error, double norm, double allowed) {
            double share = norm == 0 ? 0 : Math.sqrt(error / norm);
            return share > allowed ? share : 0;
        }
    }
}
