package dev.cleave.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.TryModels;
import dev.cleave.gateway.model.TestModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admin port of a whole gateway, over real sockets. */
class AdminServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    private final FakeEngine engine = new FakeEngine();
    private final HttpClient http = HttpClient.newHttpClient();
    private Gateway gateway;

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        assertThat(engine.openSessions()).isZero();
    }

    private Path models() throws Exception {
        return Files.createDirectories(home.resolve("models"));
    }

    private GatewayConfigBuilder settings() throws Exception {
        return GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .adminPort(0)
                .pollEvery(Duration.ofMillis(50))
                .loadMode(LoadMode.EXPLICIT)
                .modelsDirectory(models());
    }

    private void start(GatewayConfigBuilder settings) throws Exception {
        gateway = Gateway.start(settings.build(), engine);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort() + path))
                .header("Cleave-Admin", "test");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> act(String path, String body) throws Exception {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> push(String path, byte[] body) throws Exception {
        return send(
                request(path).header("Content-Type", "application/octet-stream").PUT(BodyPublishers.ofByteArray(body)));
    }

    private JsonNode list() throws Exception {
        return JSON.readTree(send(request("/v1/models").GET()).body());
    }

    private static String error(HttpResponse<String> response) throws Exception {
        return JSON.readTree(response.body()).path("error").asText();
    }

    private void await(String version, String state) throws Exception {
        gateway.awaitModels(models -> models.stream()
                .anyMatch(model ->
                        model.version().equals(version) && model.state().name().equals(state)));
    }

    private byte[] bundle(String version) throws Exception {
        return Files.readAllBytes(
                TestModel.named("m").withVersion(version).writeTo(home.resolve("m.cleave"), View.FULL));
    }

    @Test
    void pushesLoadsLabelsAndUnloadsAModelAndKeepsABookOfIt() throws Exception {
        start(settings());
        HttpResponse<String> pushed = push("/v1/models/m/versions/3", bundle("3"));
        assertThat(pushed.statusCode()).as(pushed.body()).isEqualTo(200);
        assertThat(JSON.readTree(pushed.body()).path("file").asText()).isEqualTo("m/3/m.cleave");
        assertThat(push("/v1/models/m/versions/3", bundle("3")).statusCode()).isEqualTo(409);
        assertThat(act("/v1/models/m/load", "{\"version\": \"3\"}").statusCode())
                .isEqualTo(200);
        await("3", "READY");
        assertThat(act("/v1/models/m/label", "{\"label\": \"stable\", \"version\": \"3\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(list().path("labels").path("m").path("stable").asText()).isEqualTo("3");
        assertThat(error(act("/v1/models/m/unload", "{}"))).contains("has the label stable");
        act("/v1/models/m/label", "{\"label\": \"stable\"}");
        assertThat(act("/v1/models/m/unload", "{\"version\": \"3\"}").statusCode())
                .isEqualTo(200);
        await("3", "UNLOADED");
        List<String> lines = Files.readAllLines(models().resolve(".cleave/audit.jsonl"));
        assertThat(lines).hasSize(7);
        JsonNode first = JSON.readTree(lines.get(0));
        assertThat(first.path("who").asText()).isEqualTo("127.0.0.1");
        assertThat(first.path("action").asText()).isEqualTo("push");
        assertThat(first.path("model").asText()).isEqualTo("m");
        assertThat(first.path("version").asText()).isEqualTo("3");
        assertThat(first.path("outcome").asText()).isEqualTo("ok");
        assertThat(lines.get(1)).contains("lies here already");
        assertThat(lines.get(4)).contains("\"unload\"").contains("has the label stable");
    }

    private static String line(String action, String version, String outcome) {
        return "127.0.0.1 " + action + " m " + version + ": " + outcome;
    }

    /** What is in the audit log, without its times. */
    private List<String> book() throws Exception {
        Path file = models().resolve(".cleave/audit.jsonl");
        List<String> book = new ArrayList<>();
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            JsonNode entry = JSON.readTree(line);
            book.add(entry.path("who").asText() + " " + entry.path("action").asText() + " "
                    + entry.path("model").asText() + " " + entry.path("version").asText() + ": "
                    + entry.path("outcome").asText());
        }
        return book;
    }

    @Test
    void whatIsRefusedForItsBodyIsInTheBookAsWell() throws Exception {
        start(settings().maxPushBytes(1 << 10));
        assertThat(push("/v1/models/m/versions/3", new byte[1025]).statusCode()).isEqualTo(413);
        HttpRequest.Builder text = request("/v1/models/m/versions/3")
                .header("Content-Type", "text/plain")
                .PUT(BodyPublishers.ofString("x"));
        assertThat(send(text).statusCode()).isEqualTo(415);
        assertThat(send(request("/v1/models/m/unload")
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("{}")))
                        .statusCode())
                .isEqualTo(415);
        assertThat(act("/v1/models/m/load", "{").statusCode()).isEqualTo(400);
        assertThat(act("/v1/models/m/label", "{\"name\": \"3\"}").statusCode()).isEqualTo(400);
        assertThat(act("/v1/models/m/load", " ".repeat(1 << 15)).statusCode()).isEqualTo(413);
        List<String> book = book();
        assertThat(book).hasSize(6);
        assertThat(book.get(0)).isEqualTo(line("push", "3", "bundle has 1025 bytes; expected at most 1024"));
        assertThat(book.get(1))
                .isEqualTo(line("push", "3", "content type is \"text/plain\"; expected application/octet-stream"));
        assertThat(book.get(2))
                .isEqualTo(line("unload", "", "content type is \"text/plain\"; expected application/json"));
        assertThat(book.get(3)).startsWith(line("load", "", "body is not valid JSON: "));
        assertThat(book.get(4)).startsWith(line("label", "", "\"name\" is not expected"));
        assertThat(book.get(5)).isEqualTo(line("load", "", "body is larger than 16384 bytes"));
    }

    @Test
    void whoIsNotLetInOrAsksForNothingLeavesNoLine() throws Exception {
        start(settings());
        HttpRequest.Builder form = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.adminPort() + "/v1/models/m/unload"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"));
        assertThat(send(form).statusCode()).isEqualTo(403);
        assertThat(act("/v1/models/m/drop", "{}").statusCode()).isEqualTo(404);
        list();
        assertThat(book()).isEmpty();
    }

    @Test
    void pushesAPlainModelUnderTheNameThatIsGiven() throws Exception {
        start(settings().tryModels(TryModels.NONE));
        HttpRequest.Builder push = request("/v1/models/plain/versions/3")
                .header("Content-Type", "application/x-onnx")
                .PUT(BodyPublishers.ofString("input x float32 [?,4]\noutput y float32 [?,4] = affine x 2 0"));
        HttpResponse<String> pushed = send(push);
        assertThat(pushed.statusCode()).as(pushed.body()).isEqualTo(200);
        assertThat(JSON.readTree(pushed.body()).path("file").asText()).isEqualTo("plain/3/plain.onnx");
        assertThat(act("/v1/models/plain/load", "{\"version\": \"3\"}").statusCode())
                .isEqualTo(200);
        await("3", "READY");
        assertThat(error(send(push))).contains("model \"plain\" 3 lies here already");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/models/..%2f..%2fevil/versions/3, 400",
        "/v1/models/../../evil/versions/3, 404",
        "/v1/models/.hidden/versions/3, 400",
        "/v1/models/a%5cb/versions/3, 400",
        "/v1/models/m/versions/..%2f3, 400",
        "/v1/models/m/versions/03, 400",
        "/v1/models/m/versions/-1, 400",
        "/v1/models/m/versions/3.5, 400",
        "/v1/models/m%00/versions/3, 400",
    })
    void aPushNeverLeavesItsFolder(String path, int status) throws Exception {
        start(settings());
        try (Socket socket = new Socket("127.0.0.1", gateway.adminPort())) {
            // Not through a client, which would tidy the path.
            socket.getOutputStream()
                    .write(("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nCleave-Admin: 1\r\nConnection: close\r\n"
                                    + "Content-Type: application/octet-stream\r\nContent-Length: 1\r\n\r\nx")
                            .getBytes(StandardCharsets.US_ASCII));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            assertThat(line).contains(" " + status + " ");
        }
        assertOnlyHidden();
    }

    private void assertOnlyHidden() throws Exception {
        try (Stream<Path> left = Files.walk(home)) {
            assertThat(left.filter(Files::isRegularFile)
                            .map(path -> path.getFileName().toString()))
                    .isSubsetOf("lock", "audit.jsonl");
        }
    }

    /** A megabyte that is deflated to a kilobyte. */
    private static byte[] bomb() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("contract.json"));
            zip.write(new byte[1 << 20]);
        }
        return bytes.toByteArray();
    }

    @Test
    void aBundleThatIsTooLargeBrokenOrAnotherOneIsRefusedAndNothingIsLeft() throws Exception {
        byte[] good = bundle("3");
        Files.delete(home.resolve("m.cleave"));
        start(settings().maxPushBytes(good.length));
        assertThat(error(push("/v1/models/m/versions/3", new byte[good.length + 1])))
                .isEqualTo("bundle has " + (good.length + 1) + " bytes; expected at most " + good.length);
        HttpResponse<String> chunked = send(request("/v1/models/m/versions/3")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(new byte[good.length + 1]))));
        assertThat(error(chunked)).contains("bundle has more than " + good.length + " bytes");
        byte[] broken = good.clone();
        broken[broken.length / 2] ^= 1;
        assertThat(push("/v1/models/m/versions/3", broken).statusCode()).isEqualTo(400);
        assertThat(error(push("/v1/models/m/versions/3", bomb())))
                .contains("entry contract.json is of flags 2056; expected 0");
        assertThat(error(push("/v1/models/m/versions/4", good)))
                .isEqualTo("the bundle holds model \"m\" version \"3\"; expected \"m\" version \"4\"");
        Files.delete(models().resolve(".cleave/audit.jsonl"));
        Files.createFile(models().resolve(".cleave/audit.jsonl"));
        assertOnlyHidden();
        assertThat(push("/v1/models/m/versions/3", good).statusCode()).isEqualTo(200);
    }

    @Test
    void aLinkInTheModelsDirectoryLeadsNoPushElsewhere() throws Exception {
        Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        Files.createSymbolicLink(models().resolve("m"), elsewhere);
        start(settings());
        assertThat(error(push("/v1/models/m/versions/3", bundle("3"))))
                .isEqualTo("m is a link; expected a folder of the models directory");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aWebPageCannotAsk() throws Exception {
        start(settings());
        // What a form can send.
        HttpRequest.Builder form = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.adminPort() + "/v1/models/m/unload"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"));
        assertThat(error(send(form))).isEqualTo("header Cleave-Admin is missing; expected it with any value");
        assertThat(send(request("/v1/models/m/unload")
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("{}")))
                        .statusCode())
                .isEqualTo(415);
        assertThat(error(send(request("/v1/models")
                        .header("Sec-Fetch-Site", "cross-site")
                        .GET())))
                .contains("a page of another site asks");
        // Asked first, the port allows nothing.
        HttpResponse<String> preflight = send(request("/v1/models")
                .header("Origin", "http://evil.example")
                .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(preflight.statusCode()).isEqualTo(404);
        assertThat(preflight.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
        // A name of the page's own that leads here.
        try (Socket socket = new Socket("127.0.0.1", gateway.adminPort())) {
            socket.getOutputStream()
                    .write("GET /v1/models HTTP/1.1\r\nHost: evil.example:8502\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).contains(" 403 ").contains("host is not this machine's loopback address");
        }
    }

    @Test
    void withATokensFileWhoeverShowsNoneIsTurnedAway() throws Exception {
        String token = "a-long-random-token";
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
        Path tokens = Files.writeString(home.resolve("tokens"), HexFormat.of().formatHex(hash) + " anna\n");
        start(settings().adminTokens(tokens).adminAddress("0.0.0.0"));
        assertThat(send(request("/v1/models").GET()).statusCode()).isEqualTo(401);
        assertThat(send(request("/v1/models")
                                .header("Authorization", "Bearer other")
                                .GET())
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<String> allowed = send(request("/v1/models/m/load")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}")));
        assertThat(allowed.statusCode()).isEqualTo(404);
        assertThat(Files.readString(models().resolve(".cleave/audit.jsonl"))).contains("\"who\":\"anna\"");
    }

    @Test
    void withoutATokensFileItStaysOnTheLoopbackAddress() throws Exception {
        assertThatThrownBy(() -> start(settings().adminAddress("0.0.0.0")))
                .isInstanceOf(GatewayException.class)
                .hasMessage("adminAddress is \"0.0.0.0\" without adminTokens; expected a loopback address such as"
                        + " 127.0.0.1, or a tokens file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/models/m/load|[1]|400|body is no JSON object",
                "/v1/models/m/load|{|400|body is not valid JSON",
                "/v1/models/m/load|{\"version\": 3}|400|\"version\" is not expected, or not so",
                "/v1/models/m/load|{\"vers\": \"3\"}|400|\"vers\" is not expected, or not so",
                "/v1/models/m/unload|{\"force\": \"yes\"}|400|\"force\" is not expected, or not so",
                "/v1/models/m/load|{}|404|no file of model \"m\" lies in the models directory",
                "/v1/models/m/drop|{}|404|there is nothing at this path",
                "/v1/models/..%2fm/load|{}|400|request refused: Ambiguous URI path separator",
            })
    void refusesInOneLine(String path, String body, int status, String expected) throws Exception {
        start(settings());
        HttpResponse<String> response = act(path, body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(error(response)).contains(expected).doesNotContain("\n");
    }

    @Test
    void aPortInUseIsRefusedUnlessItMayBe() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> start(settings().adminPort(port)))
                    .hasMessage("admin port " + port + " is in use; expected a free port");
            start(settings().adminPortIfFree(port));
            assertThat(gateway.adminPort()).isEqualTo(-1);
        }
    }
}
