package dev.cleave.tensor;

import java.util.Locale;

/**
 * The element types that may cross a boundary. Strings have no fixed width and never cross one.
 *
 * <p>{@link #onnxCode()} is the value of {@code TensorProto.DataType} in the ONNX specification.
 */
public enum ElementType {
    FLOAT32(1, 4),
    UINT8(2, 1),
    INT8(3, 1),
    UINT16(4, 2),
    INT16(5, 2),
    INT32(6, 4),
    INT64(7, 8),
    BOOL(9, 1),
    FLOAT16(10, 2),
    FLOAT64(11, 8),
    UINT32(12, 4),
    UINT64(13, 8),
    BFLOAT16(16, 2);

    private static final ElementType[] VALUES = values();

    private final int onnxCode;
    private final int bytes;

    ElementType(int onnxCode, int bytes) {
        this.onnxCode = onnxCode;
        this.bytes = bytes;
    }

    /** Width of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    public int onnxCode() {
        return onnxCode;
    }

    /** The name in JSON documents: {@code float32}, {@code uint8}, {@code bool} and so on. */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True for every type with a fraction; the codecs that lose precision apply to these alone. */
    public boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
    }

    /** @throws IllegalArgumentException naming the code, when it is none of these types (strings, 4-bit types ...) */
    public static ElementType fromOnnxCode(int code) {
        for (ElementType type : VALUES) {
            if (type.onnxCode == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("element type " + code + " cannot cross a boundary"
                + (code == 8 ? " (string)" : "") + "; expected a numeric or bool type");
    }

    /** @throws IllegalArgumentException naming the name, when it is none of these types */
    public static ElementType fromJsonName(String name) {
        for (ElementType type : VALUES) {
            if (type.jsonName().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("element type \"" + name + "\" is not known; expected float32, uint8, ...");
    }
}
