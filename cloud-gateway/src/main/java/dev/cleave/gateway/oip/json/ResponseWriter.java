package dev.cleave.gateway.oip.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.OipModel;
import dev.cleave.gateway.oip.OutputTensor;
import dev.cleave.gateway.oip.ServerFacts;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Writes what the protocol answers; a line, where all of it is text. */
public final class ResponseWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private ResponseWriter() {}

    /**
     * A response's body.
     *
     * @param jsonBytes how many of it are JSON; all if no output is bytes
     */
    public record Body(byte[] bytes, int jsonBytes) {
        public boolean hasBinary() {
            return jsonBytes < bytes.length;
        }
    }

    /** The answer to a request: JSON, and behind it the outputs that were asked for as bytes. */
    public static Body response(OipModel model, JsonRequest request, List<OutputTensor> outputs) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(bytes, json -> {
            json.writeStartObject();
            json.writeStringField("model_name", model.name());
            json.writeStringField("model_version", model.version());
            if (request.id() != null) {
                json.writeStringField("id", request.id());
            }
            json.writeArrayFieldStart("outputs");
            for (OutputTensor output : outputs) {
                write(output, request.isBinary(output.name()), json);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
        if (outputs.stream().noneMatch(output -> request.isBinary(output.name()))) {
            bytes.write('\n');
        }
        int jsonBytes = bytes.size();
        for (OutputTensor output : outputs) {
            if (request.isBinary(output.name())) {
                byte[] elements = new byte[output.elements().remaining()];
                output.elements().duplicate().get(elements);
                bytes.writeBytes(elements);
            }
        }
        return new Body(bytes.toByteArray(), jsonBytes);
    }

    private static void write(OutputTensor output, boolean binary, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", output.name());
        json.writeStringField("datatype", Datatype.of(output.type()));
        json.writeFieldName("shape");
        long[] dims = output.shape().dims();
        json.writeArray(dims, 0, dims.length);
        if (binary) {
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", output.elements().remaining());
            json.writeEndObject();
        } else {
            json.writeFieldName("data");
            JsonElements.writeAll(output.type(), output.elements(), json);
        }
        json.writeEndObject();
    }

    public static byte[] server(ServerFacts server) {
        return object(json -> {
            json.writeStringField("name", ServerFacts.NAME);
            json.writeStringField("version", server.version());
            json.writeFieldName("extensions");
            texts(ServerFacts.EXTENSIONS, json);
        });
    }

    public static byte[] metadata(OipModel model) {
        return object(json -> {
            json.writeStringField("name", model.name());
            json.writeFieldName("versions");
            texts(model.versions(), json);
            json.writeStringField("platform", model.platform());
            json.writeFieldName("inputs");
            tensors(model.inputs(), json);
            json.writeFieldName("outputs");
            tensors(model.outputs(), json);
            json.writeObjectFieldStart("parameters");
            for (Map.Entry<String, String> parameter : model.parameters().entrySet()) {
                json.writeStringField(parameter.getKey(), parameter.getValue());
            }
            json.writeEndObject();
        });
    }

    private static void texts(List<String> texts, JsonGenerator json) throws IOException {
        String[] array = texts.toArray(new String[0]);
        json.writeArray(array, 0, array.length);
    }

    /** Open dimensions, the batch among them, are -1. */
    private static void tensors(List<TensorSpec> specs, JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (TensorSpec spec : specs) {
            json.writeStartObject();
            json.writeStringField("name", spec.name());
            json.writeStringField("datatype", Datatype.of(spec.type()));
            json.writeArrayFieldStart("shape");
            for (long dim : spec.shape().dims()) {
                json.writeNumber(Math.max(Shape.DYNAMIC, dim));
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** {@code {"live":true}}, {@code {"ready":false}}. */
    public static byte[] flag(String name, boolean value) {
        return object(json -> json.writeBooleanField(name, value));
    }

    public static byte[] modelReady(String model, boolean ready) {
        return object(json -> {
            json.writeStringField("name", model);
            json.writeBooleanField("ready", ready);
        });
    }

    public static byte[] error(String message) {
        return object(json -> json.writeStringField("error", message));
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(bytes, json -> {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        });
        bytes.write('\n');
        return bytes.toByteArray();
    }

    private static void write(ByteArrayOutputStream bytes, Fields fields) {
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            fields.write(json);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // Memory does not fail to be written.
        }
    }
}
