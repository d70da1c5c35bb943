package dev.cleave.benchmarks.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A model by the Open Inference Protocol over HTTP: numbers as bytes behind the JSON, or as text in it. */
final class OipModel implements HttpModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private final URI address;
    private final TensorSpec input;
    private final String output;
    private final boolean binary;

    /**
     * Of a server on this machine.
     *
     * @param input its only one, of 32-bit floats
     * @param output the one that is asked for
     * @param binary numbers as bytes, by the protocol's extension for that
     */
    OipModel(int port, String name, TensorSpec input, String output, boolean binary) {
        this.address = URI.create("http://127.0.0.1:" + port + "/v2/models/" + name + "/infer");
        this.input = input;
        this.output = output;
        this.binary = binary;
    }

    @Override
    public HttpRequest ask(float[] row) {
        ObjectNode request = JSON.createObjectNode();
        ObjectNode tensor = request.putArray("inputs").addObject();
        tensor.put("name", input.name()).put("datatype", "FP32");
        ArrayNode shape = tensor.putArray("shape");
        Arrays.stream(input.shape().withRows(1).dims()).forEach(shape::add);
        ObjectNode asked = request.putArray("outputs").addObject().put("name", output);
        byte[] numbers = new byte[0];
        if (binary) {
            numbers = littleEndian(row);
            tensor.putObject("parameters").put("binary_data_size", numbers.length);
            asked.putObject("parameters").put("binary_data", true);
        } else {
            ArrayNode data = tensor.putArray("data");
            for (float value : row) {
                data.add(value);
            }
        }
        byte[] text = bytes(request);
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.ofByteArray(joined(text, numbers)));
        if (binary) {
            builder.header(HEADER_LENGTH, Integer.toString(text.length));
        }
        return builder.header("Content-Type", binary ? "application/octet-stream" : "application/json")
                .build();
    }

    private static byte[] bytes(JsonNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] joined(byte[] text, byte[] numbers) {
        byte[] both = Arrays.copyOf(text, text.length + numbers.length);
        System.arraycopy(numbers, 0, both, text.length, numbers.length);
        return both;
    }

    private static byte[] littleEndian(float[] row) {
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return bytes.array();
    }

    @Override
    public float[] scores(HttpResponse<byte[]> answer) throws IOException {
        if (binary) {
            int text = (int) answer.headers().firstValueAsLong(HEADER_LENGTH).orElseThrow();
            float[] scores = new float[(answer.body().length - text) / Float.BYTES];
            ByteBuffer.wrap(answer.body(), text, answer.body().length - text)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(scores);
            return scores;
        }
        List<Float> values = new ArrayList<>();
        JSON.readTree(answer.body()).at("/outputs/0/data").forEach(value -> values.add((float) value.doubleValue()));
        return floats(values);
    }

    static float[] floats(List<Float> values) {
        float[] all = new float[values.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(i);
        }
        return all;
    }
}
