package dev.cleave.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
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
    private static final byte[] ASK =
            "GET /v2/models/m HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final AtomicLong clock = new AtomicLong();
    private HttpServer server;

    @BeforeEach
    void start() throws GatewayException {
        server = start(0, HttpServer.Times.USUAL, (request, response, callback) -> false);
    }

    private HttpServer start(int port, HttpServer.Times times, Request.Handler inference) throws GatewayException {
        return start(port, 100, times, inference);
    }

    private HttpServer start(int port, int connections, HttpServer.Times times, Request.Handler inference)
            throws GatewayException {
        return HttpServer.start(
                new HttpServer.Place("HTTP", "", port, connections, Endpoints::refuse, null),
                new Endpoints(metrics, ready::get, () -> models, () -> "", inference),
                times,
                clock::get);
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
    void hasHealthAndMetricsAloneWhereNothingElseIsGiven() throws Exception {
        try (HttpServer alone = start(0, HttpServer.Times.USUAL, null)) {
            for (String path : List.of("/v2", "/v2/health/live", "/v2/models/m/infer")) {
                HttpResponse<String> response =
                        send(HttpRequest.newBuilder(URI.create("http://localhost:" + alone.port() + path)));
                assertThat(response.statusCode()).as(path).isEqualTo(404);
                assertThat(response.body()).isEqualTo("not found; try /metrics, /health/live or /health/ready\n");
            }
        }
        assertThat(get("/").body()).isEqualTo("not found; try /metrics, /health/live, /health/ready or /v2\n");
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
        CountDownLatch closed = new CountDownLatch(1);
        Request.Handler slow = (request, response, callback) -> {
            CallerWatch.of(request).whenGone(() -> response.setStatus(500));
            new Thread(() -> {
                        try {
                            closed.await();
                            response.write(true, null, callback);
                        } catch (InterruptedException e) {
                            callback.failed(e);
                        }
                    })
                    .start();
            return true;
        };
        try (HttpServer impatient = start(0, HttpServer.Times.USUAL.withIdle(idle), slow);
                Socket silent = new Socket("localhost", impatient.port());
                Socket asking = new Socket("localhost", impatient.port())) {
            asking.getOutputStream().write(ASK);
            assertThat(silent.getInputStream().read()).isEqualTo(-1); // So the time has passed, for both.
            closed.countDown();
            assertThat(line(asking)).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    private static String line(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    /** All of what the server itself says of a request. */
    private static String answer(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("request refused\n") < 0) {
            text.append((char) socket.getInputStream().read());
        }
        return text.toString();
    }

    /** Each byte begins Jetty's idle time anew; the headers' own time goes on. */
    @Test
    void closesAConnectionWhoseHeadersComeAByteAtATime() throws Exception {
        try (Socket slow = new Socket("localhost", server.port())) {
            awaitConnections(1);
            for (int i = 0; i < 59; i++) {
                slow.getOutputStream().write(ASK[i % 20]);
                pass(1);
            }
            assertThat(server.connections()).isEqualTo(1);
            pass(2);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    /** The time for headers begins anew with each request of a connection. */
    @Test
    void keepsAConnectionThatAsksNowAndThen() throws Exception {
        try (Socket caller = new Socket("localhost", server.port())) {
            for (int i = 0; i < 3; i++) {
                caller.getOutputStream().write(ASK);
                assertThat(answer(caller)).startsWith("HTTP/1.1 404 Not Found\r\n");
                pass(40);
            }
        }
    }

    @Test
    void closesAConnectionWhoseAnswerIsNotTaken() throws Exception {
        byte[] large = new byte[32 << 20];
        CountDownLatch ended = new CountDownLatch(1);
        Request.Handler lavish = (request, response, callback) -> {
            response.write(true, ByteBuffer.wrap(large), Callback.from(callback, ended::countDown));
            return true;
        };
        try (HttpServer giving = start(0, HttpServer.Times.USUAL, lavish);
                Socket caller = new Socket("localhost", giving.port())) {
            caller.getOutputStream().write(ASK);
            assertThat(caller.getInputStream().read()).isEqualTo('H');
            clock.addAndGet(TimeUnit.SECONDS.toNanos(299));
            giving.sweep();
            assertThat(giving.connections()).isEqualTo(1);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
            giving.sweep();
            ended.await();
        }
    }

    private void pass(long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        server.sweep();
    }

    private void awaitConnections(int count) {
        while (server.connections() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> start(port, HttpServer.Times.USUAL, (request, response, callback) -> false))
                    .isInstanceOf(GatewayException.class)
                    .hasMessage("HTTP port " + port + " is in use; expected a free port");
        }
    }

    private static String ask(Socket socket) throws Exception {
        socket.getOutputStream()
                .write("GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return liveAnswer(socket);
    }

    /** Up to the end of the body, which is the text {@code live}. */
    private static String liveAnswer(Socket socket) throws Exception {
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
        server = start(0, 2, HttpServer.Times.USUAL, (request, response, callback) -> false);
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
                assertThat(liveAnswer(third)).startsWith("HTTP/1.1 200");
            }
        }
    }
}
