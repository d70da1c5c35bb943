package dev.cleave.gateway.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which request of an operator does what. Answers are JSON, refusals {@code {"error": "one line"}}.
 *
 * <pre>
 * GET  /v1/models                             the repository as it is
 * POST /v1/models/NAME/load                   {"version": "3"}; without one the newest
 * POST /v1/models/NAME/unload                 {"version": "3", "force": false}; without a version all
 * POST /v1/models/NAME/label                  {"label": "stable", "version": "3"}; without a version it is taken away
 * PUT  /v1/models/NAME/versions/VERSION       a bundle, as application/octet-stream; a plain model, as application/x-onnx
 * </pre>
 */
final class AdminRoutes extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);
    private static final int MAX_JSON_BYTES = 16 << 10;
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(30));
    private static final String JSON_TYPE = "application/json";
    private static final String BYTES_TYPE = "application/octet-stream";
    /** Of a plain model. */
    private static final String PLAIN_TYPE = "application/x-onnx";

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Map<String, Set<String>> KEYS = Map.of(
            "load", Set.of("version"), "unload", Set.of("version", "force"), "label", Set.of("label", "version"));

    private final ModelRepository repository;
    private final AdminGuard guard;
    private final AuditLog audit;
    private final LongSupplier clock;

    /** @param clock nanoseconds */
    AdminRoutes(ModelRepository repository, AdminGuard guard, AuditLog audit, LongSupplier clock) {
        this.clock = clock;
        this.repository = repository;
        this.guard = guard;
        this.audit = audit;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = 200;
        JsonNode body;
        try {
            body = route(request);
        } catch (AdminRefusal refusal) {
            status = refusal.status();
            body = error(refusal.getMessage());
        } catch (IOException e) {
            status = 500;
            body = error("request was not completed: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("an admin request failed", e);
            status = 500;
            body = error("request failed: " + e);
        }
        answer(response, callback, status, body);
        return true;
    }

    private static JsonNode error(String line) {
        return JSON.createObjectNode().put("error", line);
    }

    static void answer(Response response, Callback callback, int status, JsonNode body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON_TYPE);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        if (status == 401) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        response.write(true, BufferUtil.toBuffer(body + "\n", StandardCharsets.UTF_8), callback);
    }

    /** What the server itself refuses: requests that are no HTTP, paths with tricks in them. */
    static boolean refuse(Request request, Response response, Callback callback) {
        Object why = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        String line = "request refused" + (why == null ? "" : ": " + printable(why.toString()));
        answer(response, callback, response.getStatus(), error(line));
        return true;
    }

    private JsonNode route(Request request) throws AdminRefusal, IOException {
        String method = request.getMethod();
        List<String> path = segments(request.getHttpURI().getPath());
        boolean changes = !method.equals("GET");
        String who = guard.check(
                request.getHeaders(), request.getConnectionMetaData().getRemoteSocketAddress(), changes);
        boolean isModels =
                path.size() >= 2 && path.get(0).equals("v1") && path.get(1).equals("models");
        if (isModels && path.size() == 2 && method.equals("GET")) {
            return JSON.valueToTree(repository.status());
        }
        if (isModels && path.size() == 4 && method.equals("POST") && KEYS.containsKey(path.get(3))) {
            return act(who, path.get(3), path.get(2), body(request, KEYS.get(path.get(3))));
        }
        if (isModels && path.size() == 5 && method.equals("PUT") && path.get(3).equals("versions")) {
            return push(who, path.get(2), path.get(4), request);
        }
        throw new AdminRefusal(
                404,
                "there is nothing at this path for " + printable(method)
                        + "; expected GET /v1/models, POST /v1/models/NAME/load, unload or label, or PUT"
                        + " /v1/models/NAME/versions/VERSION");
    }

    private static List<String> segments(String path) throws AdminRefusal {
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            try {
                segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException malformed) {
                throw new AdminRefusal(400, "path is malformed");
            }
        }
        return segments;
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 40)).replaceAll("[^ -~]", "?");
    }

    /** An object of strings, but {@code force}; nothing if there is no body. */
    private JsonNode body(Request request, Set<String> keys) throws AdminRefusal, IOException {
        requireType(request, JSON_TYPE);
        byte[] bytes = steady(request).readNBytes(MAX_JSON_BYTES + 1);
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
                        "\"" + printable(entry.getKey()) + "\" is not expected, or not so; expected " + keys
                                + " as text, force as true or false");
            }
        }
        return body;
    }

    private InputStream steady(Request request) {
        return new SteadyInput(Content.Source.asInputStream(request), PATIENCE, clock);
    }

    /** One that no form of a web page can send. */
    private static void requireType(Request request, String expected) throws AdminRefusal {
        String type = type(request);
        if (!type.equals(expected)) {
            throw new AdminRefusal(415, "content type is \"" + printable(type) + "\"; expected " + expected);
        }
    }

    private static String type(Request request) {
        String given = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private JsonNode act(String who, String action, String model, JsonNode body) throws AdminRefusal {
        String version = body.path("version").asText("");
        String subject =
                action.equals("label") ? action + " " + body.path("label").asText("") : action;
        String file = "";
        try {
            switch (action) {
                case "load" -> file = repository.load(model, version);
                case "unload" ->
                    repository.unload(model, version, body.path("force").asBoolean());
                default -> repository.label(model, body.path("label").asText(""), version);
            }
        } catch (RepositoryException e) {
            audit.record(who, subject, model, version, e.getMessage());
            throw refusal(e);
        }
        audit.record(who, subject, model, version, "ok");
        return accepted(model, file);
    }

    private JsonNode push(String who, String model, String version, Request request) throws AdminRefusal, IOException {
        boolean plain = PLAIN_TYPE.equals(type(request));
        if (!plain) {
            requireType(request, BYTES_TYPE);
        }
        long most = repository.incoming().maxBytes();
        if (request.getLength() > most) {
            throw new AdminRefusal(413, "bundle has " + request.getLength() + " bytes; expected at most " + most);
        }
        String path;
        try (InputStream bundle = steady(request)) {
            path = plain
                    ? repository.incoming().receivePlain(model, version, bundle)
                    : repository.incoming().receive(model, version, bundle);
            audit.record(who, "push", model, version, "ok");
            LOG.info("{} pushed {}", who, path);
        } catch (RepositoryException e) {
            audit.record(who, "push", model, version, e.getMessage());
            throw refusal(e);
        } catch (IOException e) {
            audit.record(who, "push", model, version, "not received: " + e);
            throw e;
        }
        repository.lookSoon();
        return accepted(model, path);
    }

    /**
     * What is known of the model now; what was asked for is under way.
     *
     * @param file that it is about, in the models directory, if it is about one
     */
    private JsonNode accepted(String model, String file) {
        ObjectNode accepted = JSON.createObjectNode().put("accepted", true).put("file", file);
        accepted.set(
                "models",
                JSON.valueToTree(repository.statuses().stream()
                        .filter(status -> status.name().equals(model))
                        .toList()));
        return accepted;
    }

    private static AdminRefusal refusal(RepositoryException e) {
        int status = switch (e.kind()) {
            case MALFORMED -> 400;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case TOO_LARGE -> 413;
        };
        return new AdminRefusal(status, e.getMessage());
    }
}
