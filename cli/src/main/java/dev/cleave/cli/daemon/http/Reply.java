package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.HttpExchange;
import dev.cleave.cli.output.JsonOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is sent back. */
record Reply(int status, Map<String, String> headers, byte[] body) {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";
    private static final String RETRY_SECONDS = "1";

    static Reply of(int status, String type, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", type);
        headers.put("Cache-Control", "no-store");
        return new Reply(status, headers, body);
    }

    static Reply of(int status, String type, String body) {
        return of(status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code {"error": "one line"}}, as the protocol has it. */
    static Reply of(HttpRefusal refusal) {
        Reply reply = of(refusal.status(), JSON, JsonOut.text(Map.of("error", refusal.getMessage())) + "\n");
        return refusal.header() == null ? reply : reply.with(refusal.header(), refusal.value());
    }

    /** 503, and when to come back. */
    static HttpRefusal busy(String line) {
        return new HttpRefusal(503, line, "Retry-After", RETRY_SECONDS);
    }

    Reply with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, more, body);
    }

    void send(HttpExchange exchange) throws IOException {
        headers.forEach(exchange.getResponseHeaders()::set);
        boolean silent = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, silent || body.length == 0 ? -1 : body.length);
        if (!silent && body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }
}
