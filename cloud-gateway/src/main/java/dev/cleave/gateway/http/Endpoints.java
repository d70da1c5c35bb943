package dev.cleave.gateway.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.ModelStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** {@code /metrics}, {@code /health/live} and {@code /health/ready}; {@code /v2} is somebody else's, or not there; everything else is 404. */
public final class Endpoints extends Handler.Abstract {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final GatewayMetrics metrics;
    private final BooleanSupplier ready;
    private final Supplier<List<ModelStatus>> models;
    private final Supplier<String> trouble;
    private final Request.Handler inference;

    /**
     * @param ready whether requests are taken now
     * @param trouble what is wrong with the models directory; empty if nothing is
     * @param inference everything under {@code /v2}; null: there is nothing
     */
    public Endpoints(
            GatewayMetrics metrics,
            BooleanSupplier ready,
            Supplier<List<ModelStatus>> models,
            Supplier<String> trouble,
            Request.Handler inference) {
        this.trouble = trouble;
        this.inference = inference;
        this.metrics = metrics;
        this.ready = ready;
        this.models = models;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        if (inference != null && (path.equals("/v2") || path.startsWith("/v2/"))) {
            return inference.handle(request, response, callback);
        }
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            answer(response, callback, 405, TEXT, "method is not GET or HEAD\n");
            return true;
        }
        switch (path) {
            case "/metrics" -> answer(response, callback, 200, PROMETHEUS, metrics.scrape());
            case "/health/live" -> answer(response, callback, 200, TEXT, "live\n");
            case "/health/ready" -> ready(response, callback);
            default ->
                answer(
                        response,
                        callback,
                        404,
                        TEXT,
                        "not found; try /metrics, /health/live"
                                + (inference == null ? " or /health/ready\n" : ", /health/ready or /v2\n"));
        }
        return true;
    }

    private void ready(Response response, Callback callback) {
        boolean up = ready.getAsBoolean();
        ObjectNode body = JSON.createObjectNode().put("ready", up).put("trouble", trouble.get());
        ArrayNode list = body.putArray("models");
        for (ModelStatus status : models.get()) {
            ObjectNode model = list.addObject()
                    .put("file", status.file())
                    .put("name", status.name())
                    .put("version", status.version())
                    .put("bundle", status.bundleId())
                    .put("state", status.state().name())
                    .put("provider", status.provider())
                    .put("precision", status.precision())
                    .put("reason", status.reason())
                    .put("bytes", status.bytes())
                    .put("streams", status.streams());
            status.labels().forEach(model.withArray("labels")::add);
            status.points().forEach(model.withArray("points")::add);
        }
        answer(response, callback, up ? 200 : 503, "application/json", body.toPrettyString() + "\n");
    }

    /** What the server itself refuses: requests that are no HTTP, paths with tricks in them. */
    public static boolean refuse(Request request, Response response, Callback callback) {
        answer(response, callback, response.getStatus(), TEXT, "request refused\n");
        return true;
    }

    private static void answer(Response response, Callback callback, int status, String type, String body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, BufferUtil.toBuffer(body, StandardCharsets.UTF_8), callback);
    }
}
