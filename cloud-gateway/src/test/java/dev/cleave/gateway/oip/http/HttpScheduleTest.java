package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.model.TestModel;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When requests over HTTP are served: deadlines, callers that go away, a full queue, the end. */
class HttpScheduleTest extends OverHttp {
    @Test
    void answersADeadlineThatPasses() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        String json = ONE.substring(0, ONE.length() - 1) + ",'parameters':{'timeout':100000}}";
        assertError(gateway.post("/v2/models/m/infer", json), 504, "deadline passed after ");
        assertError(gateway.post("/v2/models/m/infer", json), 504, "deadline passed after ");
        gateway.engine.release();
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
    }

    @Test
    void saysWhenToComeBackIfTheQueueIsFull() throws Exception {
        settings.queueBound(1);
        start(TestModel.named("m"));
        gateway.engine.hold();
        try (Socket running = post(ONE);
                Socket waiting = openAfter(running)) {
            HttpResponse<String> refused = gateway.post("/v2/models/m/infer", ONE);
            assertError(refused, 429, "queue of model \"m\" is full");
            assertThat(refused.headers().firstValue("Retry-After"))
                    .hasValueSatisfying(v -> assertThat(v).matches("[1-9][0-9]*"));
            gateway.engine.release();
            assertThat(line(running.getInputStream())).startsWith("HTTP/1.1 200 ");
            assertThat(line(waiting.getInputStream())).startsWith("HTTP/1.1 200 ");
        }
    }

    private Socket openAfter(Socket running) throws Exception {
        assertThat(running.isConnected()).isTrue();
        gateway.engine.awaitHeld(1);
        Socket waiting = post(ONE);
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 1.0");
        return waiting;
    }

    private static String request(String json) {
        return "POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json.replace('\'', '"');
    }

    private Socket post(String json) throws Exception {
        Socket socket = new Socket("localhost", gateway.gateway.httpPort());
        socket.getOutputStream().write(request(json).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void takesARequestOutOfLineWhoseCallerHasGone() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        try (Socket running = post(ONE)) {
            openAfter(running).close();
            gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 0.0");
            gateway.awaitMetric("cleave_drops_total{model=\"m\",reason=\"cancelled\",version=\"1\"} 1.0");
            gateway.engine.release();
            assertThat(line(running.getInputStream())).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void dropsTheOutputsOfARunWhoseCallerHasGone() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        try (Socket running = post(ONE)) {
            gateway.engine.awaitHeld(1);
            running.shutdownOutput();
            gateway.awaitMetric(
                    "cleave_requests_total{model=\"m\",outcome=\"cancelled\",point=\"0\",version=\"1\"} 1.0");
        }
        gateway.engine.release();
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
    }

    /** A connection that is watched for its end loses nothing of what comes on it before that. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void answersRequestsThatCameOneAfterAnotherOnAConnection(int pieces) throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        byte[] next = request(ONE).repeat(3).getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = post(ONE)) {
            gateway.engine.awaitHeld(1);
            for (int from = 0; from < next.length; from += Math.max(1, next.length / pieces)) {
                int length = Math.min(Math.max(1, next.length / pieces), next.length - from);
                socket.getOutputStream().write(next, from, length);
                socket.getOutputStream().flush();
            }
            gateway.engine.release();
            for (int i = 0; i < 4; i++) {
                assertThat(response(socket.getInputStream())).contains("[14.0,20.0,26.0,32.0]");
            }
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write(request(ONE).getBytes(StandardCharsets.US_ASCII));
                assertThat(response(socket.getInputStream())).contains("[14.0,20.0,26.0,32.0]");
            }
        }
    }

    /** One response, by its length. */
    private static String response(InputStream in) throws Exception {
        assertThat(line(in)).startsWith("HTTP/1.1 200 ");
        int length = 0;
        for (String header = line(in).strip(); !header.isEmpty(); header = line(in).strip()) {
            if (header.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Test
    void finishesWhatRunsAndTakesNothingNewWhenItDrains() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        try (Socket running = post(ONE)) {
            gateway.engine.awaitHeld(1);
            Thread draining = new Thread(() -> gateway.gateway.drain(Duration.ofSeconds(60)));
            draining.start();
            while (gateway.get("/v2/models/m/ready").statusCode() == 200) {
                Thread.onSpinWait();
            }
            assertThat(gateway.get("/v2/health/ready").statusCode()).isEqualTo(503);
            HttpResponse<String> refused = gateway.post("/v2/models/m/infer", ONE);
            assertError(refused, 503, "model \"m\" is shutting down");
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
            gateway.engine.release();
            assertThat(response(running.getInputStream())).contains("[14.0,20.0,26.0,32.0]");
            draining.join();
        }
    }

    /** However it ends, nobody is left without an answer. */
    @Test
    void refusesWhatWaitsWhenItCloses() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        try (Socket running = post(ONE);
                Socket waiting = openAfter(running)) {
            Thread closing = new Thread(gateway.gateway::close);
            closing.start();
            assertThat(line(waiting.getInputStream())).startsWith("HTTP/1.1 503 ");
            gateway.engine.release();
            assertThat(line(running.getInputStream())).startsWith("HTTP/1.1 200 ");
            closing.join();
        }
    }
}
