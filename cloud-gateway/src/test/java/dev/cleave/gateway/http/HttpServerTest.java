package dev.cleave.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final AtomicBoolean ready = new AtomicBoolean(true);
    private final List<ModelStatus> models = List.of(
            new ModelStatus(
                    "a.cleave",
                    "a",
                    "1",
                    "abc",
                    List.of(0, 1),
                    "cpu",
                    "fp32",
                    ModelState.READY,
                    "",
                    List.of("stable"),
                    7,
                    2),
            new ModelStatus(
                    "b.cleave",
                    "",
                    "",
                    "",
                    List.of(),
                    "",
                    "",
                    ModelState.FAILED,
                    "b.cleave is \"broken\"",
                    List.of(),
                    0,
                    0));
    private HttpServer server;

    @BeforeEach
    void start() throws GatewayException {
        server = HttpServer.start(
                "",
                0,
                100,
                new Endpoints(metrics, ready::get, () -> models, () -> "", (request, response, callback) -> false));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void servesMetricsInPrometheusText() throws Exception {
        metrics.model("a", "1").received(5);
        HttpResponse<String> response = get("/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(response.body()).contains("cleave_received_bytes_total{model=\"a\",version=\"1\"} 5.0");
    }

    @Test
    void isLiveWhateverTheModelsAre() throws Exception {
        ready.set(false);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void tellsReadinessWithEveryModelAndItsReason() throws Exception {
        HttpResponse<String> up = get("/health/ready");
        assertThat(up.statusCode()).isEqualTo(200);
        assertThat(up.body())
                .contains("\"ready\" : true")
                .contains("\"points\" : [ 0, 1 ]")
                .contains("\"state\" : \"FAILED\"")
                .contains("b.cleave is \\\"broken\\\"");
        ready.set(false);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void answersAnythingElseInOneLine() throws Exception {
        for (String path : List.of("/", "/metrics/x", "/health", "/etc/passwd")) {
            HttpResponse<String> response = get(path);
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(response.body()).doesNotContain("Exception").hasLineCount(1);
        }
        HttpResponse<String> post =
                send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/metrics"))
                        .POST(HttpRequest.BodyPublishers.ofString("x")));
        assertThat(post.statusCode()).isEqualTo(405);
    }

    @Test
    void refusesPathsThatLeaveTheRoot() throws Exception {
        HttpResponse<String> response = get("/../etc/passwd");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo("request refused\n");
    }

    /** A batch may run for longer than a connection may say nothing. */
    @Test
    void waitsForAnAnswerLongerThanForARequest() throws Exception {
        Duration idle = Duration.ofMillis(50);
        CountDownLatch answer = new CountDownLatch(1);
        Endpoints slow = new Endpoints(metrics, ready::get, () -> models, () -> "", (request, response, callback) -> {
            CallerWatch.of(request).whenGone(() -> response.setStatus(500));
            new Thread(() -> {
                        try {
                            answer.await();
                            Thread.sleep(10 * idle.toMillis());
                            response.write(true, null, callback);
                        } catch (InterruptedException e) {
                            callback.failed(e);
                        }
                    })
                    .start();
            return true;
        });
        try (HttpServer impatient = HttpServer.start("", 0, 100, slow, idle)) {
            answer.countDown();
            assertThat(send(HttpRequest.newBuilder(
                                    URI.create("http://localhost:" + impatient.port() + "/v2/models/m/infer")))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> HttpServer.start(
                            "",
                            port,
                            100,
                            new Endpoints(
                                    metrics,
                                    ready::get,
                                    () -> models,
                                    () -> "",
                                    (request, response, callback) -> false)))
                    .isInstanceOf(GatewayException.class)
                    .hasMessage("HTTP port " + port + " is in use; expected a free port");
        }
    }

    private static String ask(Socket socket) throws Exception {
        socket.getOutputStream()
                .write("GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return answer(socket);
    }

    /** Up to the end of the body, which is the text {@code live}. */
    private static String answer(Socket socket) throws Exception {
        StringBuilder read = new StringBuilder();
        while (read.indexOf("live\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                break;
            }
            read.append((char) next);
        }
        return read.toString();
    }

    @Test
    void aConnectionTooManyWaitsUntilAnotherIsClosed() throws Exception {
        server.close();
        server = HttpServer.start(
                "",
                0,
                2,
                new Endpoints(metrics, ready::get, () -> models, () -> "", (request, response, callback) -> false));
        try (Socket first = new Socket("localhost", server.port());
                Socket second = new Socket("localhost", server.port())) {
            assertThat(ask(first)).startsWith("HTTP/1.1 200");
            assertThat(ask(second)).startsWith("HTTP/1.1 200");
            try (Socket third = new Socket("localhost", server.port())) {
                third.getOutputStream()
                        .write("GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < 20; i++) {
                    assertThat(ask(second)).startsWith("HTTP/1.1 200");
                    assertThat(server.connections()).isEqualTo(2);
                    assertThat(third.getInputStream().available()).isZero();
                }
                first.shutdownOutput();
                assertThat(answer(third)).startsWith("HTTP/1.1 200");
            }
        }
    }
}
