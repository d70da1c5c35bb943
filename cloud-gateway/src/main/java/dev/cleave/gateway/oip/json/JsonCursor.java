package dev.cleave.gateway.oip.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import java.io.IOException;

/** Walks through JSON value by value; what is not as expected is refused by name. For one use, on one thread. */
final class JsonCursor implements AutoCloseable {
    private static final int MAX_NESTING = 32;
    private static final int MAX_STRING = 64 << 10;
    private static final int MAX_NAME = 256;
    private static final int MAX_NUMBER = 256;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_STRING)
                    .maxNameLength(MAX_NAME)
                    .maxNumberLength(MAX_NUMBER)
                    .build())
            .build();

    private final JsonParser json;

    private JsonCursor(JsonParser json) {
        this.json = json;
    }

    /** Reads a value, or a part of one. */
    interface Reader {
        void read(JsonCursor json) throws IOException, OipException;
    }

    /** Reads the value of a field. */
    interface FieldReader {
        void read(String field) throws IOException, OipException;
    }

    /** Reads a member of a list, or an element. */
    interface ItemReader {
        void read() throws IOException, OipException;
    }

    /** Has the one value in some bytes read, of which none may be left. */
    static void read(byte[] bytes, int from, int to, Reader reader) throws OipException {
        try (JsonCursor cursor = new JsonCursor(JSON.createParser(bytes, from, to - from))) {
            cursor.json.nextToken();
            reader.read(cursor);
            if (cursor.json.nextToken() != null) {
                throw OipException.malformed("text follows the request's object; expected one object");
            }
        } catch (JsonProcessingException malformed) {
            throw OipException.malformed("request is no JSON that is taken: " + reason(malformed));
        } catch (IOException unreadable) {
            throw OipException.malformed("request is no JSON in UTF-8: " + Quoted.of(unreadable.toString()));
        }
    }

    /** Without where an object began that has no end: that is told of a source that is not shown. */
    private static String reason(JsonProcessingException malformed) {
        String message = malformed.getOriginalMessage();
        int source = message.indexOf(" (start marker at ");
        String shown = source < 0 ? message : message.substring(0, source);
        StringBuilder line = new StringBuilder();
        shown.chars().limit(200).forEach(c -> line.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return line.toString();
    }

    /** Goes through an object's fields; the reader takes or {@linkplain #skip skips} the value of each. */
    void object(String what, FieldReader field) throws IOException, OipException {
        require(JsonToken.START_OBJECT, what, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            field.read(name);
        }
    }

    void array(String what, ItemReader item) throws IOException, OipException {
        require(JsonToken.START_ARRAY, what, "a list");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            item.read();
        }
    }

    /** The next token of a list that was begun; its elements are read one by one. */
    JsonToken next() throws IOException {
        return json.nextToken();
    }

    JsonToken current() {
        return json.currentToken();
    }

    /** For the value of an element. */
    JsonParser element() {
        return json;
    }

    void skip() throws IOException {
        json.skipChildren();
    }

    String text(String what) throws IOException, OipException {
        require(JsonToken.VALUE_STRING, what, "a string");
        return json.getText();
    }

    long whole(String what) throws IOException, OipException {
        require(JsonToken.VALUE_NUMBER_INT, what, "a whole number");
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw OipException.malformed(what + " is " + Quoted.of(json.getText()) + "; expected one of 64 bits");
        }
        return json.getLongValue();
    }

    boolean flag(String what) throws OipException {
        if (!json.currentToken().isBoolean()) {
            throw wrong(what, "true or false");
        }
        return json.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** Where the current token begins, counted from where reading began; -1 where that is not known. */
    long tokenStart() {
        return json.currentTokenLocation().getByteOffset();
    }

    /** Behind the current token. */
    long tokenEnd() {
        return json.currentLocation().getByteOffset();
    }

    void require(JsonToken expected, String what, String expectation) throws OipException {
        if (json.currentToken() != expected) {
            throw wrong(what, expectation);
        }
    }

    private OipException wrong(String what, String expectation) {
        return OipException.malformed(what + " is " + shown(json.currentToken()) + "; expected " + expectation);
    }

    static String shown(JsonToken token) {
        if (token == null) {
            return "missing";
        }
        return switch (token) {
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case END_ARRAY -> "the end of a list";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "a whole number";
            case VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.name();
        };
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
