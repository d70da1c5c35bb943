package dev.cleave.cli.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.units.HostPort;
import dev.cleave.edge.identity.Tls;
import dev.cleave.tls.TlsFault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.PathRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http.HttpMethod;

/** A gateway's admin port, as an operator's tool sees it. */
final class AdminClient {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PUSH_PATIENCE = Duration.ofHours(6);
    private static final int DONE = 200;
    /** What Java says of an answer that is no TLS: "Unsupported or unrecognized .." or "Unrecognized ..". */
    private static final String NO_TLS = "nrecognized SSL message";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HostPort admin;
    private final Tls tls;
    private final String token;

    /**
     * @param tls null: in the clear
     * @param token null: none is shown
     */
    AdminClient(HostPort admin, Tls tls, String token) {
        this.admin = admin;
        this.tls = tls;
        this.token = token;
    }

    /** The repository as it is. */
    JsonNode list() throws IOException, InterruptedException {
        return send(HttpMethod.GET, "/v1/models", headers(), null, PATIENCE);
    }

    /** @param action load, unload or label */
    JsonNode act(String model, String action, Map<String, ?> body) throws IOException, InterruptedException {
        Request.Content json = new StringRequestContent("application/json", JSON.writeValueAsString(body));
        return send(HttpMethod.POST, "/v1/models/" + segment(model) + "/" + action, headers(), json, PATIENCE);
    }

    /**
     * Sends a file; a gateway that will not have it says so before it is sent.
     *
     * @param plain whether it is an ONNX model and no bundle
     */
    JsonNode push(String model, String version, Path file, boolean plain) throws IOException, InterruptedException {
        Map<String, String> headers = headers();
        headers.put("Expect", "100-continue");
        Request.Content body = new PathRequestContent(plain ? "application/x-onnx" : "application/octet-stream", file);
        String path = "/v1/models/" + segment(model) + "/versions/" + segment(version);
        return send(HttpMethod.PUT, path, headers, body, PUSH_PATIENCE);
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cleave-Admin", "cleave");
        if (token != null) {
            headers.put("Authorization", "Bearer " + token);
        }
        return headers;
    }

    /** @param body null: none */
    private JsonNode send(
            HttpMethod method, String path, Map<String, String> headers, Request.Content body, Duration patience)
            throws IOException, InterruptedException {
        OperatorTls operator = tls == null ? null : new OperatorTls(tls);
        URI uri = URI.create((tls == null ? "http://" : "https://") + admin + path);
        HttpCall.Answer answer;
        try {
            answer = HttpCall.send(operator, method, uri, headers, body, patience);
        } catch (ConnectException e) {
            throw new UserException("nothing answers at " + admin + "; expected the admin port of a gateway", e);
        } catch (IOException e) {
            String fault = tls == null ? null : faultOfTls(e);
            if (fault == null) {
                throw e;
            }
            throw new UserException(fault, e);
        }
        JsonNode said;
        try {
            said = JSON.readTree(answer.text());
        } catch (JsonProcessingException e) {
            throw new UserException(
                    admin + " answers " + answer.status()
                            + " with something else than JSON; expected the admin port of a gateway",
                    e);
        }
        if (answer.status() != DONE) {
            String error = said.path("error").asText("");
            String options = tls == null && error.startsWith("this port speaks TLS") ? ": --tls, or --tls-ca FILE" : "";
            throw new UserException(
                    error.isEmpty() ? admin + " answers " + answer.status() : admin + ": " + error + options);
        }
        return said;
    }

    /** One line; null if it is not TLS that is to blame. */
    private String faultOfTls(IOException e) {
        String fault = TlsFault.of(e);
        if (fault != null) {
            return "no trusted connection to " + admin + ": " + fault
                    + "; see --tls-ca, --tls-name, --tls-cert and --tls-key";
        }
        if (e instanceof SSLException && String.valueOf(e.getMessage()).contains(NO_TLS)) {
            return admin + " speaks no TLS; expected a gateway with a certificate, or none of --tls, --tls-ca";
        }
        boolean ended = !(e instanceof UnknownHostException) && !(e.getCause() instanceof ExecutionException);
        return ended && tls.certificate() == null
                ? admin + " ended the connection (" + e.getMessage()
                        + "); it may ask for a certificate: --tls-cert and --tls-key"
                : null;
    }
}
