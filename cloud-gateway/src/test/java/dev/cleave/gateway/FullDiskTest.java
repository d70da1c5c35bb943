package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room, or one that is gone: what needs it fails by name and leaves what was there, everything else goes on. */
class FullDiskTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SMALL = 1 << 20;

    @TempDir
    Path home;

    private final FakeEngine engine = new FakeEngine();
    private final HttpClient http = HttpClient.newHttpClient();
    private SmallDisk disk;
    private Gateway gateway;
    private ManagedChannel channel;

    @AfterEach
    void stop() throws Exception {
        if (channel != null) {
            channel.shutdownNow();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (disk != null) {
            disk.close();
        }
        assertThat(engine.openSessions()).isZero();
    }

    private Path models() {
        return home.resolve("models");
    }

    private Path write(Path models, int version) throws Exception {
        return TestModel.named("m")
                .withVersion(Integer.toString(version))
                .writeTo(models.resolve("m/" + version + "/m.cleave"), View.FULL);
    }

    private void start(Path models, Path state) throws Exception {
        GatewayConfigBuilder settings = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .adminPort(0)
                .pollEvery(Duration.ofMillis(20))
                .versionPolicy(VersionPolicy.ALL)
                .stateDirectory(state)
                .modelsDirectory(models);
        gateway = Gateway.start(settings.build(), engine);
        channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
    }

    private void assertServes() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("m");
        request.addInputsBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addAllShape(List.of(1L, 4L))
                .getContentsBuilder()
                .addAllFp32Contents(List.of(1f, 1f, 1f, 1f));
        assertThat(GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .modelInfer(request.build())
                        .getOutputsCount())
                .isEqualTo(2);
    }

    private HttpResponse<String> admin(String path, HttpRequest.Builder request, String type) throws Exception {
        return http.send(
                request.uri(URI.create("http://127.0.0.1:" + gateway.adminPort() + path))
                        .header("Cleave-Admin", "test")
                        .header("Content-Type", type)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> act(String action, String body) throws Exception {
        return admin(
                "/v1/models/m/" + action,
                HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"'))),
                "application/json");
    }

    private HttpResponse<String> push(int version, byte[] bundle) throws Exception {
        return admin(
                "/v1/models/m/versions/" + version,
                HttpRequest.newBuilder().PUT(HttpRequest.BodyPublishers.ofByteArray(bundle)),
                "application/octet-stream");
    }

    private ModelStatus await(String version, ModelState state) throws InterruptedException {
        gateway.awaitModels(models -> models.stream()
                .anyMatch(model -> model.version().equals(version) && model.state() == state
                        || model.file().contains("/" + version + "/") && model.state() == state));
        return gateway.models().stream()
                .filter(model -> model.file().contains("/" + version + "/"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theStateFoldersIsFull() throws Exception {
        disk = SmallDisk.mount(home.resolve("state"), SMALL);
        write(models(), 1);
        start(models(), disk.folder());
        assertThat(act("label", "{'label': 'stable', 'version': '1'}").statusCode())
                .isEqualTo(200);
        byte[] labels = Files.readAllBytes(disk.folder().resolve("labels.json"));
        disk.fill();

        write(models(), 2);
        assertThat(await("2", ModelState.FAILED).reason())
                .contains("m/2/m.cleave cannot be copied into " + disk.folder(), "No space left on device", "room for");
        HttpResponse<String> label = act("label", "{'label': 'canary', 'version': '1'}");
        assertThat(label.statusCode()).isEqualTo(409);
        assertThat(JSON.readTree(label.body()).path("error").asText())
                .contains("labels.json cannot be written: No space left on device")
                .doesNotContain("\n");
        assertThat(Files.readAllBytes(disk.folder().resolve("labels.json"))).isEqualTo(labels);
        assertThat(disk.folder().resolve("labels.json.part")).doesNotExist();
        ServedBundle served =
                SplitInferenceGrpc.newBlockingStub(channel)
                        .describe(DescribeRequest.getDefaultInstance())
                        .getBundlesList()
                        .stream()
                        .filter(bundle -> bundle.getState().equals("READY"))
                        .findFirst()
                        .orElseThrow();
        assertThat(served.getEdgeViewBytes()).isZero();
        assertThatThrownBy(() -> SplitInferenceGrpc.newBlockingStub(channel)
                        .fetchBundle(FetchBundleRequest.newBuilder()
                                .setBundleId(served.getBundleId())
                                .build())
                        .hasNext())
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("edge view of bundle " + served.getBundleId() + " cannot be written here");
        for (int i = 0; i < 100; i++) { // More than the last page of the audit log has room for.
            act("unload", "{'version': '77'}");
        }
        assertServes();

        disk.empty();
        assertThat(act("label", "{'label': 'canary', 'version': '1'}").statusCode())
                .isEqualTo(200);
        assertThat(act("load", "{'version': '2'}").statusCode()).isEqualTo(200);
        await("2", ModelState.READY);
        List<String> lines = Files.readAllLines(disk.folder().resolve("audit.jsonl"));
        for (String line : lines) {
            JsonNode entry = JSON.readTree(line);
            assertThat(entry.path("who").asText()).isNotEmpty();
        }
        assertThat(lines.get(lines.size() - 1)).contains("load");
    }

    @Test
    void theModelsFoldersIsFullWhenABundleIsPushed() throws Exception {
        disk = SmallDisk.mount(models(), SMALL);
        write(disk.folder(), 1);
        start(disk.folder(), home.resolve("state"));
        byte[] second = Files.readAllBytes(write(home, 2));
        disk.fill();
        HttpResponse<String> refused = push(2, second);
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(JSON.readTree(refused.body()).path("error").asText())
                .contains("the bundle cannot be written into " + disk.folder(), "No space left on device");
        try (Stream<Path> left = Files.list(disk.folder().resolve(".incoming"))) {
            assertThat(left).noneMatch(file -> file.toString().endsWith(".part"));
        }
        assertServes();
        disk.empty();
        assertThat(push(2, second).statusCode()).isEqualTo(200);
        await("2", ModelState.READY);
    }

    /** A disk that is unplugged, a network folder that goes away: what is served was copied, and goes on. */
    @Test
    void theModelsFoldersIsGone() throws Exception {
        disk = SmallDisk.mount(models(), SMALL);
        write(disk.folder(), 1);
        start(disk.folder(), home.resolve("state"));
        disk.remove();
        Files.delete(models());
        Files.createSymbolicLink(models(), home.resolve("nowhere"));
        while (!ready().path("trouble").asText().contains("cannot be read")) {
            Thread.onSpinWait();
        }
        assertServes();
        Files.delete(models());
        Files.writeString(models(), "a file");
        assertThat(ready().path("trouble").asText()).contains("cannot be read");
        assertServes();
        assertThat(gateway.models()).extracting(ModelStatus::state).containsExactly(ModelState.READY);
    }

    private JsonNode ready() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + gateway.httpPort() + "/health/ready"))
                .build();
        return JSON.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
