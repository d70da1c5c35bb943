package dev.cleave.cli.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.units.HostPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A gateway's admin port, as an operator's tool sees it. */
final class AdminClient {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PUSH_PATIENCE = Duration.ofHours(6);
    private static final int DONE = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final HostPort admin;
    private final String token;

    /** @param token null: none is shown */
    AdminClient(HostPort admin, String token) {
        this.admin = admin;
        this.token = token;
    }

    /** The repository as it is. */
    JsonNode list() throws IOException, InterruptedException {
        return send(request("/v1/models", PATIENCE).GET());
    }

    /** @param action load, unload or label */
    JsonNode act(String model, String action, Map<String, ?> body) throws IOException, InterruptedException {
        return send(request("/v1/models/" + segment(model) + "/" + action, PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    /**
     * Sends a file; a gateway that will not have it says so before it is sent.
     *
     * @param plain whether it is an ONNX model and no bundle
     */
    JsonNode push(String model, String version, Path file, boolean plain) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + admin + "/v1/models/" + segment(model) + "/versions/" + segment(version));
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Cleave-Admin", "cleave"));
        if (token != null) {
            headers.put("Authorization", "Bearer " + token);
        }
        try {
            String type = plain ? "application/x-onnx" : "application/octet-stream";
            FileUpload.Answer answer = FileUpload.put(uri, file, type, headers, PUSH_PATIENCE);
            return answer(answer.status(), answer.text());
        } catch (ConnectException e) {
            throw nobodyThere(e);
        }
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + admin + path))
                .timeout(patience)
                .header("Cleave-Admin", "cleave");
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw nobodyThere(e);
        }
        return answer(response.statusCode(), response.body());
    }

    private UserException nobodyThere(ConnectException e) {
        return new UserException("nothing answers at " + admin + "; expected the admin port of a gateway", e);
    }

    private JsonNode answer(int status, String text) {
        JsonNode body;
        try {
            body = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    admin + " answers " + status
                            + " with something else than JSON; expected the admin port of a gateway",
                    e);
        }
        if (status != DONE) {
            String error = body.path("error").asText("");
            throw new UserException(error.isEmpty() ? admin + " answers " + status : admin + ": " + error);
        }
        return body;
    }
}
