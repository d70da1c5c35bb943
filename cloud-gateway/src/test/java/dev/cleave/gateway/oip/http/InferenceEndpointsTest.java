package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.codec.CodecParams;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.OipGateway;
import dev.cleave.gateway.oip.TypesModel;
import dev.cleave.tensor.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol over HTTP, as its specification has it. */
class InferenceEndpointsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3,4]}]}";
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

    @TempDir
    Path models;

    private final GatewayConfigBuilder settings = GatewayConfig.builder();
    private OipGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start(TestModel... served) throws Exception {
        for (TestModel model : served) {
            model.write(models);
        }
        gateway = new OipGateway(models, settings);
    }

    private static void assertError(HttpResponse<String> response, int status, String part) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.properties()).hasSize(1);
        assertThat(body.get("error").textValue()).contains(part).doesNotContain("\n");
    }

    @Test
    void tellsHealthAndMetadata() throws Exception {
        start(TestModel.named("m"));
        assertThat(gateway.get("/v2/health/live").body()).isEqualTo("{\"live\":true}\n");
        assertThat(gateway.get("/v2/health/ready").body()).isEqualTo("{\"ready\":true}\n");
        assertThat(gateway.get("/v2/models/m/ready").body()).isEqualTo("{\"name\":\"m\",\"ready\":true}\n");
        assertThat(gateway.get("/v2/models/m.split-1/versions/1/ready").statusCode())
                .isEqualTo(200);
        assertThat(gateway.get("/v2").body())
                .startsWith("{\"name\":\"cleave-gateway\",\"version\":\"")
                .endsWith("\"extensions\":[\"binary_tensor_data\",\"schedule_policy\"]}\n");
        String metadata = "{\"name\":\"m.split-1\",\"versions\":[\"1\"],\"platform\":\"onnx_onnxv1\","
                + "\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                + "\"outputs\":[{\"name\":\"early\",\"datatype\":\"FP32\",\"shape\":[-1,4]},"
                + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,4]}]}\n";
        assertThat(gateway.get("/v2/models/m.split-1").body()).isEqualTo(metadata);
        assertThat(gateway.get("/v2/models/m.split-1/versions/1").body()).isEqualTo(metadata);
        assertThat(gateway.get("/v2/models/m").headers().firstValue("Content-Type"))
                .hasValue("application/json");
    }

    @Test
    void answersInJson() throws Exception {
        start(TestModel.named("m").withReplies(new CodecParams.Fp16(), new CodecParams.Fp16()));
        HttpResponse<String> response = gateway.post(
                "/v2/models/m/infer",
                "{'id':'7','inputs':[{'name':'x','shape':[2,4],'datatype':'FP32',"
                        + "'data':[[1,2,3,4],[0.1,0.25,-1,0]]}],'outputs':[{'name':'y'}],'parameters':{'mine':{'a':1}}}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue(JSON_LENGTH)).isEmpty();
        assertThat(response.body())
                .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\",\"id\":\"7\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[2,4],\"data\":[14.0,20.0,26.0,32.0,8.6,9.5,2.0,8.0]}]}\n");
    }

    @Test
    void answersWithoutAnIdIfThereWasNone() throws Exception {
        start(TestModel.named("m"));
        JsonNode body =
                JSON.readTree(gateway.post("/v2/models/m/versions/1/infer", ONE).body());
        assertThat(body.has("id")).isFalse();
        assertThat(body.get("outputs")).hasSize(2);
    }

    @Test
    void runsTailsFromTheBoundary() throws Exception {
        start(TestModel.named("m"));
        String json = "{'inputs':[{'name':'b','shape':[1,4],'datatype':'FP32','data':[1,2,3,4]}]}";
        assertThat(gateway.post("/v2/models/m.split-2/infer", json).body())
                .contains("\"model_name\":\"m.split-2\"")
                .contains("\"data\":[6.0,7.0,8.0,9.0]")
                .doesNotContain("early");
    }

    private static byte[] join(String json, byte[] behind) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        body.writeBytes(behind);
        return body.toByteArray();
    }

    private HttpRequest.Builder binary(String path, String json, byte... behind) {
        return gateway.to(path)
                .header(JSON_LENGTH, Integer.toString(json.length()))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(join(json, behind)));
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    @Test
    void takesAndGivesTensorsAsBytes() throws Exception {
        start(TestModel.named("m"));
        String json = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','parameters':{'binary_data_size':16}}],"
                + "'parameters':{'binary_data_output':true},"
                + "'outputs':[{'name':'y'},{'name':'early','parameters':{'binary_data':false}}]}";
        HttpResponse<byte[]> response =
                gateway.sendForBytes(binary("/v2/models/m/infer", json, floats(1, 2, 3, Float.NaN)));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        int length = Integer.parseInt(response.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(new String(response.body(), 0, length, StandardCharsets.UTF_8))
                .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[1,4],\"parameters\":{\"binary_data_size\":16}},"
                        + "{\"name\":\"early\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[2.0,4.0,6.0,null]}]}");
        assertThat(Arrays.copyOfRange(response.body(), length, response.body().length))
                .isEqualTo(floats(14, 20, 26, Float.NaN));
        assertThat(response.headers().firstValue("Content-Length")).hasValue(Integer.toString(length + 16));
    }

    @Test
    void takesTextAndGivesBytesAndTheReverse() throws Exception {
        start(TestModel.named("m"));
        HttpResponse<byte[]> bytes = gateway.sendForBytes(gateway.to("/v2/models/m/infer")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(join(
                        ONE.substring(0, ONE.length() - 1)
                                + ",'outputs':[{'name':'y','parameters':{'binary_data':true}}]}",
                        new byte[0]))));
        int length = Integer.parseInt(bytes.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(bytes.body(), length, bytes.body().length))
                .isEqualTo(floats(14, 20, 26, 32));
        String json = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','parameters':{'binary_data_size':16}}]}";
        HttpResponse<String> text = gateway.send(binary("/v2/models/m/infer", json, floats(1, 2, 3, 4)));
        assertThat(text.body()).contains("[14.0,20.0,26.0,32.0]");
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void carriesEveryTypeAsBytesAndAsText(ElementType type) throws Exception {
        TypesModel.write(models, type);
        start();
        byte[] elements = new byte[6 * type.bytes()];
        Arrays.fill(elements, (byte) 1);
        String declared = "{'inputs':[{'name':'" + TypesModel.in(type) + "','shape':[2,3],'datatype':'"
                + Datatype.of(type) + "',";
        String binary = declared + "'parameters':{'binary_data_size':" + elements.length + "}}]}";
        HttpResponse<String> text = gateway.send(binary("/v2/models/types/infer", binary, elements));
        assertThat(text.statusCode()).as(text.body()).isEqualTo(200);
        JsonNode data = JSON.readTree(text.body()).at("/outputs/0/data");
        assertThat(data).hasSize(6);
        HttpResponse<byte[]> bytes = gateway.sendForBytes(gateway.to("/v2/models/types/infer")
                .POST(BodyPublishers.ofByteArray(join(
                        declared + "'data':" + data + "}],'parameters':{'binary_data_output':true}}", new byte[0]))));
        int length = Integer.parseInt(bytes.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(bytes.body(), length, bytes.body().length))
                .isEqualTo(elements);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|400|request is no JSON",
                "{}|400|input \"x\" is missing; expected x FP32[N,4]",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3]}]}|400|has 3 elements; expected 4",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3,'4']}]}|400|element is a string",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3,1e999]}]}|400|does not fit FP32",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3,NaN]}]}|400|request is no JSON",
                "{'inputs':[{'name':'x','shape':[1,-4],'datatype':'FP32','data':[1]}]}|400|the dimension -4",
                "{'inputs':[{'name':'x','shape':[0,4],'datatype':'FP32','data':[]}]}|400|has no rows; expected 1 to 8",
                "{'inputs':[{'name':'x','shape':[9,4],'datatype':'FP32','data':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}|413|has 9 rows",
                "{'inputs':[{'name':'x','shape':[4611686018427387904,4],'datatype':'FP32','data':[1]}]}|413|which no memory holds",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'BYTES','data':['a','b','c','d']}]}|400|strings are taken nowhere here",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP64','data':[1,2,3,4]}]}|400|expected FP32",
                "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','parameters':{'binary_data_size':16}}]}|400|no more than the body has left",
                "{'outputs':[{'name':'z'}]}|400|output \"z\" is none of the model's",
                "{'parameters':{'timeout':-1}}|400|parameter timeout is -1",
            })
    void refusesByNameWhatIsNoRequest(String json, int status, String part) throws Exception {
        start(TestModel.named("m"));
        assertError(gateway.post("/v2/models/m/infer", json), status, part);
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/",
                "/v2/models",
                "/v2/models/",
                "/v2/models/m/",
                "/v2/models/m/versions",
                "/v2/models/m/versions/",
                "/v2/models/m/versions/1/",
                "/v2/models/m/versions/1/config",
                "/v2/models/m/config",
                "/v2/health",
                "/v2/repository/index",
                "/v2x"
            })
    void hasNothingAtOtherPaths(String path) throws Exception {
        start(TestModel.named("m"));
        assertThat(gateway.get(path).statusCode()).isEqualTo(404);
        if (path.startsWith("/v2/")) {
            assertError(gateway.get(path), 404, "there is nothing at");
        }
    }

    @Test
    void namesModelsAndVersionsThatItDoesNotHave() throws Exception {
        start(TestModel.named("m"));
        assertError(gateway.get("/v2/models/n"), 404, "model \"n\" is not served here; expected m, m.split-1");
        assertError(gateway.get("/v2/models/n/ready"), 404, "is not served");
        assertError(gateway.post("/v2/models/n/infer", ONE), 404, "is not served");
        assertError(gateway.post("/v2/models/m/versions/9/infer", ONE), 404, "version \"9\" of model \"m\"");
        assertError(gateway.get("/v2/models/m.split-3"), 404, "no tail of point 3");
    }

    @Test
    void takesTheMethodThatThePathAsksFor() throws Exception {
        start(TestModel.named("m"));
        HttpResponse<String> get = gateway.get("/v2/models/m/infer");
        assertError(get, 405, "method is \"GET\"; expected POST");
        assertThat(get.headers().firstValue("Allow")).hasValue("POST");
        assertError(gateway.post("/v2/models/m", ONE), 405, "expected GET");
        assertThat(gateway.send(gateway.to("/v2/health/live").method("HEAD", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void takesJsonAndBytesAndNothingElse() throws Exception {
        start(TestModel.named("m"));
        byte[] body = join(ONE, new byte[0]);
        HttpRequest.Builder untyped = gateway.to("/v2/models/m/infer").POST(BodyPublishers.ofByteArray(body));
        assertThat(gateway.send(untyped).statusCode()).isEqualTo(200);
        assertThat(gateway.send(untyped.copy().header("Content-Type", "Application/JSON; charset=utf-8"))
                        .statusCode())
                .isEqualTo(200);
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
            assertError(gateway.send(untyped.copy().header("Content-Type", type)), 415, "content type is");
        }
        assertError(gateway.send(untyped.copy().header("Content-Encoding", "gzip")), 415, "content encoding is");
        for (String length : List.of("-1", "x", "99999999999", "1000")) {
            assertError(gateway.send(untyped.copy().header(JSON_LENGTH, length)), 400, "");
        }
    }

    @Test
    void refusesBodiesOverItsLimitBeforeAndWhileTheyCome() throws Exception {
        settings.maxRequestBytes(4 << 20);
        start(TestModel.named("m"));
        byte[] large = new byte[(4 << 20) + 1];
        Arrays.fill(large, (byte) ' ');
        HttpRequest.Builder known = gateway.to("/v2/models/m/infer").POST(BodyPublishers.ofByteArray(large));
        HttpRequest.Builder unknown = gateway.to("/v2/models/m/infer")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)));
        String expected = "413 {\"error\":\"body is too large; expected at most 4194304 bytes\"}\n";
        assertThat(raw("POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nContent-Length: " + large.length + "\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(statusAndBody(known)).isIn(expected, "broken");
        assertThat(statusAndBody(unknown)).isIn(expected, "broken");
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
    }

    /** A client that still writes when the answer comes may see its connection break instead. */
    private String statusAndBody(HttpRequest.Builder request) throws InterruptedException {
        try {
            HttpResponse<String> response = gateway.send(request);
            return response.statusCode() + " " + response.body();
        } catch (java.io.IOException broken) {
            return "broken";
        }
    }

    /** Sends text as it is and reads until the first line of an answer has come. */
    private String raw(String text) throws Exception {
        try (Socket socket = new Socket("localhost", gateway.gateway.httpPort())) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return line(socket.getInputStream());
        }
    }

    private static String line(InputStream in) throws Exception {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void holdsNoMoreOfAllBodiesThanItMay() throws Exception {
        settings.maxHeldBytes(64 << 10);
        start(TestModel.named("m"));
        HttpResponse<String> response = gateway.send(gateway.to("/v2/models/m/infer")
                .POST(BodyPublishers.ofByteArray(join(ONE + " ".repeat(200_000), new byte[0]))));
        assertError(response, 429, "gateway holds too much of other requests");
        assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(response.headers().firstValue("Connection")).hasValue("close");
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
    }

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
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 1.0");
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
            gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 0.0");
            gateway.awaitMetric("cleave_drops_total{model=\"m\",reason=\"cancelled\"} 1.0");
            gateway.engine.release();
            assertThat(line(running.getInputStream())).startsWith("HTTP/1.1 200 ");
        }
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

    @Test
    void aRunThatFailsIsAnError500() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.failNext("no such kernel");
        assertError(gateway.post("/v2/models/m/infer", ONE), 500, "no such kernel");
    }

    /** Seeded mutations of valid bodies: an answer or a named refusal for each, and the server goes on. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesHostileBodies(long seed) throws Exception {
        start(TestModel.named("m"));
        String binary =
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}";
        List<byte[]> good = List.of(join(ONE, new byte[0]), join(binary, floats(1, 2, 3, 4)));
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            boolean bytes = random.nextBoolean();
            byte[] bad = good.get(bytes ? 1 : 0).clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            int cut = random.nextInt(8) == 0 ? random.nextInt(bad.length) : bad.length;
            HttpRequest.Builder request =
                    gateway.to("/v2/models/m/infer").POST(BodyPublishers.ofByteArray(bad, 0, cut));
            if (bytes) {
                request.header(JSON_LENGTH, Integer.toString(binary.length() + random.nextInt(3) - 1));
            }
            HttpResponse<String> response = gateway.send(request);
            if (response.statusCode() != 200) {
                refused++;
                assertThat(response.statusCode()).isIn(400, 413, 504);
                assertThat(JSON.readTree(response.body()).get("error").textValue())
                        .isNotBlank()
                        .doesNotContain("\n", "Exception");
            }
        }
        assertThat(refused).isBetween(100, 299);
        assertThat(gateway.post("/v2/models/m/infer", ONE).statusCode()).isEqualTo(200);
        assertThat(gateway.metrics()).contains("cleave_held_bytes 0.0");
    }
}
