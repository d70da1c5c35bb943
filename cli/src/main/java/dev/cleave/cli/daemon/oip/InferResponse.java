package dev.cleave.cli.daemon.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cleave.cli.daemon.oip.InferRequest.WantedOutput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to an infer request as bytes: JSON, and behind it the outputs that were asked for as bytes. How it was
 * answered is in the parameters: source, split point, total time, bytes sent, label.
 *
 * @param jsonBytes how much of the body is JSON; all of it if no output is binary
 */
public record InferResponse(byte[] body, int jsonBytes) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * @param wanted outputs; empty: all
     * @throws MalformedRequestException if an output is wanted that the model does not have
     */
    public static InferResponse of(
            String model, String version, String id, List<WantedOutput> wanted, boolean binary, InferenceResult result)
            throws MalformedRequestException {
        Map<String, Boolean> outputs = selected(wanted, binary, result.outputs());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Tensor> behind = new ArrayList<>();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("model_name", model);
            json.writeStringField("model_version", version);
            if (id != null) {
                json.writeStringField("id", id);
            }
            parameters(result, json);
            json.writeArrayFieldStart("outputs");
            for (Map.Entry<String, Boolean> output : outputs.entrySet()) {
                Tensor tensor = result.outputs().get(output.getKey());
                output(output.getKey(), tensor, output.getValue(), json);
                if (output.getValue()) {
                    behind.add(tensor);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        int jsonBytes = bytes.size();
        for (Tensor tensor : behind) {
            byte[] raw = new byte[tensor.bytes()];
            tensor.data().get(raw);
            bytes.writeBytes(raw);
        }
        return new InferResponse(bytes.toByteArray(), jsonBytes);
    }

    public boolean hasBinary() {
        return jsonBytes < body.length;
    }

    /** Each output that is sent, and whether as bytes. */
    private static Map<String, Boolean> selected(
            List<WantedOutput> wanted, boolean binaryByDefault, Map<String, Tensor> made)
            throws MalformedRequestException {
        Map<String, Boolean> selected = new LinkedHashMap<>();
        for (WantedOutput output : wanted) {
            if (!made.containsKey(output.name())) {
                throw new MalformedRequestException(
                        "output \"" + output.name() + "\" is none of the model's; expected some of " + made.keySet());
            }
            selected.put(output.name(), output.binary() == null ? binaryByDefault : output.binary());
        }
        if (wanted.isEmpty()) {
            made.keySet().forEach(name -> selected.put(name, binaryByDefault));
        }
        return selected;
    }

    private static void parameters(InferenceResult result, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("parameters");
        json.writeStringField("source", result.source().name());
        json.writeNumberField("split_point", result.splitPoint());
        json.writeNumberField("total_millis", result.waterfall().totalMillis());
        json.writeNumberField("wire_bytes", result.wireBytes());
        json.writeNumberField("batch_size", result.batchSize());
        json.writeBooleanField("deadline_met", result.deadlineMet());
        if (result.labels().size() == 1) {
            json.writeStringField("label", result.labels().get(0));
        }
        if (result.fallback() != null) {
            json.writeStringField("fallback", result.fallback().message());
        }
        json.writeEndObject();
    }

    private static void output(String name, Tensor tensor, boolean binary, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("datatype", DataType.name(tensor.type()));
        json.writeFieldName("shape");
        long[] dims = tensor.shape().dims();
        json.writeArray(dims, 0, dims.length);
        if (binary) {
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", tensor.bytes());
            json.writeEndObject();
        } else {
            json.writeFieldName("data");
            Elements.writeAll(tensor, json);
        }
        json.writeEndObject();
    }
}
