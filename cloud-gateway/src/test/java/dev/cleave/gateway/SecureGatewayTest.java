package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** The HTTP, admin and health ports of a whole gateway that has a certificate. */
class SecureGatewayTest {
    private static final String INFER = "/v2/models/m/infer";
    private static final String ONE =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

    @TempDir
    Path models;

    @TempDir
    Path files;

    private final TestCertificates root = TestCertificates.root("root");
    private final FakeEngine engine = new FakeEngine();
    private Path rootFile;
    private GatewayConfigBuilder settings;
    private Gateway gateway;

    @BeforeEach
    void write() throws Exception {
        rootFile = root.writeRoot(files.resolve("root.crt"));
        TestModel.named("m").write(models);
        settings = GatewayConfig.builder().port(0).httpPort(0).adminPort(0).modelsDirectory(models);
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start() throws Exception {
        gateway = Gateway.start(settings.build(), engine);
    }

    private void withTls() throws Exception {
        TestCertificates.Pair pair = TestCertificates.write(root.forLocalhost(), files, "gateway");
        settings.tlsCertificate(pair.chain()).tlsKey(pair.key());
    }

    private Path tokens() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("one".getBytes(StandardCharsets.US_ASCII));
        return Files.writeString(files.resolve("tokens"), HexFormat.of().formatHex(hash) + " anna\n");
    }

    private static HttpClient client(SSLContext context) {
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private HttpClient stranger() throws Exception {
        return client(TestCertificates.context(rootFile, null));
    }

    private HttpClient device() throws Exception {
        TestCertificates.Pair shown = TestCertificates.write(root.forName("camera-1"), files, "camera-1");
        return client(TestCertificates.context(rootFile, shown));
    }

    private static HttpResponse<String> get(HttpClient client, String uri, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> infer(HttpClient client, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(http("https") + INFER))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(ONE));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String http(String scheme) {
        return scheme + "://localhost:" + gateway.httpPort();
    }

    private String admin(String scheme) {
        return scheme + "://127.0.0.1:" + gateway.adminPort() + "/v1/models";
    }

    @Test
    void infersOverTlsForWhoTrustsItsRootAndNotInTheClear() throws Exception {
        withTls();
        start();
        assertThat(gateway.isTls()).isTrue();
        HttpResponse<String> answer = infer(stranger(), null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("[14.0,20.0,26.0,32.0]");
        Path otherFile = TestCertificates.root("other").writeRoot(files.resolve("other.crt"));
        HttpClient distrustful = client(TestCertificates.context(otherFile, null));
        assertThatThrownBy(() -> infer(distrustful, null)).isInstanceOf(IOException.class);
        for (String uri : List.of(http("http") + "/metrics", http("http") + "/v2", admin("http"))) {
            HttpResponse<String> clear = get(HttpClient.newHttpClient(), uri);
            assertThat(clear.statusCode()).as(uri).isEqualTo(400);
            assertThat(clear.body()).isEqualTo("{\"error\":\"this port speaks TLS; expected https\"}\n");
        }
        assertThat(gateway.healthPort()).isEqualTo(-1);
    }

    @Test
    void takesTokensOverTls() throws Exception {
        withTls();
        settings.tokens(tokens());
        start();
        assertThat(infer(stranger(), "one").statusCode()).isEqualTo(200);
        assertThat(infer(stranger(), "two").statusCode()).isEqualTo(401);
        assertThat(infer(stranger(), null).statusCode()).isEqualTo(401);
        assertThat(get(stranger(), http("https") + "/health/ready").statusCode())
                .isEqualTo(200);
    }

    @Test
    void asksForADevicesCertificateOnEveryPathAndPort() throws Exception {
        withTls();
        settings.tlsClientCa(rootFile).tokens(tokens());
        start();
        assertThat(infer(device(), "one").statusCode()).isEqualTo(200);
        assertThat(infer(device(), null).statusCode()).isEqualTo(401);
        assertThat(get(device(), admin("https")).statusCode()).isEqualTo(200);
        for (String uri : List.of(
                http("https") + INFER,
                http("https") + "/v2/health/ready",
                http("https") + "/health/live",
                http("https") + "/metrics",
                admin("https"))) {
            assertThatThrownBy(() -> get(stranger(), uri)).as(uri).isInstanceOf(IOException.class);
        }
    }

    @Test
    void hasHealthAndMetricsInTheClearWhereThatIsAskedFor() throws Exception {
        withTls();
        settings.tlsClientCa(rootFile).tokens(tokens()).healthPort(0);
        start();
        String open = "http://localhost:" + gateway.healthPort();
        HttpClient probe = HttpClient.newHttpClient();
        assertThat(get(probe, open + "/health/live").statusCode()).isEqualTo(200);
        assertThat(get(probe, open + "/health/ready").body()).contains("\"name\" : \"m\"");
        assertThat(get(probe, open + "/metrics").body()).contains("cleave_connections_open{port=\"health\"} 1.0");
        for (String path : List.of("/v2", "/v2/health/live", "/v2/models/m", INFER, "/v1/models", "/")) {
            assertThat(get(probe, open + path, "Authorization", "Bearer one").statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void theAdminPortAsksForWhatItAskedForOverTlsAsWell() throws Exception {
        withTls();
        settings.tlsClientCa(rootFile).adminTokens(tokens());
        start();
        assertThat(get(device(), admin("https")).statusCode()).isEqualTo(401);
        assertThat(get(device(), admin("https"), "Authorization", "Bearer one").statusCode())
                .isEqualTo(200);
    }

    /** Devices have certificates of that root, and are no operators. */
    @Test
    void aCertificateAloneOpensNoAdminPortToOtherMachines() throws Exception {
        withTls();
        settings.tlsClientCa(rootFile).adminAddress("0.0.0.0");
        assertThatThrownBy(this::start).hasMessageContaining("adminAddress is \"0.0.0.0\" without adminTokens");
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 127.0.0.1, false, 0, 0",
        "false, true, 127.0.0.1, false, 1, 0",
        "true, true, 127.0.0.1, false, 0, 0",
        "false, false, 127.0.0.1, true, 0, 0",
        "false, false, 0.0.0.0, true, 0, 1",
        "true, false, 0.0.0.0, true, 0, 0",
        "false, true, 0.0.0.0, true, 1, 1",
        "true, true, 0.0.0.0, true, 0, 0",
    })
    void warnsOfTokensInTheClearExactlyWhereTheyAre(
            boolean tls, boolean tokens, String adminAddress, boolean adminTokens, int ofDevices, int ofOperators)
            throws Exception {
        if (tls) {
            withTls();
        }
        if (tokens) {
            settings.tokens(tokens());
        }
        settings.adminAddress(adminAddress).healthPort(0);
        if (adminTokens) {
            settings.adminTokens(tokens());
        }
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("dev.cleave.gateway");
        log.start();
        logger.addAppender(log);
        try {
            start();
        } finally {
            logger.detachAppender(log);
        }
        List<String> warnings = log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("in the clear"))
                .toList();
        assertThat(warnings)
                .filteredOn(line -> line.startsWith("tokens are asked for"))
                .hasSize(ofDevices);
        assertThat(warnings)
                .filteredOn(line -> line.startsWith("admin tokens cross"))
                .hasSize(ofOperators);
        assertThat(warnings).hasSize(ofDevices + ofOperators);
    }
}
