package dev.cleave.gateway.oip.grpc;

import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;

/** Elements in the list of their type, which is wider than some of the types. FP16 and BF16 have no list. */
final class TypedContents {
    private TypedContents() {}

    static boolean canHold(ElementType type) {
        return type != ElementType.FLOAT16 && type != ElementType.BFLOAT16;
    }

    /** @throws OipException if they are not as many, or in another type's list */
    static void requireElements(String input, ElementType type, long elements, InferTensorContents contents)
            throws OipException {
        if (!canHold(type)) {
            throw OipException.malformed("input " + Quoted.of(input) + " of datatype " + Datatype.of(type)
                    + " has typed contents; expected it in raw_input_contents");
        }
        long given = count(type, contents);
        if (given != elements || total(contents) != given) {
            throw OipException.malformed("input " + Quoted.of(input) + " has " + given + " elements in the contents of "
                    + Datatype.of(type) + " and " + (total(contents) - given) + " in others; expected " + elements
                    + " and 0");
        }
    }

    private static int count(ElementType type, InferTensorContents contents) {
        return switch (type) {
            case BOOL -> contents.getBoolContentsCount();
            case INT8, INT16, INT32 -> contents.getIntContentsCount();
            case INT64 -> contents.getInt64ContentsCount();
            case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
            case UINT64 -> contents.getUint64ContentsCount();
            case FLOAT32 -> contents.getFp32ContentsCount();
            case FLOAT64 -> contents.getFp64ContentsCount();
            case FLOAT16, BFLOAT16 -> 0;
        };
    }

    private static long total(InferTensorContents contents) {
        return (long) contents.getBoolContentsCount()
                + contents.getIntContentsCount()
                + contents.getInt64ContentsCount()
                + contents.getUintContentsCount()
                + contents.getUint64ContentsCount()
                + contents.getFp32ContentsCount()
                + contents.getFp64ContentsCount()
                + contents.getBytesContentsCount();
    }

    /** @throws OipException naming the first element that does not fit the type */
    static void write(String input, ElementType type, InferTensorContents contents, ByteBuffer into)
            throws OipException {
        switch (type) {
            case BOOL -> contents.getBoolContentsList().forEach(value -> into.put((byte) (value ? 1 : 0)));
            case INT8, INT16, INT32 -> writeInts(input, type, contents.getIntContentsList(), into);
            case INT64 -> contents.getInt64ContentsList().forEach(into::putLong);
            case UINT8, UINT16, UINT32 -> writeUnsigned(input, type, contents.getUintContentsList(), into);
            case UINT64 -> contents.getUint64ContentsList().forEach(into::putLong);
            case FLOAT32 -> {
                for (int i = 0; i < contents.getFp32ContentsCount(); i++) {
                    into.putFloat(contents.getFp32Contents(i));
                }
            }
            case FLOAT64 -> contents.getFp64ContentsList().forEach(into::putDouble);
            case FLOAT16, BFLOAT16 -> throw new IllegalStateException("no list holds " + type);
        }
    }

    private static void writeInts(String input, ElementType type, List<Integer> values, ByteBuffer into)
            throws OipException {
        int bits = 8 * type.bytes();
        for (int value : values) {
            if (value << (32 - bits) >> (32 - bits) != value) {
                throw unfit(input, type, Integer.toString(value));
            }
            put(type.bytes(), value, into);
        }
    }

    private static void writeUnsigned(String input, ElementType type, List<Integer> values, ByteBuffer into)
            throws OipException {
        int bits = 8 * type.bytes();
        for (int value : values) {
            if (value << (32 - bits) >>> (32 - bits) != value) {
                throw unfit(input, type, Integer.toUnsignedString(value));
            }
            put(type.bytes(), value, into);
        }
    }

    private static void put(int bytes, int value, ByteBuffer into) {
        switch (bytes) {
            case 1 -> into.put((byte) value);
            case 2 -> into.putShort((short) value);
            default -> into.putInt(value);
        }
    }

    private static OipException unfit(String input, ElementType type, String value) {
        return OipException.malformed(
                "input " + Quoted.of(input) + ": element " + value + " does not fit " + Datatype.of(type));
    }

    /** The elements of an output of a type that there is a list for. */
    static InferTensorContents of(ElementType type, ByteBuffer elements) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        while (elements.hasRemaining()) {
            switch (type) {
                case BOOL -> contents.addBoolContents(elements.get() != 0);
                case INT8 -> contents.addIntContents(elements.get());
                case INT16 -> contents.addIntContents(elements.getShort());
                case INT32 -> contents.addIntContents(elements.getInt());
                case INT64 -> contents.addInt64Contents(elements.getLong());
                case UINT8 -> contents.addUintContents(elements.get() & 0xFF);
                case UINT16 -> contents.addUintContents(elements.getShort() & 0xFFFF);
                case UINT32 -> contents.addUintContents(elements.getInt());
                case UINT64 -> contents.addUint64Contents(elements.getLong());
                case FLOAT32 -> contents.addFp32Contents(elements.getFloat());
                case FLOAT64 -> contents.addFp64Contents(elements.getDouble());
                case FLOAT16, BFLOAT16 -> throw new IllegalStateException("no list holds " + type);
            }
        }
        return contents.build();
    }
}
