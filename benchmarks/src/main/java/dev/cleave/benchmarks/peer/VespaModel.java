package dev.cleave.benchmarks.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.failure.UserException;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A model by Vespa's REST API for model evaluation. The fastest plain way in: a form whose tensor is written in hexadecimal digits, eight for each float, and not as decimal
 * numbers; back comes JSON with the values alone.
 */
final class VespaModel implements HttpModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();

    private final URI address;
    private final String argument;
    private final String type;

    private VespaModel(URI address, String argument, String type) {
        this.address = address;
        this.argument = argument;
        this.type = type;
    }

    /**
     * Asks a server on this machine what it calls the model's input and output.
     *
     * @param input the model's only one, of 32-bit floats
     */
    static VespaModel find(int port, String name, TensorSpec input) throws IOException, InterruptedException {
        URI model = URI.create("http://127.0.0.1:" + port + "/model-evaluation/v1/" + name);
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(model).build(), HttpResponse.BodyHandlers.ofByteArray());
        JsonNode function = JSON.readTree(answer.body()).at("/functions/0");
        JsonNode argument = function.at("/arguments/0/name");
        if (answer.statusCode() != 200 || !argument.isTextual()) {
            throw new UserException("Vespa's " + model + " answers " + new String(answer.body(), StandardCharsets.UTF_8)
                    + "; expected a function with an argument");
        }
        return new VespaModel(
                URI.create(model + "/" + function.get("function").asText() + "/eval"), argument.asText(), type(input));
    }

    /** {@code tensor<float>(d0[1],d1[3])}. */
    private static String type(TensorSpec input) {
        List<String> dimensions = new ArrayList<>();
        for (long size : input.shape().withRows(1).dims()) {
            dimensions.add("d" + dimensions.size() + "[" + size + "]");
        }
        return "tensor<float>(" + String.join(",", dimensions) + ")";
    }

    @Override
    public HttpRequest ask(float[] row) {
        StringBuilder tensor = new StringBuilder(type).append(':');
        for (float value : row) {
            tensor.append(HEX.toHexDigits(Float.floatToRawIntBits(value)));
        }
        String form = URLEncoder.encode(argument, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(tensor.toString(), StandardCharsets.UTF_8) + "&format.tensors=short-value";
        return HttpRequest.newBuilder(address)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofByteArray(form.getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    @Override
    public float[] scores(HttpResponse<byte[]> answer) throws IOException {
        List<Float> values = new ArrayList<>();
        collect(JSON.readTree(answer.body()), values);
        return OipModel.floats(values);
    }

    private static void collect(JsonNode node, List<Float> values) {
        if (node.isNumber()) {
            values.add((float) node.doubleValue());
        }
        node.forEach(inner -> collect(inner, values));
    }
}
