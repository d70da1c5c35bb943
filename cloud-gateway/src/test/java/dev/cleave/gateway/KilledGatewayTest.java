package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.View;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that is ended by SIGKILL, and the one that is started in its place. */
class KilledGatewayTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String POLLING = "{'versionPolicy': 'all', 'pollEvery': '20ms'}";

    @TempDir
    Path home;

    private final HttpClient http = HttpClient.newHttpClient();
    private Path models;
    private ChildGateway gateway;

    @BeforeEach
    void write() throws Exception {
        models = Files.createDirectories(home.resolve("models"));
        for (int version = 1; version <= 2; version++) {
            TestModel.named("m")
                    .withVersion(Integer.toString(version))
                    .writeTo(models.resolve("m/" + version + "/m.cleave"), View.FULL);
        }
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start() throws IOException {
        gateway = ChildGateway.start(models, home, POLLING);
    }

    private HttpRequest.Builder admin(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort() + path))
                .header("Cleave-Admin", "test");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void label(String label, int version) throws Exception {
        HttpResponse<String> answer = send(admin("/v1/models/m/label")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"label\":\"" + label + "\",\"version\":\"" + version + "\"}")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private List<String> states() throws Exception {
        JsonNode models = JSON.readTree(send(admin("/v1/models").GET()).body()).path("models");
        return Stream.iterate(0, i -> i < models.size(), i -> i + 1)
                .map(models::get)
                .map(model -> model.path("version").asText() + " "
                        + model.path("state").asText() + " " + model.path("labels"))
                .toList();
    }

    /** Has the gateway write its edge views. */
    private void describe() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
        assertThat(SplitInferenceGrpc.newBlockingStub(channel)
                        .describe(DescribeRequest.getDefaultInstance())
                        .getBundlesList())
                .allSatisfy(bundle -> assertThat(bundle.getEdgeViewBytes()).isPositive());
        channel.shutdownNow();
    }

    private static List<String> below(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void leavesItsLabelsAndNothingElse() throws Exception {
        start();
        describe();
        label("stable", 1);
        label("canary", 2);
        Path state = models.resolve(".cleave");
        assertThat(below(state.resolve("copies"))).hasSize(2);
        assertThat(below(state.resolve("edge-views"))).hasSize(2);
        gateway.kill();
        assertThat(below(state.resolve("copies"))).hasSize(2);
        Path stale = Files.writeString(state.resolve("edge-views/stale.cleave"), "x");
        start();
        assertThat(states()).containsExactly("1 READY [\"stable\"]", "2 READY [\"canary\"]");
        assertThat(below(state.resolve("copies"))).hasSize(2);
        assertThat(stale).doesNotExist();
        label("stable", 2);
        describe();
        try (Stream<Path> left = Files.list(home)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("cleave-")); // In what it has for the system's folder.
        }
    }

    @Test
    void leavesNoBundleByHalf() throws Exception {
        start();
        byte[] third = Files.readAllBytes(TestModel.named("m").withVersion("3").write(home, View.FULL));
        try (Socket pushing = new Socket("127.0.0.1", gateway.adminPort())) {
            pushing.getOutputStream()
                    .write(("PUT /v1/models/m/versions/3 HTTP/1.1\r\nHost: 127.0.0.1\r\nCleave-Admin: test\r\n"
                                    + "Content-Type: application/octet-stream\r\nContent-Length: " + third.length
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            pushing.getOutputStream().write(third, 0, third.length / 2);
            while (below(models.resolve(".incoming")).stream().noneMatch(name -> name.endsWith(".part"))) {
                Thread.onSpinWait();
            }
            gateway.kill();
        }
        assertThat(below(models.resolve(".incoming"))).anyMatch(name -> name.endsWith(".part"));
        start();
        assertThat(below(models.resolve(".incoming"))).noneMatch(name -> name.endsWith(".part"));
        assertThat(models.resolve("m/3")).doesNotExist();
        HttpResponse<String> again = send(admin("/v1/models/m/versions/3")
                .header("Content-Type", "application/octet-stream")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(third)));
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        while (!states().contains("3 READY []")) {
            Thread.onSpinWait();
        }
    }

    /** Where it has a temporary state folder, the next one finds it by its lock. */
    @Test
    void isTidiedUpAfterInTheSystemsFolder() throws Exception {
        Files.writeString(models.resolve(".cleave"), "no folder");
        start();
        assertThat(temporary()).hasSize(1);
        gateway.kill();
        List<String> left = temporary();
        assertThat(left).hasSize(1);
        start();
        assertThat(temporary()).hasSize(1).doesNotContainAnyElementsOf(left);
        assertThat(gateway.log()).contains("labels are not kept and cannot be moved");
        assertThat(states()).containsExactly("1 READY []", "2 READY []");
    }

    private List<String> temporary() throws IOException {
        try (Stream<Path> all = Files.list(home)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("cleave-models"))
                    .toList();
        }
    }
}
