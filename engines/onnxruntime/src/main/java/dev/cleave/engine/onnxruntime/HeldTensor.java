package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import java.nio.ByteBuffer;

/**
 * An initializer whose bytes are in this process's memory: ONNX Runtime is given the buffer itself, not a copy.
 *
 * @param dims of the tensor
 * @param bytes direct, little-endian elements
 */
record HeldTensor(String name, OnnxJavaType type, long[] dims, ByteBuffer bytes) {
    /**
     * Smaller ones are put into the model. ONNX Runtime looks at the values of small tensors when it works out shapes,
     * before it is given those outside.
     */
    private static final int LEAST_BYTES = 1 << 10;

    /** Whether a tensor of an ONNX element type and size can be handed over. */
    static boolean fits(int onnxType, long bytes) {
        return bytes >= LEAST_BYTES && javaType(onnxType) != null;
    }

    /** Null for types that ONNX Runtime's Java interface cannot take as they are. */
    static OnnxJavaType javaType(int onnxType) {
        switch (onnxType) {
            case 1:
                return OnnxJavaType.FLOAT;
            case 2:
                return OnnxJavaType.UINT8;
            case 3:
                return OnnxJavaType.INT8;
            case 10:
                return OnnxJavaType.FLOAT16;
            case 11:
                return OnnxJavaType.DOUBLE;
            case 16:
                return OnnxJavaType.BFLOAT16;
            default:
                return null;
        }
    }
}
