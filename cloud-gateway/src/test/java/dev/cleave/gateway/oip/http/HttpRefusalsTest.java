package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.model.TestModel;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not taken over HTTP, and what is said of it. */
class HttpRefusalsTest extends OverHttp {
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
    void answersNoPageOfAnotherSite() throws Exception {
        start(TestModel.named("m"));
        HttpRequest.Builder untyped =
                gateway.to("/v2/models/m/infer").POST(BodyPublishers.ofByteArray(join(ONE, new byte[0])));
        HttpRequest.Builder typed = untyped.copy().header("Content-Type", "application/json");
        assertError(gateway.send(untyped.copy().header("Origin", "https://elsewhere")), 415, "a page asks without");
        assertError(gateway.send(untyped.copy().header("Origin", "null")), 415, "a page asks without");
        for (String site : List.of("cross-site", "same-site")) {
            assertError(gateway.send(untyped.copy().header("Sec-Fetch-Site", site)), 403, "a page of another site");
            assertError(gateway.send(typed.copy().header("Sec-Fetch-Site", site)), 403, "a page of another site");
        }
        assertThat(gateway.send(typed.copy()
                                .header("Sec-Fetch-Site", "same-origin")
                                .header("Origin", "http://h"))
                        .statusCode())
                .isEqualTo(200);
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
