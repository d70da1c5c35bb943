package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.cleave.bundle.Contract;
import dev.cleave.cli.daemon.oip.ModelMetadata;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.failure.OneLine;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.cli.verb.ToolVersion;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which request is answered by what. Thread-safe.
 *
 * <pre>
 * GET  /health/live  /health/ready  /metrics
 * GET  /v2  /v2/health/live  /v2/health/ready  /v2/models/NAME[/versions/V]  /v2/models/NAME[/versions/V]/ready
 * POST /v2/models/NAME[/versions/V]/infer      answers as the Open Inference Protocol has them
 * POST /infer                                  answers as cleave infer --json prints them
 * </pre>
 */
final class Routes implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final AgentFront agent;
    private final Guard guard;
    private final InferHandler inference;
    private final Supplier<String> metrics;
    private final BooleanSupplier ready;
    private final Slots slots;
    private final String model;

    /**
     * @param ready whether a request could be answered now
     */
    Routes(
            AgentFront agent,
            Guard guard,
            InferHandler inference,
            Supplier<String> metrics,
            BooleanSupplier ready,
            Slots slots) {
        this.agent = agent;
        this.guard = guard;
        this.inference = inference;
        this.metrics = metrics;
        this.ready = ready;
        this.slots = slots;
        Contract contract = agent.contract();
        this.model = "/v2/models/" + contract.modelName();
    }

    @Override
    public void handle(HttpExchange exchange) {
        try (exchange) {
            reply(exchange).send(exchange);
        } catch (IOException gone) {
            LOG.debug("a client went away", gone);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private Reply reply(HttpExchange exchange) throws IOException, InterruptedException {
        try {
            return route(exchange);
        } catch (HttpRefusal refusal) {
            return Reply.of(refusal);
        } catch (RuntimeException | OutOfMemoryError failure) {
            LOG.error("a request failed", failure);
            return Reply.of(new HttpRefusal(500, OneLine.of(failure)));
        }
    }

    private Reply route(HttpExchange exchange) throws IOException, HttpRefusal, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/health/live") || path.equals("/v2/health/live")) {
            return get(exchange, () -> Reply.of(200, Reply.TEXT, "live\n"));
        }
        guard.check(exchange.getRequestHeaders());
        String rest = pathInModel(path);
        if (path.equals("/infer")) {
            return infer(exchange, inference::document);
        } else if ("/infer".equals(rest)) {
            return infer(exchange, inference::protocol);
        } else if (path.equals("/health/ready") || path.equals("/v2/health/ready") || "/ready".equals(rest)) {
            return get(exchange, this::readiness);
        } else if (path.equals("/metrics")) {
            return get(exchange, () -> Reply.of(200, PROMETHEUS, metrics.get()));
        } else if ("".equals(rest)) {
            return get(exchange, () -> json(ModelMetadata.of(agent.contract())));
        } else if (path.equals("/v2")) {
            return get(exchange, () -> json(server()));
        }
        throw new HttpRefusal(
                404,
                "there is nothing at this path; expected /infer, " + model + "/infer, /health/ready" + " or /metrics");
    }

    /** What follows the model's name and perhaps its version; null if the path is not the model's. */
    private String pathInModel(String path) {
        String version = model + "/versions/" + agent.contract().modelVersion();
        for (String prefix : List.of(version, model)) {
            if (path.equals(prefix) || path.startsWith(prefix + "/")) {
                return path.substring(prefix.length());
            }
        }
        return null;
    }

    private Reply readiness() {
        boolean is = ready.getAsBoolean();
        return Reply.of(
                is ? 200 : 503,
                Reply.JSON,
                JsonOut.text(Map.of("ready", is, "model", agent.contract().modelName())) + "\n");
    }

    private static Map<String, Object> server() {
        return Map.of(
                "name", "cleave-agent", "version", ToolVersion.text(), "extensions", List.of("binary_tensor_data"));
    }

    private static Reply json(Object value) {
        return Reply.of(200, Reply.JSON, JsonOut.text(value) + "\n");
    }

    private static Reply get(HttpExchange exchange, Supplier<Reply> reply) throws HttpRefusal {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new HttpRefusal(405, "method is " + method + "; expected GET or HEAD", "Allow", "GET, HEAD");
        }
        return reply.get();
    }

    private interface Inference {
        Reply answer(HttpExchange exchange) throws IOException, HttpRefusal, InterruptedException;
    }

    /** A slot is taken before anything of the body is read: that bounds what is held in memory. */
    private Reply infer(HttpExchange exchange, Inference kind) throws IOException, HttpRefusal, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            throw new HttpRefusal(405, "method is " + exchange.getRequestMethod() + "; expected POST", "Allow", "POST");
        }
        slots.take();
        try {
            return kind.answer(exchange);
        } finally {
            slots.giveBack();
        }
    }
}
