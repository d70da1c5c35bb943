package dev.cleave.cli.daemon.oip;

import dev.cleave.tensor.ElementType;
import java.util.EnumMap;
import java.util.Map;

/** What the protocol calls the element types. */
final class DataType {
    private static final Map<ElementType, String> NAMES = new EnumMap<>(ElementType.class);

    static {
        NAMES.put(ElementType.BOOL, "BOOL");
        NAMES.put(ElementType.UINT8, "UINT8");
        NAMES.put(ElementType.UINT16, "UINT16");
        NAMES.put(ElementType.UINT32, "UINT32");
        NAMES.put(ElementType.UINT64, "UINT64");
        NAMES.put(ElementType.INT8, "INT8");
        NAMES.put(ElementType.INT16, "INT16");
        NAMES.put(ElementType.INT32, "INT32");
        NAMES.put(ElementType.INT64, "INT64");
        NAMES.put(ElementType.FLOAT16, "FP16");
        NAMES.put(ElementType.FLOAT32, "FP32");
        NAMES.put(ElementType.FLOAT64, "FP64");
        NAMES.put(ElementType.BFLOAT16, "BF16");
    }

    private DataType() {}

    static String name(ElementType type) {
        return NAMES.get(type);
    }

    static ElementType parse(String name) throws MalformedRequestException {
        for (Map.Entry<ElementType, String> entry : NAMES.entrySet()) {
            if (entry.getValue().equals(name)) {
                return entry.getKey();
            }
        }
        throw new MalformedRequestException(
                "datatype \"" + name + "\" is not known; expected one of " + NAMES.values());
    }
}
