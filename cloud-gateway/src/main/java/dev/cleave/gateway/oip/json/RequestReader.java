package dev.cleave.gateway.oip.json;

import com.fasterxml.jackson.core.JsonToken;
import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.Schedule;
import dev.cleave.gateway.oip.json.JsonRequest.WantedOutput;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what a body declares, and finds where in it the elements of its inputs are; for one use.
 *
 * <pre>
 *   {"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}
 *   {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]} 12 bytes
 * </pre>
 *
 * No number is ever an object: elements are counted here, and read again when they are written. What the protocol knows and is not needed is skipped.
 *
 * <p>Format: "Open Inference Protocol", HTTP/REST, and Triton's "Binary Tensor Data Extension".
 */
public final class RequestReader {
    private static final int MAX_TENSORS = 1024;

    private final byte[] body;
    private final int bytes;
    private final List<InputTensor> inputs = new ArrayList<>();
    private final List<WantedOutput> outputs = new ArrayList<>();
    private String id;
    private Schedule schedule = Schedule.NONE;
    private boolean binaryByDefault;
    /** Behind the bytes of the binary inputs so far. */
    private long binaryAt;

    private RequestReader(byte[] body, int bytes, int jsonBytes) {
        this.body = body;
        this.bytes = bytes;
        this.binaryAt = jsonBytes;
    }

    /**
     * @param body kept by the inputs; not to be changed from now on
     * @param bytes of the body that count
     * @param jsonBytes how many of them are JSON; those of binary inputs follow
     */
    public static JsonRequest read(byte[] body, int bytes, int jsonBytes) throws OipException {
        if (jsonBytes < 0 || jsonBytes > bytes) {
            throw OipException.malformed(
                    "JSON of " + jsonBytes + " bytes in a body of " + bytes + "; expected no more than the body");
        }
        RequestReader reader = new RequestReader(body, bytes, jsonBytes);
        JsonCursor.read(body, 0, jsonBytes, reader::request);
        if (reader.binaryAt != bytes) {
            throw OipException.malformed(
                    "inputs take the body's first " + reader.binaryAt + " bytes; expected all " + bytes);
        }
        return new JsonRequest(reader.id, reader.inputs, reader.outputs, reader.binaryByDefault, reader.schedule);
    }

    private void request(JsonCursor json) throws IOException, OipException {
        json.object("request", field -> {
            switch (field) {
                case "id" -> id = json.text("id");
                case "inputs" -> json.array("inputs", () -> input(json));
                case "outputs" -> json.array("outputs", () -> output(json));
                case "parameters" -> json.object("parameters", name -> parameter(json, name));
                default -> json.skip();
            }
        });
    }

    private void parameter(JsonCursor json, String name) throws IOException, OipException {
        switch (name) {
            case Schedule.TIMEOUT -> schedule = schedule.withTimeout(json.whole("parameter timeout"));
            case Schedule.PRIORITY -> schedule = schedule.withPriority(json.whole("parameter priority"));
            case "binary_data_output" -> binaryByDefault = json.flag("parameter binary_data_output");
            default -> json.skip();
        }
    }

    /** An input while its fields come, in whatever order. */
    private static final class Fields {
        private String name;
        private String datatype;
        private long[] shape;
        private long count = -1;
        private int from;
        private int to;
        private long binaryBytes = -1;
    }

    private void input(JsonCursor json) throws IOException, OipException {
        requireFewer(inputs.size(), "inputs");
        Fields fields = new Fields();
        json.object("member of inputs", field -> {
            switch (field) {
                case "name" -> fields.name = json.text("name of an input");
                case "datatype" -> fields.datatype = json.text("datatype of an input");
                case "shape" -> fields.shape = shape(json);
                case "data" -> data(json, fields);
                case "parameters" ->
                    json.object("parameters of an input", name -> {
                        if (name.equals("binary_data_size")) {
                            fields.binaryBytes = binarySize(json);
                        } else {
                            json.skip();
                        }
                    });
                default -> json.skip();
            }
        });
        inputs.add(input(fields));
    }

