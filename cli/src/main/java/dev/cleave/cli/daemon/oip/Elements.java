package dev.cleave.cli.daemon.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Elements of tensors to and from numbers in JSON; nothing is rounded but fractions to the type's precision. */
final class Elements {
    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private Elements() {}

    /** Writes the parser's current token at the buffer's position. */
    static void put(ElementType type, JsonParser json, ByteBuffer data) throws IOException {
        try {
            switch (type) {
                case FLOAT32 -> data.putFloat((float) number(json));
                case FLOAT64 -> data.putDouble(number(json));
                case FLOAT16 -> data.putShort(HalfFloat.toBinary16((float) number(json)));
                case BFLOAT16 -> data.putShort(HalfFloat.toBfloat16((float) number(json)));
                case BOOL -> data.put((byte) (bool(json) ? 1 : 0));
                case INT8 -> data.put((byte) whole(json, Byte.MIN_VALUE, Byte.MAX_VALUE));
                case UINT8 -> data.put((byte) whole(json, 0, 0xFF));
                case INT16 -> data.putShort((short) whole(json, Short.MIN_VALUE, Short.MAX_VALUE));
                case UINT16 -> data.putShort((short) whole(json, 0, 0xFFFF));
                case INT32 -> data.putInt((int) whole(json, Integer.MIN_VALUE, Integer.MAX_VALUE));
                case UINT32 -> data.putInt((int) whole(json, 0, 0xFFFF_FFFFL));
                case INT64 -> data.putLong(whole(json, Long.MIN_VALUE, Long.MAX_VALUE));
                case UINT64 -> data.putLong(unsigned(json).longValue());
            }
        } catch (InputCoercionException outOfRange) {
            throw new MalformedRequestException(
                    "element " + json.getText() + " does not fit " + DataType.name(type), outOfRange);
        }
    }

    private static double number(JsonParser json) throws IOException {
        if (!json.currentToken().isNumeric()) {
            throw new MalformedRequestException("element " + json.getText() + " is no number");
        }
        return json.getDoubleValue();
    }

    private static boolean bool(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> whole(json, 0, 1) == 1;
        };
    }

    private static long whole(JsonParser json, long low, long high) throws IOException {
        requireWhole(json);
        long value = json.getLongValue();
        if (value < low || value > high) {
            throw new MalformedRequestException("element " + value + "; expected " + low + " to " + high);
        }
        return value;
    }

    private static BigInteger unsigned(JsonParser json) throws IOException {
        requireWhole(json);
        BigInteger value = json.getBigIntegerValue();
        if (value.signum() < 0 || value.compareTo(MAX_UINT64) > 0) {
            throw new MalformedRequestException("element " + value + "; expected 0 to " + MAX_UINT64);
        }
        return value;
    }

    private static void requireWhole(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new MalformedRequestException("element " + json.getText() + " is no whole number");
        }
    }

    /** All elements, flat and row by row; NaN and infinities, which JSON cannot say, become {@code null}. */
    static void writeAll(Tensor tensor, JsonGenerator json) throws IOException {
        ByteBuffer data = tensor.data();
        json.writeStartArray();
        for (int i = 0; i < tensor.elements(); i++) {
            write(tensor.type(), data, json);
        }
        json.writeEndArray();
    }

    private static void write(ElementType type, ByteBuffer data, JsonGenerator json) throws IOException {
        switch (type) {
            case FLOAT32 -> fraction(data.getFloat(), json);
            case FLOAT16 -> fraction(HalfFloat.fromBinary16(data.getShort()), json);
            case BFLOAT16 -> fraction(HalfFloat.fromBfloat16(data.getShort()), json);
            case FLOAT64 -> {
                double value = data.getDouble();
                if (Double.isFinite(value)) {
                    json.writeNumber(value);
                } else {
                    json.writeNull();
                }
            }
            case BOOL -> json.writeBoolean(data.get() != 0);
            case INT8 -> json.writeNumber(data.get());
            case UINT8 -> json.writeNumber(data.get() & 0xFF);
            case INT16 -> json.writeNumber(data.getShort());
            case UINT16 -> json.writeNumber(data.getShort() & 0xFFFF);
            case INT32 -> json.writeNumber(data.getInt());
            case UINT32 -> json.writeNumber(data.getInt() & 0xFFFF_FFFFL);
            case INT64 -> json.writeNumber(data.getLong());
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString(data.getLong())));
        }
    }

    private static void fraction(float value, JsonGenerator json) throws IOException {
        if (Float.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }
}
