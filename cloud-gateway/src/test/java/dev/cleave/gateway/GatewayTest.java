package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.crypto.Hex;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway over real sockets. */
class GatewayTest {
    @TempDir
    Path models;

    @TempDir
    Path downloads;

    private final FakeEngine engine = new FakeEngine();
    private Gateway gateway;
    private ManagedChannel channel;

    @AfterEach
    void stop() {
        if (channel != null) {
            channel.shutdownNow();
        }
        if (gateway != null) {
            gateway.close();
        }
        assertThat(engine.openSessions()).isZero();
    }

    private GatewayConfigBuilder settings() {
        return GatewayConfig.builder().port(0).httpPort(0).modelsDirectory(models);
    }

    private void start() throws GatewayException {
        gateway = Gateway.start(settings().build(), engine);
        channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
    }

    private ServingStatus health(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.httpPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private SplitInferenceGrpc.SplitInferenceBlockingStub calls() {
        return SplitInferenceGrpc.newBlockingStub(channel);
    }

    @Test
    void tellsItsHealthByServerServiceAndModel() throws Exception {
        TestModel.named("resnet").write(models);
        start();
        assertThat(health("")).isEqualTo(ServingStatus.SERVING);
        assertThat(health("cleave.v1.SplitInference")).isEqualTo(ServingStatus.SERVING);
        assertThat(health("resnet")).isEqualTo(ServingStatus.SERVING);
        assertThatThrownBy(() -> health("other"))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").body()).contains("cleave_queue_requests{model=\"resnet\",version=\"1\"} 0.0");
    }

    @Test
    void describesEveryFileWithItsReason() throws Exception {
        TestModel.named("good").write(models);
        Files.writeString(models.resolve("bad.cleave"), "x");
        start();
        var all = calls().describe(DescribeRequest.getDefaultInstance()).getBundlesList();
        assertThat(all).extracting(ServedBundle::getState).containsExactly("FAILED", "READY");
        assertThat(all.get(0).getReason()).contains("bad.cleave");
        assertThat(all.get(1).getPointsList()).containsExactly(0, 1, 2);
        assertThat(all.get(1).getEdgeViewBytes()).isPositive();
        assertThat(calls().describe(DescribeRequest.newBuilder()
                                .setModelName("good")
                                .build())
                        .getBundlesList())
                .containsExactly(all.get(1));
        assertThat(get("/health/ready").body()).contains("bad.cleave");
        assertThat(gateway.models().get(0).state()).isEqualTo(ModelState.FAILED);
    }

    @Test
    void sendsTheEdgeViewFromAnyOffset() throws Exception {
        Bundle full = Bundle.open(TestModel.named("m").write(models));
        start();
        byte[] whole = fetch(full.id(), 0);
        Path file = Files.write(downloads.resolve("edge.cleave"), whole);
        Bundle edge = Bundle.open(file);
        assertThat(edge.id()).isEqualTo(full.id());
        assertThat(edge.manifest().view()).isEqualTo(View.EDGE);
        ServedBundle described =
                calls().describe(DescribeRequest.getDefaultInstance()).getBundles(0);
        assertThat(described.getEdgeViewBytes()).isEqualTo(whole.length);
        assertThat(described.getEdgeViewSha256())
                .isEqualTo(Hex.of(MessageDigest.getInstance("SHA-256").digest(whole)));
        assertThat(described.getRelease()).isZero();
        byte[] rest = fetch(full.id(), 1000);
        assertThat(rest).isEqualTo(Arrays.copyOfRange(whole, 1000, whole.length));
        assertThat(fetch(full.id(), whole.length)).isEmpty();
        assertRefused(full.id(), whole.length + 1L, Status.Code.OUT_OF_RANGE, "expected 0 to " + whole.length);
        assertRefused(full.id(), -1, Status.Code.OUT_OF_RANGE, "offset 18446744073709551615");
        assertRefused(
                "nonsense",
                0,
                Status.Code.NOT_FOUND,
                "bundle nonsense is not served here; expected one of " + full.id());
    }

    @Test
    void hasNoEdgeViewOfACloudView() throws Exception {
        Bundle cloud = Bundle.open(TestModel.named("m").write(models, View.CLOUD));
        start();
        assertRefused(cloud.id(), 0, Status.Code.FAILED_PRECONDITION, "is held as the cloud view");
        assertThat(calls().describe(DescribeRequest.getDefaultInstance())
                        .getBundles(0)
                        .getEdgeViewBytes())
                .isZero();
    }

    private byte[] fetch(String bundleId, long offset) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Iterator<BundlePiece> pieces = calls().fetchBundle(FetchBundleRequest.newBuilder()
                .setBundleId(bundleId)
                .setOffset(offset)
                .build());
        pieces.forEachRemaining(piece -> {
            assertThat(piece.getOffset()).isEqualTo(offset + bytes.size());
            bytes.writeBytes(piece.getData().toByteArray());
        });
        return bytes.toByteArray();
    }

    private void assertRefused(String bundleId, long offset, Status.Code code, String message) {
        assertThatThrownBy(() -> fetch(bundleId, offset)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(message);
        });
    }

    @Test
    void drainsAndClosesItsPorts() throws Exception {
        TestModel.named("m").write(models);
        start();
        int port = gateway.port();
        gateway.drain(Duration.ofSeconds(1));
        assertThat(gateway.isReady()).isFalse();
        gateway.close();
        try (ServerSocket free = new ServerSocket(port)) {
            assertThat(free.isBound()).isTrue();
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        TestModel.named("m").write(models);
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Gateway.start(settings().port(port).build(), engine))
                    .isInstanceOf(GatewayException.class)
                    .hasMessage("gRPC port " + port + " is in use; expected a free port");
            assertThatThrownBy(() -> Gateway.start(settings().httpPort(port).build(), engine))
                    .hasMessage("HTTP port " + port + " is in use; expected a free port");
        }
    }

    @Test
    void doesNotStartWithoutAModel() throws Exception {
        assertThatThrownBy(() -> Gateway.start(settings().build(), engine))
                .hasMessageContaining("holds no *.cleave or *.onnx file");
        TestModel.named("m").write(models, View.EDGE);
        assertThatThrownBy(() -> Gateway.start(settings().build(), engine))
                .hasMessageContaining("m.cleave holds the edge view; a gateway needs full or cloud");
    }
}
