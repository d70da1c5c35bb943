package dev.cleave.partition.graph;

import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.TensorProto;

/** Checks that a stored tensor has exactly the data that its type and dimensions ask for; allocates nothing. */
final class TensorCheck {
    private TensorCheck() {}

    static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    /** @throws ModelException naming the tensor, what it holds and what it should hold */
    static void check(TensorProto tensor, WeightsRegion external, String label) throws ModelException {
        String name = label + ": tensor \"" + tensor.getName() + "\"";
        long elements = elements(tensor, name);
        if (tensor.hasSegment()) {
            throw new ModelException(name + " is stored in segments; expected it whole");
        }
        if (tensor.getDataType() == TensorProto.DataType.STRING_VALUE) {
            require(name, tensor, tensor.getStringDataCount(), elements, "strings");
            return;
        }
        long bytes = bytes(tensor, elements, name);
        if (external != null) {
            require(name, tensor, external.length(), bytes, "external bytes");
        } else if (tensor.hasRawData()) {
            require(name, tensor, tensor.getRawData().size(), bytes, "bytes");
        } else {
            require(name, tensor, typedCount(tensor), typedCountWanted(tensor, elements), "values");
        }
    }

    /** Number of bytes of the tensor's raw form; 4-bit elements lie two to a byte. */
    static long bytes(TensorProto tensor, long elements, String name) throws ModelException {
        int bits = bitsPerElement(tensor.getDataType());
        if (bits == 0) {
            throw new ModelException(name + " has element type " + tensor.getDataType() + ", which is not known");
        }
        try {
            return Math.addExact(Math.multiplyExact(elements, (long) bits), 7) / 8;
        } catch (ArithmeticException overflow) {
            throw new ModelException(name + " has dimensions " + tensor.getDimsList() + ", more than can be stored");
        }
    }

    private static long elements(TensorProto tensor, String name) throws ModelException {
        long product = 1;
        for (long dim : tensor.getDimsList()) {
            if (dim < 0) {
                throw new ModelException(name + " has dimension " + dim + "; expected 0 or more");
            }
            try {
                product = Math.multiplyExact(product, dim);
            } catch (ArithmeticException overflow) {
                throw new ModelException(
                        name + " has dimensions " + tensor.getDimsList() + ", more than can be stored");
            }
        }
        return product;
    }

    private static void require(String name, TensorProto tensor, long found, long wanted, String unit)
            throws ModelException {
        if (found != wanted) {
            throw new ModelException(name + " of dimensions " + tensor.getDimsList() + " holds " + found + " " + unit
                    + "; expected " + wanted);
        }
    }

    /** Number of bytes that the entries of a checked tensor's typed list make in raw form. */
    static long typedBytes(TensorProto tensor) {
        long entries = typedCount(tensor);
        return switch (tensor.getDataType()) {
            case TensorProto.DataType.UINT4_VALUE,
                    TensorProto.DataType.INT4_VALUE,
                    TensorProto.DataType.FLOAT4E2M1_VALUE -> entries;
            case TensorProto.DataType.COMPLEX64_VALUE, TensorProto.DataType.COMPLEX128_VALUE ->
                entries * bitsPerElement(tensor.getDataType()) / 16;
            default -> entries * bitsPerElement(tensor.getDataType()) / 8;
        };
    }

    /** Number of entries in the list that a tensor of this type uses when it has no raw data. */
    static int typedCount(TensorProto tensor) {
        return switch (tensor.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.COMPLEX64_VALUE -> tensor.getFloatDataCount();
            case TensorProto.DataType.DOUBLE_VALUE, TensorProto.DataType.COMPLEX128_VALUE ->
                tensor.getDoubleDataCount();
            case TensorProto.DataType.INT64_VALUE -> tensor.getInt64DataCount();
            case TensorProto.DataType.UINT32_VALUE, TensorProto.DataType.UINT64_VALUE -> tensor.getUint64DataCount();
            default -> tensor.getInt32DataCount();
        };
    }

    private static long typedCountWanted(TensorProto tensor, long elements) {
        return switch (tensor.getDataType()) {
            case TensorProto.DataType.COMPLEX64_VALUE, TensorProto.DataType.COMPLEX128_VALUE -> 2 * elements;
            case TensorProto.DataType.UINT4_VALUE,
                    TensorProto.DataType.INT4_VALUE,
                    TensorProto.DataType.FLOAT4E2M1_VALUE -> (elements + 1) / 2;
            default -> elements;
        };
    }

    private static int bitsPerElement(int type) {
        return switch (type) {
            case TensorProto.DataType.UINT4_VALUE,
                    TensorProto.DataType.INT4_VALUE,
                    TensorProto.DataType.FLOAT4E2M1_VALUE -> 4;
            case TensorProto.DataType.UINT8_VALUE,
                    TensorProto.DataType.INT8_VALUE,
                    TensorProto.DataType.BOOL_VALUE,
                    TensorProto.DataType.FLOAT8E4M3FN_VALUE,
                    TensorProto.DataType.FLOAT8E4M3FNUZ_VALUE,
                    TensorProto.DataType.FLOAT8E5M2_VALUE,
                    TensorProto.DataType.FLOAT8E5M2FNUZ_VALUE -> 8;
            case TensorProto.DataType.UINT16_VALUE,
                    TensorProto.DataType.INT16_VALUE,
                    TensorProto.DataType.FLOAT16_VALUE,
                    TensorProto.DataType.BFLOAT16_VALUE -> 16;
            case TensorProto.DataType.FLOAT_VALUE,
                    TensorProto.DataType.INT32_VALUE,
                    TensorProto.DataType.UINT32_VALUE -> 32;
            case TensorProto.DataType.INT64_VALUE,
                    TensorProto.DataType.UINT64_VALUE,
                    TensorProto.DataType.DOUBLE_VALUE,
                    TensorProto.DataType.COMPLEX64_VALUE -> 64;
            case TensorProto.DataType.COMPLEX128_VALUE -> 128;
            default -> 0;
        };
    }
}
