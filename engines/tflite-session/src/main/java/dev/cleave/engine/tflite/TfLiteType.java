package dev.cleave.engine.tflite;

import dev.cleave.tensor.ElementType;

/** The element types of TensorFlow Lite by their numbers in its schema. */
final class TfLiteType {
    private static final String[] NAMES = {
        "float32",
        "float16",
        "int32",
        "uint8",
        "int64",
        "string",
        "bool",
        "int16",
        "complex64",
        "int8",
        "float64",
        "complex128",
        "uint64",
        "resource",
        "variant",
        "uint32",
        "uint16",
        "int4",
        "bfloat16"
    };

    private TfLiteType() {}

    /** Null if it is none that can cross a boundary. */
    static ElementType elementType(int code) {
        for (ElementType type : ElementType.values()) {
            if (type.jsonName().equals(name(code))) {
                return type;
            }
        }
        return null;
    }

    /** For messages. */
    static String name(int code) {
        return code >= 0 && code < NAMES.length ? NAMES[code] : "of type " + code;
    }
}
