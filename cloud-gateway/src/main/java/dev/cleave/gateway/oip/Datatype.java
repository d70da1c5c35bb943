package dev.cleave.gateway.oip;

import dev.cleave.tensor.ElementType;

/** What the protocol calls the element types. Its BYTES is none of them: no tensor here holds strings. */
public final class Datatype {
    private Datatype() {}

    public static String of(ElementType type) {
        return switch (type) {
            case BOOL -> "BOOL";
            case UINT8 -> "UINT8";
            case UINT16 -> "UINT16";
            case UINT32 -> "UINT32";
            case UINT64 -> "UINT64";
            case INT8 -> "INT8";
            case INT16 -> "INT16";
            case INT32 -> "INT32";
            case INT64 -> "INT64";
            case FLOAT16 -> "FP16";
            case FLOAT32 -> "FP32";
            case FLOAT64 -> "FP64";
            case BFLOAT16 -> "BF16";
        };
    }
}
