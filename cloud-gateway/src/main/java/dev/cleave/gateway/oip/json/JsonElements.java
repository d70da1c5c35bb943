package dev.cleave.gateway.oip.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Elements of tensors to and from values in JSON. Nothing is rounded but fractions, to the type's precision; what does not fit is refused. */
final class JsonElements {
    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private JsonElements() {}

    /** Writes the parser's current token at the buffer's position. */
    static void put(ElementType type, JsonParser json, ByteBuffer into) throws IOException, OipException {
        switch (type) {
            case FLOAT32 -> into.putFloat(single(type, json));
            case FLOAT64 -> into.putDouble(number(type, json));
            case FLOAT16 -> into.putShort(half(type, json));
            case BFLOAT16 -> into.putShort(brain(type, json));
            case BOOL -> into.put((byte) (bool(type, json) ? 1 : 0));
            case INT8 -> into.put((byte) whole(type, json, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> into.put((byte) whole(type, json, 0, 0xFF));
            case INT16 -> into.putShort((short) whole(type, json, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> into.putShort((short) whole(type, json, 0, 0xFFFF));
            case INT32 -> into.putInt((int) whole(type, json, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> into.putInt((int) whole(type, json, 0, 0xFFFF_FFFFL));
            case INT64 -> into.putLong(whole(type, json, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> into.putLong(unsigned(type, json));
        }
    }

    private static double number(ElementType type, JsonParser json) throws IOException, OipException {
        requireNumber(json);
        double value = json.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw unfit(type, json);
        }
        return value;
    }

    private static float single(ElementType type, JsonParser json) throws IOException, OipException {
        requireNumber(json);
        float value = json.getFloatValue();
        if (Float.isInfinite(value)) {
            throw unfit(type, json);
        }
        return value;
    }

    private static short half(ElementType type, JsonParser json) throws IOException, OipException {
        short value = HalfFloat.toBinary16(single(type, json));
        if (Float.isInfinite(HalfFloat.fromBinary16(value))) {
            throw unfit(type, json);
        }
        return value;
    }

    private static short brain(ElementType type, JsonParser json) throws IOException, OipException {
        short value = HalfFloat.toBfloat16(single(type, json));
        if (Float.isInfinite(HalfFloat.fromBfloat16(value))) {
            throw unfit(type, json);
        }
        return value;
    }

    private static boolean bool(ElementType type, JsonParser json) throws IOException, OipException {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> whole(type, json, 0, 1) == 1;
        };
    }

    private static long whole(ElementType type, JsonParser json, long low, long high) throws IOException, OipException {
        requireWhole(json);
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || json.getLongValue() < low
                || json.getLongValue() > high) {
            throw unfit(type, json);
        }
        return json.getLongValue();
    }

    private static long unsigned(ElementType type, JsonParser json) throws IOException, OipException {
        requireWhole(json);
        BigInteger value = json.getBigIntegerValue();
        if (value.signum() < 0 || value.compareTo(MAX_UINT64) > 0) {
            throw unfit(type, json);
        }
        return value.longValue();
    }

    private static void requireNumber(JsonParser json) throws OipException {
        if (!json.currentToken().isNumeric()) {
            throw OipException.malformed("element is " + JsonCursor.shown(json.currentToken()) + "; expected a number");
        }
    }

    private static void requireWhole(JsonParser json) throws IOException, OipException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            String found =
                    json.currentToken().isNumeric() ? Quoted.of(json.getText()) : JsonCursor.shown(json.currentToken());
            throw OipException.malformed("element is " + found + "; expected a whole number");
        }
    }

    private static OipException unfit(ElementType type, JsonParser json) throws IOException {
        return OipException.malformed("element " + Quoted.of(json.getText()) + " does not fit " + Datatype.of(type));
    }

    /** All elements, flat; NaN and infinities, which JSON cannot say, become {@code null}. */
    static void writeAll(ElementType type, ByteBuffer elements, JsonGenerator json) throws IOException {
        json.writeStartArray();
        while (elements.hasRemaining()) {
            write(type, elements, json);
        }
        json.writeEndArray();
    }

    private static void write(ElementType type, ByteBuffer elements, JsonGenerator json) throws IOException {
        switch (type) {
            case FLOAT32 -> single(elements.getFloat(), json);
            case FLOAT16 -> single(HalfFloat.fromBinary16(elements.getShort()), json);
            case BFLOAT16 -> single(HalfFloat.fromBfloat16(elements.getShort()), json);
            case FLOAT64 -> {
                double value = elements.getDouble();
                if (Double.isFinite(value)) {
                    json.writeNumber(value);
                } else {
                    json.writeNull();
                }
            }
            case BOOL -> json.writeBoolean(elements.get() != 0);
            case INT8 -> json.writeNumber(elements.get());
            case UINT8 -> json.writeNumber(elements.get() & 0xFF);
            case INT16 -> json.writeNumber(elements.getShort());
            case UINT16 -> json.writeNumber(elements.getShort() & 0xFFFF);
            case INT32 -> json.writeNumber(elements.getInt());
            case UINT32 -> json.writeNumber(elements.getInt() & 0xFFFF_FFFFL);
            case INT64 -> json.writeNumber(elements.getLong());
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString(elements.getLong())));
        }
    }

    private static void single(float value, JsonGenerator json) throws IOException {
        if (Float.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }
}
