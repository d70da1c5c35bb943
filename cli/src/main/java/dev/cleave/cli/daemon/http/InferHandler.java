package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.cleave.bundle.Contract;
import dev.cleave.cli.agent.InferDocument;
import dev.cleave.cli.daemon.oip.InferRequest;
import dev.cleave.cli.daemon.oip.InferRequestReader;
import dev.cleave.cli.daemon.oip.InferResponse;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.failure.OneLine;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Answers inferences over HTTP, each on the thread that asks; how many do so at once is for the caller to limit. */
final class InferHandler {
    /** How long the request may take, as the command line writes times. */
    static final String DEADLINE = "Cleave-Deadline";

    private static final String JSON_LENGTH = "Inference-Header-Content-Length";
    private static final InferRequest NOTHING_SAID = new InferRequest(null, Map.of(), List.of(), false, Map.of());

    private final AgentFront agent;
    private final int maxBodyBytes;
    private final Duration maxDeadline;

    InferHandler(AgentFront agent, int maxBodyBytes, Duration maxDeadline) {
        this.agent = agent;
        this.maxBodyBytes = maxBodyBytes;
        this.maxDeadline = maxDeadline;
    }

    /** The answer as the Open Inference Protocol has it. */
    Reply protocol(HttpExchange exchange) throws IOException, HttpRefusal, InterruptedException {
        Body body = Body.read(exchange, maxBodyBytes);
        Headers headers = exchange.getRequestHeaders();
        InferRequest request = request(body, headers);
        InferenceResult result = answer(body, request, headers);
        Contract contract = agent.contract();
        try {
            InferResponse response = InferResponse.of(
                    contract.modelName(),
                    contract.modelVersion(),
                    request.id(),
                    request.outputs(),
                    request.binaryByDefault(),
                    result);
            return response.hasBinary()
                    ? Reply.of(200, "application/octet-stream", response.body())
                            .with(JSON_LENGTH, Integer.toString(response.jsonBytes()))
                    : Reply.of(200, Reply.JSON, response.body());
        } catch (IOException unknownOutput) {
            throw new HttpRefusal(400, unknownOutput.getMessage());
        }
    }

    /** The answer as {@code cleave infer --json} prints it: what an application wants of a picture. */
    Reply document(HttpExchange exchange) throws IOException, HttpRefusal, InterruptedException {
        Body body = Body.read(exchange, maxBodyBytes);
        Headers headers = exchange.getRequestHeaders();
        InferRequest request = request(body, headers);
        InferenceResult result = answer(body, request, headers);
        String name = request.id() == null ? "request" : request.id();
        return Reply.of(200, Reply.JSON, JsonOut.text(InferDocument.of(name, result)) + "\n");
    }

    private static InferRequest request(Body body, Headers headers) throws HttpRefusal {
        try {
            return switch (body.kind()) {
                case PICTURE -> NOTHING_SAID;
                case JSON -> InferRequestReader.read(body.bytes(), body.bytes().length);
                case BINARY -> InferRequestReader.read(body.bytes(), jsonLength(headers));
            };
        } catch (IOException malformed) {
            throw new HttpRefusal(400, malformed.getMessage());
        }
    }

    private static int jsonLength(Headers headers) throws HttpRefusal {
        String text = headers.getFirst(JSON_LENGTH).strip();
        if (!text.matches("\\d{1,9}")) {
            throw new HttpRefusal(400, JSON_LENGTH + " is no number of bytes");
        }
        return Integer.parseInt(text);
    }

    private InferenceResult answer(Body body, InferRequest request, Headers headers)
            throws HttpRefusal, InterruptedException {
        Duration deadline = deadline(headers.getFirst(DEADLINE));
        try {
            InferenceInput input = body.kind() == Body.Kind.PICTURE
                    ? agent.picture(body.bytes())
                    : InferenceInput.of(request.inputs());
            return agent.infer(input, deadline).get();
        } catch (IOException noPicture) {
            throw new HttpRefusal(400, "body " + noPicture.getMessage());
        } catch (IllegalArgumentException malformed) {
            throw new HttpRefusal(400, TimeSpan.inMessage(malformed.getMessage()));
        } catch (ExecutionException failed) {
            throw refusal(failed.getCause());
        }
    }

    private Duration deadline(String text) throws HttpRefusal {
        if (text == null) {
            return null;
        }
        try {
            Duration asked = TimeSpan.parse(text);
            if (asked.compareTo(maxDeadline) <= 0) {
                return asked;
            }
        } catch (IllegalArgumentException malformed) {
            throw new HttpRefusal(400, DEADLINE + ": " + malformed.getMessage());
        }
        throw new HttpRefusal(
                400, DEADLINE + " is over the daemon's own; expected at most " + TimeSpan.format(maxDeadline));
    }

    private static HttpRefusal refusal(Throwable failure) {
        String line = OneLine.of(failure);
        if (!(failure instanceof InferenceException failed)) {
            return new HttpRefusal(500, line);
        }
        return switch (failed.reason()) {
            case MALFORMED_INPUT -> new HttpRefusal(400, line);
            case DEADLINE -> new HttpRefusal(504, line);
            case UNAVAILABLE, REFUSED, SUPERSEDED, CLOSED, CANCELLED -> Reply.busy(line);
            case EXECUTION -> new HttpRefusal(500, line);
        };
    }
}
