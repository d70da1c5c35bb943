package dev.cleave.cli.daemon.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cleave.cli.daemon.oip.InferRequest.WantedOutput;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one infer request from bytes; for one use.
 *
 * <pre>
 *   {"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}
 *   {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]} 12 bytes
 * </pre>
 *
 * <p>In two passes, so that no number is ever an object: the first reads what is declared and counts elements, the second
 * writes them into tensors. Memory is that of the tensors, each of which is checked to have come whole before it is
 * allocated. What the protocol knows and this reader does not need is skipped.
 *
 * <p>Format: KServe's "Open Inference Protocol V2, HTTP/REST" with the binary tensor data extension.
 */
public final class InferRequestReader {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MAX_INPUTS = 256;

    /** What the first pass learns of one input. */
    private static final class Declared {
        String name;
        ElementType type;
        long[] dims;
        long elements = -1;
        long binaryBytes = -1;
        Tensor tensor;
    }

    private final byte[] body;
    private final int jsonBytes;
    private final List<Declared> declared = new ArrayList<>();
    private final List<WantedOutput> outputs = new ArrayList<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private boolean binaryByDefault;
    private int binaryAt;

    private InferRequestReader(byte[] body, int jsonBytes) {
        this.body = body;
        this.jsonBytes = jsonBytes;
        this.binaryAt = jsonBytes;
    }

    /**
     * @param jsonBytes how many of the body's bytes are JSON; binary tensors follow
     * @throws MalformedRequestException if the body is no such request
     */
    public static InferRequest read(byte[] body, int jsonBytes) throws MalformedRequestException {
        if (jsonBytes < 0 || jsonBytes > body.length) {
            throw new MalformedRequestException(
                    "JSON of " + jsonBytes + " bytes in a body of " + body.length + "; expected no more than the body");
        }
        try {
            return new InferRequestReader(body, jsonBytes).read();
        } catch (JsonProcessingException malformed) {
            throw new MalformedRequestException(
                    "request is no JSON that is understood: " + reason(malformed), malformed);
        } catch (MalformedRequestException refused) {
            throw refused;
        } catch (IOException | IllegalArgumentException refused) {
            throw new MalformedRequestException(refused.getMessage(), refused);
        }
    }

    /** Without where an object began that has no end: that is told of a source that is not shown. */
    private static String reason(JsonProcessingException malformed) {
        String message = malformed.getOriginalMessage();
        int source = message.indexOf(" (start marker at ");
        return source < 0 ? message : message.substring(0, source);
    }

