package dev.cleave.gateway.oip.http;

import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.identity.Verdict;
import dev.cleave.gateway.oip.Inferences;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.OipModels;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.ServerFacts;
import dev.cleave.gateway.oip.json.ResponseWriter;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Everything under {@code /v2}. Thread-safe. */
public final class InferenceEndpoints implements Request.Handler {
    private final OipModels models;
    private final ServerFacts server;
    private final GatewayIdentity identity;
    private final BodyMemory bodies;
    private final InferHandler infer;

    /**
     * What requests may take.
     *
     * @param bodyBytes of one body
     * @param heldBytes of all bodies that are received and not yet in line
     * @param patience how long a body may take to come
     */
    public record Limits(int bodyBytes, long heldBytes, Patience patience) {}

    /** @param clock nanoseconds */
    public InferenceEndpoints(
            OipModels models,
            Inferences inferences,
            ServerFacts server,
            GatewayIdentity identity,
            Limits limits,
            LongSupplier clock) {
        this.models = models;
        this.server = server;
        this.identity = identity;
        this.bodies = new BodyMemory(limits.heldBytes());
        this.infer = new InferHandler(inferences, limits.bodyBytes(), bodies, limits.patience(), clock);
    }

    /** What is held of bodies that are not read yet. */
    public long incomingBytes() {
        return bodies.held();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Exchange exchange = new Exchange(request, response, callback);
        try {
            route(exchange);
        } catch (HttpRefusal refused) {
            exchange.refuse(refused);
        } catch (OipException refused) {
            exchange.refuse(HttpRefusal.of(refused));
        }
        return true;
    }

    private void route(Exchange exchange) throws HttpRefusal, OipException {
        String path = Request.getPathInContext(exchange.request());
        OipPath asked = OipPath.parse(path);
        if (asked == null) {
            throw new HttpRefusal(
                    404,
                    "there is nothing at " + Quoted.of(path) + "; expected /v2, /v2/health/live, /v2/health/ready or"
                            + " /v2/models/NAME[/versions/V][/ready|/infer]");
        }
        requireMethod(asked, exchange.request().getMethod());
        String authorization = exchange.header(HttpHeader.AUTHORIZATION.asString());
        Device device = asked.isHealth() ? identity.recognise(authorization) : requireKnown(authorization);
        switch (asked.kind()) {
            case SERVER -> exchange.answer(200, ResponseWriter.server(server));
            case LIVE -> exchange.answer(200, ResponseWriter.flag("live", true));
            case READY -> {
                boolean ready = server.ready().getAsBoolean();
                exchange.answer(ready ? 200 : 503, ResponseWriter.flag("ready", ready));
            }
            case MODEL ->
                exchange.answer(200, ResponseWriter.metadata(models.find(asked.model(), asked.version(), device)));
            case MODEL_READY -> {
                boolean ready = models.isReady(asked.model(), asked.version(), device);
                exchange.answer(ready ? 200 : 503, ResponseWriter.modelReady(asked.model(), ready));
            }
            case INFER -> {
                models.find(asked.model(), asked.version(), device); // What is not served is refused before its body.
                infer.handle(asked, device, exchange);
            }
        }
    }

    private static void requireMethod(OipPath asked, String method) throws HttpRefusal {
        boolean head = method.equals("HEAD") && asked.method().equals("GET");
        if (!method.equals(asked.method()) && !head) {
            throw new HttpRefusal(
                    405,
                    "method is " + Quoted.of(method) + "; expected " + asked.method(),
                    HttpHeader.ALLOW,
                    asked.method());
        }
    }

    private Device requireKnown(String authorization) throws HttpRefusal {
        Verdict verdict = identity.judge(authorization);
        if (verdict.device() == null) {
            throw new HttpRefusal(401, verdict.refusal(), HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        return verdict.device();
    }
}