    private JsonInput input(Fields fields) throws OipException {
        if (fields.name == null || fields.datatype == null || fields.shape == null) {
            throw OipException.malformed("input " + (fields.name == null ? inputs.size() : Quoted.of(fields.name))
                    + " lacks one of name, datatype and shape; expected all three");
        }
        boolean binary = fields.binaryBytes >= 0;
        if (binary == fields.count >= 0) {
            throw OipException.malformed("input " + Quoted.of(fields.name) + " has "
                    + (binary ? "data and binary data" : "no data") + "; expected one of the two");
        }
        if (!binary) {
            return new JsonInput(
                    fields.name, fields.datatype, fields.shape, fields.count, body, fields.from, fields.to);
        }
        if (fields.binaryBytes > bytes - binaryAt) {
            throw OipException.malformed("input " + Quoted.of(fields.name) + " has a binary_data_size of "
                    + fields.binaryBytes + "; expected no more than the body has left");
        }
        int from = (int) binaryAt;
        binaryAt += fields.binaryBytes;
        return new JsonInput(fields.name, fields.datatype, fields.shape, -1, body, from, (int) binaryAt);
    }

    private static long binarySize(JsonCursor json) throws IOException, OipException {
        long size = json.whole("binary_data_size");
        if (size < 0) {
            throw OipException.malformed("binary_data_size is " + size + "; expected a number of bytes");
        }
        return size;
    }

    private static long[] shape(JsonCursor json) throws IOException, OipException {
        long[] dims = new long[Shape.MAX_RANK];
        int[] rank = new int[1];
        json.array("shape of an input", () -> {
            long dim = json.whole("dimension of a shape");
            if (rank[0] == Shape.MAX_RANK || dim < 0) {
                throw OipException.malformed("shape of an input has "
                        + (dim < 0 ? "the dimension " + dim : "more than " + rank[0] + " dimensions")
                        + "; expected up to " + Shape.MAX_RANK + ", 0 or more each");
            }
            dims[rank[0]++] = dim;
        });
        return Arrays.copyOf(dims, rank[0]);
    }

    /** Counts the elements of a list, or of lists in lists, and notes where it is. */
    private void data(JsonCursor json, Fields fields) throws IOException, OipException {
        json.require(JsonToken.START_ARRAY, "data of an input", "a list");
        long from = json.tokenStart();
        long count = 0;
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.next();
            if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else if (token != null && token.isScalarValue()) {
                count++;
            } else {
                throw OipException.malformed(
                        "data of an input holds " + JsonCursor.shown(token) + "; expected numbers");
            }
        }
        long to = json.tokenEnd();
        if (from < 0 || to > body.length || to <= from || body[(int) from] != '[' || body[(int) to - 1] != ']') {
            throw OipException.malformed("request is JSON in another encoding; expected UTF-8");
        }
        fields.count = count;
        fields.from = (int) from;
        fields.to = (int) to;
    }

    private void output(JsonCursor json) throws IOException, OipException {
        requireFewer(outputs.size(), "outputs");
        String[] name = new String[1];
        Boolean[] binary = new Boolean[1];
        json.object("member of outputs", field -> {
            switch (field) {
                case "name" -> name[0] = json.text("name of an output");
                case "parameters" ->
                    json.object("parameters of an output", parameter -> {
                        if (parameter.equals("binary_data")) {
                            binary[0] = json.flag("parameter binary_data");
                        } else {
                            json.skip();
                        }
                    });
                default -> json.skip();
            }
        });
        if (name[0] == null) {
            throw OipException.malformed("a member of outputs has no name; expected one");
        }
        outputs.add(new WantedOutput(name[0], binary[0]));
    }

    private static void requireFewer(int size, String what) throws OipException {
        if (size == MAX_TENSORS) {
            throw OipException.malformed("request has more than " + size + " " + what + "; expected at most as many");
        }
    }
}