    private InferRequest read() throws IOException {
        try (JsonParser json = JSON.createParser(body, 0, jsonBytes)) {
            declarations(json);
        }
        for (Declared input : declared) {
            allocate(input);
        }
        try (JsonParser json = JSON.createParser(body, 0, jsonBytes)) {
            elements(json);
        }
        if (binaryAt != body.length) {
            throw new MalformedRequestException(
                    (body.length - binaryAt) + " bytes follow the last tensor; expected none");
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (Declared input : declared) {
            if (inputs.put(input.name, input.tensor) != null) {
                throw new MalformedRequestException("input \"" + input.name + "\" is given twice; expected it once");
            }
        }
        return new InferRequest(texts.get("id"), inputs, outputs, binaryByDefault, texts);
    }

    private void declarations(JsonParser json) throws IOException {
        require(json.nextToken(), JsonToken.START_OBJECT, "request");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "inputs" -> each(json, "inputs", () -> input(json));
                case "outputs" -> each(json, "outputs", () -> output(json));
                case "parameters" -> binaryByDefault = Boolean.TRUE.equals(flag(json, "binary_data_output"));
                default -> {
                    if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                        texts.put(field, json.getText());
                    }
                    json.skipChildren();
                }
            }
        }
        if (json.nextToken() != null) {
            throw new MalformedRequestException("text follows the request's object; expected one object");
        }
    }

    private interface Item {
        void read() throws IOException;
    }

    private static void each(JsonParser json, String what, Item item) throws IOException {
        require(json.currentToken(), JsonToken.START_ARRAY, what);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(json.currentToken(), JsonToken.START_OBJECT, "member of " + what);
            item.read();
        }
    }

    private void input(JsonParser json) throws IOException {
        if (declared.size() == MAX_INPUTS) {
            throw new MalformedRequestException("more than " + MAX_INPUTS + " inputs");
        }
        Declared input = new Declared();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "name" -> input.name = text(json, "name");
                case "datatype" -> input.type = DataType.parse(text(json, "datatype"));
                case "shape" -> input.dims = shape(json);
                case "data" -> input.elements = count(json);
                case "parameters" -> input.binaryBytes = binarySize(json);
                default -> json.skipChildren();
            }
        }
        if (input.name == null || input.type == null || input.dims == null) {
            throw new MalformedRequestException(
                    "input " + (declared.size() + 1) + " is without its name, datatype or shape; expected all three");
        }
        if (input.elements < 0 == input.binaryBytes < 0) {
            throw new MalformedRequestException("input \"" + input.name + "\" has "
                    + (input.elements < 0 ? "no data" : "data and binary data") + "; expected one of the two");
        }
        declared.add(input);
    }

    private void output(JsonParser json) throws IOException {
        String name = null;
        Boolean binary = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "name" -> name = text(json, "name");
                case "parameters" -> binary = flag(json, "binary_data");
                default -> json.skipChildren();
            }
        }
        if (name == null) {
            throw new MalformedRequestException("a member of outputs has no name; expected one");
        }
        outputs.add(new WantedOutput(name, binary));
    }

    /** The value of a boolean parameter; null if it is not there. */
    private static Boolean flag(JsonParser json, String name) throws IOException {
        require(json.currentToken(), JsonToken.START_OBJECT, "parameters");
        Boolean found = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (field.equals(name)) {
                if (!value.isBoolean()) {
                    throw new MalformedRequestException(name + " is " + json.getText() + "; expected true or false");
                }
                found = value == JsonToken.VALUE_TRUE;
            }
            json.skipChildren();
        }
        return found;
    }

    private static long binarySize(JsonParser json) throws IOException {
        require(json.currentToken(), JsonToken.START_OBJECT, "parameters");
        long size = -1;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (field.equals("binary_data_size")) {
                size = value == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
                if (size < 0) {
                    throw new MalformedRequestException(
                            "binary_data_size is " + json.getText() + "; expected a number of bytes");
                }
            }
            json.skipChildren();
        }
        return size;
    }

    private static long[] shape(JsonParser json) throws IOException {
        require(json.currentToken(), JsonToken.START_ARRAY, "shape");
        long[] dims = new long[Shape.MAX_RANK];
        int rank = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "member of shape");
            if (rank == Shape.MAX_RANK || json.getLongValue() < 0) {
                throw new MalformedRequestException("shape has "
                        + (rank == Shape.MAX_RANK
                                ? "more than " + rank + " dimensions"
                                : "a dimension of " + json.getLongValue())
                        + "; expected up to "
                        + Shape.MAX_RANK + ", 0 or more each");
            }
            dims[rank++] = json.getLongValue();
        }
        return java.util.Arrays.copyOf(dims, rank);
    }

    /** Elements in an array of arrays, or of none. */
    private static long count(JsonParser json) throws IOException {
        require(json.currentToken(), JsonToken.START_ARRAY, "data");
        long count = 0;
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else if (token != null && token.isScalarValue()) {
                count++;
            } else {
                throw new MalformedRequestException("data holds " + token + "; expected numbers");
            }
        }
        return count;
    }

    private void allocate(Declared input) throws MalformedRequestException {
        Shape shape = Shape.of(input.dims);
        long elements;
        try {
            elements = shape.elements();
        } catch (ArithmeticException overflow) {
            throw new MalformedRequestException("input \"" + input.name + "\" has shape " + shape, overflow);
        }
        boolean binary = input.binaryBytes >= 0;
        long given = binary ? input.binaryBytes : input.elements;
        long expected = binary && elements <= Integer.MAX_VALUE ? elements * input.type.bytes() : elements;
        if (given != expected || binary && given > body.length - binaryAt) {
            throw new MalformedRequestException("input \"" + input.name + "\" has " + given
                    + (binary ? " bytes" : " elements") + " for " + DataType.name(input.type) + shape + "; expected "
                    + expected + (given == expected ? ", all in the body" : ""));
        }
        input.tensor = Tensor.allocate(input.type, shape);
        if (binary) {
            input.tensor.data().put(body, binaryAt, (int) given);
            binaryAt += (int) given;
        }
    }

    /** The second pass. */
    private void elements(JsonParser json) throws IOException {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean inputs = json.currentName().equals("inputs");
            json.nextToken();
            if (!inputs) {
                json.skipChildren();
                continue;
            }
            for (Declared input : declared) {
                json.nextToken();
                inputElements(json, input);
            }
            json.nextToken();
        }
    }

    private static void inputElements(JsonParser json, Declared input) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean data = json.currentName().equals("data");
            json.nextToken();
            if (!data) {
                json.skipChildren();
                continue;
            }
            ByteBuffer buffer = input.tensor.data();
            for (int depth = 1; depth > 0; ) {
                switch (json.nextToken()) {
                    case START_ARRAY -> depth++;
                    case END_ARRAY -> depth--;
                    default -> element(json, input, buffer);
                }
            }
        }
    }

    private static void element(JsonParser json, Declared input, ByteBuffer buffer) throws IOException {
        try {
            Elements.put(input.type, json, buffer);
        } catch (MalformedRequestException refused) {
            throw new MalformedRequestException("input \"" + input.name + "\": " + refused.getMessage(), refused);
        }
    }

    private static String text(JsonParser json, String what) throws IOException {
        require(json.currentToken(), JsonToken.VALUE_STRING, what);
        return json.getText();
    }

    private static void require(JsonToken found, JsonToken expected, String what) throws MalformedRequestException {
        if (found != expected) {
            throw new MalformedRequestException(what + " is " + name(found) + "; expected " + name(expected));
        }
    }

    private static String name(JsonToken token) {
        if (token == null) {
            return "missing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "a whole number";
            case VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.name();
        };
    }
}
