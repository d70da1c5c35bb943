package dev.cleave.bundle;

import dev.cleave.codec.CodecParams;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;

/** Which codecs fit which tensors. */
final class CodecRules {
    private CodecRules() {}

    /** Null, or what a codec for that output would have to be. */
    static String replyMisfit(CodecParams codec, TensorSpec output) {
        if (codec instanceof CodecParams.Image) {
            return "raw, fp16, quant or topK";
        }
        if (codec instanceof CodecParams.TopK) {
            return ((CodecParams.TopK) codec).misfit(output);
        }
        return floatMisfit(codec, output);
    }

    /** The same for a tensor that crosses, image apart. */
    static String boundaryMisfit(CodecParams codec, TensorSpec tensor) {
        return codec instanceof CodecParams.TopK
                ? "raw, fp16 or quant: topK is for outputs"
                : floatMisfit(codec, tensor);
    }

    private static String floatMisfit(CodecParams codec, TensorSpec spec) {
        if (codec instanceof CodecParams.Raw) {
            return null;
        }
        if (!spec.type().isFloating()) {
            return "raw: integers are coded without loss";
        }
        if (codec instanceof CodecParams.Quant) {
            CodecParams.Quant quant = (CodecParams.Quant) codec;
            if (quant.axis() != CodecParams.Quant.PER_TENSOR && !fits(quant.axis(), quant.ranges(), spec.shape())) {
                return "as many ranges (not " + quant.ranges() + ") as the axis has indices";
            }
            String contextMisfit =
                    quant.context() == null ? null : quant.context().misfit(spec.shape(), quant.levels());
            return contextMisfit == null ? null : "no " + contextMisfit;
        }
        return null;
    }

    /** Whether an axis is there, and of that size. */
    static boolean fits(int axis, int size, Shape shape) {
        return axis >= 0 && axis < shape.rank() && shape.dim(axis) == size;
    }

    static String named(TensorSpec spec) {
        return "tensor " + BundleException.quote(spec.name()) + " "
                + spec.type().jsonName() + spec.shape();
    }

    /** Parameters as messages show them. */
    static Object shown(CodecParams codec) {
        return codec instanceof CodecParams.Quant || codec instanceof CodecParams.TopK ? codec : codec.codec();
    }
}
