package dev.cleave.gateway.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.gateway.config.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** The body of an operator's request: of a type that no form of a web page can send, and of bounded size and time. Read once, by one thread. */
final class AdminBody {
    private static final int MAX_JSON_BYTES = 16 << 10;
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(30));
    private static final String JSON_TYPE = "application/json";
    private static final String BUNDLE_TYPE = "application/octet-stream";
    private static final String PLAIN_TYPE = "application/x-onnx";

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Request request;
    private final LongSupplier clock;

    /** @param clock nanoseconds */
    AdminBody(Request request, LongSupplier clock) {
        this.request = request;
        this.clock = clock;
    }

    /** An object of strings, but {@code force}. */
    JsonNode json(Set<String> keys) throws AdminRefusal, IOException {
        requireType(JSON_TYPE);
        byte[] bytes = steady().readNBytes(MAX_JSON_BYTES + 1);
        if (bytes.length > MAX_JSON_BYTES) {
            throw new AdminRefusal(413, "body is larger than " + MAX_JSON_BYTES + " bytes");
        }
        JsonNode body;
        try {
            body = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new AdminRefusal(400, "body is not valid JSON: " + e.getOriginalMessage());
        }
        if (body == null || !body.isObject()) {
            throw new AdminRefusal(400, "body is no JSON object; expected one of " + keys);
        }
        for (Map.Entry<String, JsonNode> entry : body.properties()) {
            boolean fits = entry.getKey().equals("force")
                    ? entry.getValue().isBoolean()
                    : entry.getValue().isTextual();
            if (!keys.contains(entry.getKey()) || !fits) {
                throw new AdminRefusal(
                        400,
                        "\"" + AdminRefusal.printable(entry.getKey()) + "\" is not expected, or not so; expected "
                                + keys + " as text, force as true or false");
            }
        }
        return body;
    }

    /** Whether it is a plain model, and no bundle; what it holds is looked at by whoever receives it. */
    boolean isPlainModel() {
        return PLAIN_TYPE.equals(type());
    }

    /** A model, to be read as it comes. */
    InputStream model(long maxBytes) throws AdminRefusal {
        if (!isPlainModel()) {
            requireType(BUNDLE_TYPE);
        }
        if (request.getLength() > maxBytes) {
            throw new AdminRefusal(413, "bundle has " + request.getLength() + " bytes; expected at most " + maxBytes);
        }
        return steady();
    }

    private InputStream steady() {
        return new SteadyInput(Content.Source.asInputStream(request), PATIENCE, clock);
    }

    private void requireType(String expected) throws AdminRefusal {
        String type = type();
        if (!type.equals(expected)) {
            throw new AdminRefusal(
                    415, "content type is \"" + AdminRefusal.printable(type) + "\"; expected " + expected);
        }
    }

    private String type() {
        String given = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
