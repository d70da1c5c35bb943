package dev.cleave.engine.onnxruntime;

import com.google.protobuf.CodedInputStream;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a {@code TensorProto} says about itself and where its bytes are. Immutable. */
final class ExternalTensor {
    static final int EXTERNAL_DATA = 13;
    static final int DATA_LOCATION = 14;

    private static final int EXTERNAL = 1;

    private final String label;
    private final String name;
    private final int type;
    private final List<Long> dims;
    private final boolean external;
    private final Map<String, String> entries;
    private final long bytes;

    private ExternalTensor(
            String label,
            String name,
            int type,
            List<Long> dims,
            boolean external,
            Map<String, String> entries,
            long bytes) {
        this.label = label;
        this.name = name;
        this.type = type;
        this.dims = dims;
        this.external = external;
        this.entries = entries;
        this.bytes = bytes;
    }

    static ExternalTensor read(String label, byte[] model, int from, int to) throws IOException, EngineException {
        String name = "";
        boolean external = false;
        int type = 0;
        List<Long> dims = new ArrayList<>();
        Map<String, String> entries = new HashMap<>();
        Fields field = new Fields(model, from, to);
        while (field.next()) {
            if (field.isVarint(1)) {
                dims.add(field.varint());
            } else if (field.isDelimited(1)) {
                CodedInputStream packed = field.packed();
                while (!packed.isAtEnd()) {
                    dims.add(packed.readInt64());
                }
            } else if (field.isVarint(2)) {
                type = (int) field.varint();
            } else if (field.isDelimited(8)) {
                name = field.string();
            } else if (field.isDelimited(EXTERNAL_DATA)) {
                readEntry(field.message(), entries);
            } else if (field.isVarint(DATA_LOCATION)) {
                external = (int) field.varint() == EXTERNAL;
            }
        }
        long bytes = external ? size(elements(dims), type) : 0;
        return new ExternalTensor(label, name, type, dims, external, entries, bytes).requireSize();
    }

    /** The bytes are in a file, not in the model. */
    boolean isExternal() {
        return external;
    }

    boolean hasEntries() {
        return !entries.isEmpty();
    }

    /** A {@code TensorProto.DataType}. */
    int type() {
        return type;
    }

    String name() {
        return name;
    }

    long[] dims() {
        long[] array = new long[dims.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = dims.get(i);
        }
        return array;
    }

    /** Bytes that the type and the dimensions of an external tensor ask for; 0 for others. */
    long bytes() {
        return bytes;
    }

    /** @throws EngineException if there is none */
    String location() throws EngineException {
        String location = entries.get("location");
        if (location == null) {
            throw refused("is external but names no location");
        }
        return location;
    }

    /** Bytes from the start of the region; 0 if not given. */
    long offset() throws EngineException {
        return entries.containsKey("offset") ? number("offset") : 0;
    }

    EngineException refused(String why) {
        return new EngineException(label + ": external tensor \"" + OneLine.of(name) + "\" " + why);
    }

    private ExternalTensor requireSize() throws EngineException {
        if (bytes < 0) {
            throw refused("of element type " + type + " has no size in bytes");
        }
        if (external && entries.containsKey("length") && number("length") != bytes) {
            throw refused("has a length of " + number("length") + " bytes; expected the " + bytes
                    + " that its type and dimensions ask for");
        }
        return this;
    }

    private long number(String key) throws EngineException {
        String text = entries.get(key);
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Refused below, with the text.
        }
        throw refused("has " + key + " \"" + OneLine.of(text) + "\"; expected a whole number of bytes");
    }

    private static void readEntry(Fields field, Map<String, String> entries) throws IOException {
        String key = "";
        String value = "";
        while (field.next()) {
            if (field.isDelimited(1)) {
                key = field.string();
            } else if (field.isDelimited(2)) {
                value = field.string();
            }
        }
        entries.put(key, value);
    }

    private static long elements(List<Long> dims) {
        long elements = 1;
        for (long dim : dims) {
            elements = times(elements, dim);
        }
        return elements;
    }

    /** Negative for ever once a dimension is negative or the product overflows. */
    private static long times(long elements, long dim) {
        if (elements < 0 || dim < 0) {
            return -1;
        }
        return dim != 0 && elements > Long.MAX_VALUE / dim ? -1 : elements * dim;
    }

    private static long size(long elements, int type) {
        int bits = bits(type);
        if (elements < 0 || bits == 0 || elements > (Long.MAX_VALUE - 7) / bits) {
            return -1;
        }
        return (elements * bits + 7) / 8;
    }

    /** Width of one element of a {@code TensorProto.DataType}; 0 if it has none. */
    private static int bits(int type) {
        switch (type) {
            case 25: // UINT2
            case 26: // INT2
                return 2;
            case 21: // UINT4
            case 22: // INT4
            case 23: // FLOAT4E2M1
                return 4;
            case 2: // UINT8
            case 3: // INT8
            case 9: // BOOL
            case 17: // FLOAT8E4M3FN
            case 18: // FLOAT8E4M3FNUZ
            case 19: // FLOAT8E5M2
            case 20: // FLOAT8E5M2FNUZ
            case 24: // FLOAT8E8M0
                return 8;
            case 4: // UINT16
            case 5: // INT16
            case 10: // FLOAT16
            case 16: // BFLOAT16
                return 16;
            case 1: // FLOAT
            case 6: // INT32
            case 12: // UINT32
                return 32;
            case 7: // INT64
            case 11: // DOUBLE
            case 13: // UINT64
            case 14: // COMPLEX64
                return 64;
            case 15: // COMPLEX128
                return 128;
            default:
                return 0;
        }
    }
}
