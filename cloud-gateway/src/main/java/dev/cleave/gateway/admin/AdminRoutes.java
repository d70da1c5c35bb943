package dev.cleave.gateway.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
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
    private static final String JSON_TYPE = "application/json";
    private static final ObjectMapper JSON = new ObjectMapper();
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
        String line = "request refused" + (why == null ? "" : ": " + AdminRefusal.printable(why.toString()));
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
            return act(who, path.get(3), path.get(2), request);
        }
        if (isModels && path.size() == 5 && method.equals("PUT") && path.get(3).equals("versions")) {
            return push(who, path.get(2), path.get(4), request);
        }
        throw new AdminRefusal(
                404,
                "there is nothing at this path for " + AdminRefusal.printable(method)
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

    private JsonNode act(String who, String action, String model, Request request) throws AdminRefusal, IOException {
        JsonNode body = audited(
                new Deed(who, action, model, ""), false, () -> new AdminBody(request, clock).json(KEYS.get(action)));
        String version = body.path("version").asText("");
        String label = body.path("label").asText("");
        String subject = action.equals("label") ? action + " " + label : action;
        String file =
                audited(new Deed(who, subject, model, version), true, () -> take(action, model, version, label, body));
        return accepted(model, file);
    }

    /** The file that it is about; empty if none. */
    private String take(String action, String model, String version, String label, JsonNode body)
            throws RepositoryException {
        if (action.equals("load")) {
            return repository.load(model, version);
        }
        if (action.equals("unload")) {
            repository.unload(model, version, body.path("force").asBoolean());
        } else {
            repository.label(model, label, version);
        }
        return "";
    }

    private JsonNode push(String who, String model, String version, Request request) throws AdminRefusal, IOException {
        String path = audited(new Deed(who, "push", model, version), true, () -> receive(model, version, request));
        LOG.info("{} pushed {}", who, path);
        repository.lookSoon();
        return accepted(model, path);
    }

    private String receive(String model, String version, Request request)
            throws AdminRefusal, RepositoryException, IOException {
        AdminBody body = new AdminBody(request, clock);
        try (InputStream bundle = body.model(repository.incoming().maxBytes())) {
            return body.isPlainModel()
                    ? repository.incoming().receivePlain(model, version, bundle)
                    : repository.incoming().receive(model, version, bundle);
        }
    }

    /** What an operator who was let in wants done. */
    private record Deed(String who, String action, String model, String version) {}

    /** A part of it. */
    private interface Part<T> {
        T take() throws AdminRefusal, RepositoryException, IOException;
    }

    /**
     * Takes a part of a deed; where it cannot be taken, that is the deed's one line of the audit log.
     *
     * @param last whether the deed is done with it, which is a line as well
     */
    private <T> T audited(Deed deed, boolean last, Part<T> part) throws AdminRefusal, IOException {
        String outcome = null;
        try {
            T result = part.take();
            outcome = last ? "ok" : null;
            return result;
        } catch (RepositoryException e) {
            outcome = e.getMessage();
            throw refusal(e);
        } catch (AdminRefusal e) {
            outcome = e.getMessage();
            throw e;
        } catch (IOException e) {
            outcome = "not received: " + e;
            throw e;
        } catch (RuntimeException e) {
            outcome = "failed: " + e;
            throw e;
        } finally {
            if (outcome != null) {
                audit.record(deed.who(), deed.action(), deed.model(), deed.version(), outcome);
            }
        }
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
