package dev.cleave.edge;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/** Reads elements of any type as {@code double}. */
final class Elements {
    private static final int NONE = -1;

    private Elements() {}

    /** Element {@code index} of a buffer that holds elements of this type; 64-bit integers are rounded. */
    static double get(ElementType type, ByteBuffer data, int index) {
        int at = index * type.bytes();
        return switch (type) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            case FLOAT16 -> HalfFloat.fromBinary16(data.getShort(at));
            case BFLOAT16 -> HalfFloat.fromBfloat16(data.getShort(at));
            case INT8 -> data.get(at);
            case UINT8, BOOL -> data.get(at) & 0xFF;
            case INT16 -> data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xFFFF;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xFFFFFFFFL;
            case INT64, UINT64 -> data.getLong(at);
        };
    }

    /** Index of the first NaN or infinity, -1 if there is none. */
    static int firstNotFinite(Tensor tensor) {
        if (!tensor.type().isFloating()) {
            return NONE;
        }
        ByteBuffer data = tensor.data();
        for (int i = 0; i < tensor.elements(); i++) {
            double value = get(tensor.type(), data, i);
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                return i;
            }
        }
        return NONE;
    }

    /** Index within the range of its largest element, the first of equals. */
    static int argmax(Tensor tensor, int from, int count) {
        ByteBuffer data = tensor.data();
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (get(tensor.type(), data, from + i) > get(tensor.type(), data, from + best)) {
                best = i;
            }
        }
        return best;
    }
}
