package dev.cleave.cli.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.daemon.TinyAgent;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.units.HostPort;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSourceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SLOTS = 2;
    private static final int MAX_BODY = 20_000;

    @TempDir
    private static Path folder;

    private static Path bundle;

    private final HttpClient client = HttpClient.newHttpClient();
    private volatile boolean ready = true;
    private TinyAgent tiny;
    private HttpSource source;

    @BeforeAll
    static void split() throws Exception {
        bundle = TinyAgent.bundle(folder);
    }

    @BeforeEach
    void start() throws Exception {
        tiny = new TinyAgent(bundle);
        listen(null);
    }

    private void listen(String token) {
        AgentFront front = new AgentFront(tiny.agent(), Duration.ofSeconds(60), 1_000_000);
        HttpSource.Settings settings =
                new HttpSource.Settings(HostPort.parse("0"), token, MAX_BODY, SLOTS, Duration.ofSeconds(60));
        source = HttpSource.start(settings, front, () -> "# metrics\n", () -> ready);
    }

    @AfterEach
    void close() {
        source.close();
        tiny.close();
    }

    private HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(URI.create(source.url() + path)).timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(at(path));
    }

    private HttpRequest.Builder post(String path, String type, byte[] body) {
        return at(path).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body));
    }

    private HttpRequest.Builder post(String path, String json) {
        return post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    private static String tensor(String more) {
        String data = String.join(",", Collections.nCopies(192, "0.5"));
        return "{\"id\":\"7\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3,8,8],\"data\":[" + data
                + "]}]" + more + "}";
    }

    private static void assertRefused(HttpResponse<String> response, int status, String part) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.get("error").textValue()).contains(part).doesNotContain("\n");
    }

    @Test
    void answersTensorsAsTheProtocolSays() throws Exception {
        HttpResponse<String> response = send(post("/v2/models/tiny/infer", tensor("")));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.get("model_name").textValue()).isEqualTo("tiny");
        assertThat(body.get("id").textValue()).isEqualTo("7");
        assertThat(body.get("parameters").get("source").textValue()).isEqualTo("LOCAL");
        JsonNode y = body.get("outputs").get(0);
        assertThat(y.get("name").textValue()).isEqualTo("y");
        assertThat(y.get("datatype").textValue()).isEqualTo("FP32");
        assertThat(y.get("shape")).hasToString("[1,4]");
        assertThat(y.get("data")).hasSize(4);
    }

    /** As clients of Triton send and take them by default. */
    @Test
    void takesAndGivesTensorsAsBytes() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3,8,8],"
                + "\"parameters\":{\"binary_data_size\":768}}],\"parameters\":{\"binary_data_output\":true}}";
        ByteBuffer body = ByteBuffer.allocate(json.length() + 768).order(ByteOrder.LITTLE_ENDIAN);
        body.put(json.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 192; i++) {
            body.putFloat(0.5f);
        }
        HttpResponse<byte[]> response = client.send(
                post("/v2/models/tiny/versions/1/infer", "application/octet-stream", body.array())
                        .header("Inference-Header-Content-Length", Integer.toString(json.length()))
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        int length = Integer.parseInt(
                response.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        JsonNode head = JSON.readTree(response.body(), 0, length);
        assertThat(head.get("outputs")
                        .get(0)
                        .get("parameters")
                        .get("binary_data_size")
                        .intValue())
                .isEqualTo(16);
        ByteBuffer raw = ByteBuffer.wrap(response.body(), length, 16).order(ByteOrder.LITTLE_ENDIAN);
        JsonNode asText = JSON.readTree(
                        send(post("/v2/models/tiny/infer", tensor(""))).body())
                .get("outputs")
                .get(0)
                .get("data");
        for (int i = 0; i < 4; i++) {
            assertThat(raw.getFloat()).isEqualTo(asText.get(i).floatValue());
        }
    }

    @Test
    void answersAPictureAsInferDoes() throws Exception {
        HttpResponse<String> png = send(post("/infer", "image/png", TinyAgent.picture("png", 0xFF0000)));
        assertThat(png.statusCode()).as(png.body()).isEqualTo(200);
        JsonNode body = JSON.readTree(png.body());
        assertThat(body.get("source").textValue()).isEqualTo("LOCAL");
        assertThat(body.get("outputs").get("y").get("argmax").isInt()).isTrue();
        assertThat(body.get("waterfall").get("headMillis").isNumber()).isTrue();
        HttpResponse<String> jpeg =
                send(post("/v2/models/tiny/infer", "image/jpeg", TinyAgent.picture("jpg", 0xFF0000)));
        assertThat(JSON.readTree(jpeg.body()).get("outputs")).hasSize(1);
    }

    @Test
    void tellsHealthMetricsAndWhatTheModelTakes() throws Exception {
        assertThat(get("/health/live").body()).isEqualTo("live\n");
        assertThat(get("/metrics").body()).isEqualTo("# metrics\n");
        assertThat(get("/v2").body()).contains("binary_tensor_data");
        JsonNode model = JSON.readTree(get("/v2/models/tiny").body());
        assertThat(model.get("inputs").get(0).get("name").textValue()).isEqualTo("x");
        assertThat(model.get("inputs").get(0).get("shape")).hasToString("[-1,3,8,8]");
        assertThat(get("/v2/models/tiny/ready").statusCode()).isEqualTo(200);
        ready = false;
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesByNameWhatIsNoRequest() throws Exception {
        assertRefused(get("/nothing"), 404, "there is nothing at this path; expected /infer, /v2/models/tiny/infer");
        assertRefused(get("/v2/models/other"), 404, "nothing at this path");
        assertRefused(get("/infer"), 405, "method is GET; expected POST");
        assertRefused(send(post("/metrics", "{}")), 405, "method is POST; expected GET or HEAD");
        assertRefused(
                send(post("/infer", "text/plain", new byte[1])), 415, "\"text/plain\"; expected application/json");
        assertRefused(send(post("/infer", "{\"inputs\":[")), 400, "request is no JSON that is understood");
        assertRefused(send(post("/infer", "{\"inputs\":[]}")), 400, "input \"x\" is missing; expected");
        assertRefused(
                send(post("/infer", tensor("").replace("\"x\"", "\"z\""))), 400, "\"z\" is no input of the model");
        assertRefused(send(post("/infer", "image/png", new byte[] {1, 2, 3})), 400, "body is no picture");
        assertRefused(
                send(post("/v2/models/tiny/infer", tensor(",\"outputs\":[{\"name\":\"q\"}]"))),
                400,
                "output \"q\" is none of the model's; expected some of [y]");
    }

    @Test
    void refusesABodyThatIsTooLargeWhetherItSaysSoOrNot() throws Exception {
        assertRefused(
                send(post("/infer", "image/png", new byte[MAX_BODY + 1])), 413, "body is too large; expected at most");
        InputStream endless = new InputStream() {
            private int left = MAX_BODY + 1;

            @Override
            public int read() {
                return left-- > 0 ? 7 : -1;
            }
        };
        assertRefused(
                send(at("/infer")
                        .header("Content-Type", "image/png")
                        .POST(BodyPublishers.ofInputStream(() -> endless))),
                413,
                "body is too large");
    }

    @Test
    void keepsTheDeadlineThatARequestBrings() throws Exception {
        tiny.hold();
        HttpResponse<String> late = send(post("/infer", tensor("")).header("Cleave-Deadline", "50ms"));
        tiny.release();
        assertRefused(late, 504, "has no answer within 50 ms");
        assertRefused(
                send(post("/infer", tensor("")).header("Cleave-Deadline", "soon")), 400, "Cleave-Deadline: \"soon\"");
        assertRefused(send(post("/infer", tensor("")).header("Cleave-Deadline", "61s")), 400, "expected at most 60 s");
    }

    @Test
    void tellsOneTooManyToComeBack() throws Exception {
        tiny.hold();
        List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            held.add(client.sendAsync(post("/infer", tensor("")).build(), BodyHandlers.ofString()));
        }
        while (source.underWay() < SLOTS) {
            Thread.onSpinWait();
        }
        HttpResponse<String> refused = send(post("/infer", tensor("")));
        assertRefused(refused, 503, "2 requests are under way; expected fewer than the limit of 2");
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        tiny.release();
        for (CompletableFuture<HttpResponse<String>> answer : held) {
            assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        assertThat(send(post("/infer", tensor(""))).statusCode()).isEqualTo(200);
    }

    @Test
    void answersWhatIsUnderWayWhenItStopsAndNothingNew() throws Exception {
        tiny.hold();
        CompletableFuture<HttpResponse<String>> held =
                client.sendAsync(post("/infer", tensor("")).build(), BodyHandlers.ofString());
        while (source.underWay() == 0) {
            Thread.onSpinWait();
        }
        source.stop();
        assertRefused(send(post("/infer", tensor(""))), 503, "the agent is stopping");
        tiny.release();
        assertThat(held.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(source.awaitIdle(TimeUnit.SECONDS.toNanos(60))).isTrue();
    }

    @Test
    void failsByNameWhatIsLeftWhenTheAgentCloses() throws Exception {
        tiny.hold();
        CompletableFuture<HttpResponse<String>> held =
                client.sendAsync(post("/infer", tensor("")).build(), BodyHandlers.ofString());
        while (source.underWay() == 0) {
            Thread.onSpinWait();
        }
        Thread closing = new Thread(tiny.agent()::close);
        closing.start();
        assertRefused(held.get(60, TimeUnit.SECONDS), 503, "agent is closed");
        tiny.release();
        closing.join();
    }

    @Test
    void asksForTheToken() throws Exception {
        source.close();
        listen("a-token-of-some-length");
        HttpResponse<String> refused = send(post("/infer", tensor("")));
        assertRefused(refused, 401, "no valid token; expected Authorization: Bearer TOKEN");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertRefused(get("/metrics"), 401, "no valid token");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertRefused(
                send(post("/infer", tensor("")).header("Authorization", "Bearer a-token-of-some-lengtH")),
                401,
                "token");
        assertThat(send(post("/infer", tensor("")).header("Authorization", "Bearer a-token-of-some-length"))
                        .statusCode())
                .isEqualTo(200);
    }

    /** A page in a browser on this machine, by a name of its own that leads here. */
    @Test
    void refusesAHostThatIsNotThisMachine() throws Exception {
        assertThat(raw("GET /health/ready HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET /health/ready HTTP/1.1\r\nHost: localhost:1\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(raw("GET /health/ready HTTP/1.1\r\nHost: [::1]\r\n\r\n")).startsWith("HTTP/1.1 200");
    }

    @Test
    void survivesWhatIsNoHttp() throws Exception {
        raw("\0\1\2\3\r\n\r\n");
        raw("POST /infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: x\r\n\r\n");
        raw("POST /infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: -5\r\n\r\n");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(send(post("/infer", tensor(""))).statusCode()).isEqualTo(200);
    }

    private String raw(String request) throws Exception {
        URI uri = URI.create(source.url());
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void namesAPortThatIsTaken() {
        int port = URI.create(source.url()).getPort();
        HttpSource.Settings settings =
                new HttpSource.Settings(new HostPort(null, port), null, MAX_BODY, SLOTS, Duration.ofSeconds(60));
        assertThatThrownBy(
                        () -> HttpSource.start(settings, new AgentFront(tiny.agent(), null, 1), () -> "", () -> true))
                .hasMessageContaining("HTTP address 127.0.0.1:" + port + " cannot be listened on")
                .hasMessageContaining("expected a free port");
    }
}
