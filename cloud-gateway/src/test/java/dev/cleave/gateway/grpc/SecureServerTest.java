package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tls.TestCertificates;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and tokens over real sockets. */
class SecureServerTest {
    private static final TestModel MODEL = TestModel.named("m");

    @TempDir
    Path models;

    @TempDir
    Path files;

    private final TestCertificates root = TestCertificates.root("root");
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final GatewayConfigBuilder settings = GatewayConfig.builder();
    private Path rootFile;
    private GatewayFixture gateway;
    private GatewayIdentity identity;
    private GrpcServer server;

    @BeforeEach
    void writeRoot() throws Exception {
        rootFile = root.writeRoot(files.resolve("root.crt"));
        gateway = new GatewayFixture(models, GatewayConfig.builder(), MODEL);
    }

    @AfterEach
    void close() throws InterruptedException {
        channels.forEach(ManagedChannel::shutdownNow);
        if (server != null) {
            server.close();
            identity.close();
        }
        gateway.close();
    }

    private void start() throws Exception {
        identity = GatewayIdentity.open(settings.build().access(), gateway.metrics);
        server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 100),
                List.of(GrpcServer.Service.of(gateway.service)),
                List.of("m"),
                identity,
                gateway.calls,
                gateway.metrics);
    }

    private void withTls() throws IOException {
        TestCertificates.Pair pair = TestCertificates.write(root.forLocalhost(), files, "gateway");
        settings.tlsCertificate(pair.chain()).tlsKey(pair.key());
    }

    private Path tokens(String... lines) throws IOException {
        Path file = Files.write(files.resolve("tokens"), List.of(lines));
        settings.tokens(file);
        return file;
    }

    /** A line of a tokens file. */
    private static String entry(String token, String device) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash) + " " + device;
    }

    private ManagedChannel channel(ChannelCredentials credentials) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", server.port(), credentials)
                .build();
        channels.add(channel);
        return channel;
    }

    private ManagedChannel clear() {
        return channel(InsecureChannelCredentials.create());
    }

    private ManagedChannel trusting(Path roots) throws IOException {
        return channel(
                TlsChannelCredentials.newBuilder().trustManager(roots.toFile()).build());
    }

    private static Channel with(String authorization, Channel channel) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static void describe(Channel channel) {
        assertThat(SplitInferenceGrpc.newBlockingStub(channel)
                        .describe(DescribeRequest.getDefaultInstance())
                        .getBundlesList())
                .hasSize(1);
    }

    private static void assertRefused(Channel channel, Status.Code code, String message) {
        assertThatThrownBy(() -> describe(channel)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(String.valueOf(e.getStatus().getDescription())).contains(message);
        });
    }

    private TestAgent opened(Channel channel) throws InterruptedException {
        TestAgent agent = new TestAgent(channel);
        agent.open(gateway.model(0).bundle().id());
        return agent;
    }

    @Test
    void letsInWhoShowsAKnownTokenAndNobodyElse() throws Exception {
        tokens(entry("one", "camera-1"));
        start();
        ManagedChannel channel = clear();
        describe(with("Bearer one", channel));
        describe(with("bearer one", channel));
        assertRefused(channel, Status.Code.UNAUTHENTICATED, "no token; expected the header \"authorization: Bearer");
        assertRefused(with("Basic one", channel), Status.Code.UNAUTHENTICATED, "no token");
        assertRefused(with("Bearer two", channel), Status.Code.UNAUTHENTICATED, "token is not known to this gateway");
        assertRefused(with("Bearer on", channel), Status.Code.UNAUTHENTICATED, "token is not known");
        assertThat(new TestAgent(with("Bearer two", channel)).awaitEnd().getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_unauthenticated_calls_total{reason=\"no_token\"} 2.0")
                .contains("cleave_unauthenticated_calls_total{reason=\"unknown_token\"} 3.0");
    }

    @Test
    void asksNoTokenOfThoseWhoCheckItsHealth() throws Exception {
        tokens(entry("one", "camera-1"));
        start();
        assertThat(HealthGrpc.newBlockingStub(clear())
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void endsTheStreamsOfAWithdrawnTokenAndNoOther() throws Exception {
        Path file = tokens(entry("one", "camera-1"), entry("two", "camera-2"));
        start();
        ManagedChannel channel = clear();
        TestAgent first = opened(with("Bearer one", channel));
        TestAgent second = opened(with("Bearer two", channel));
        Files.write(file, List.of(entry("two", "camera-2")));
        identity.refresh();
        gateway.service.sweep();
        Status end = first.awaitEnd();
        assertThat(end.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(end.getDescription()).isEqualTo("the token of camera-1 was withdrawn");
        second.roundTrip();
        assertRefused(with("Bearer one", channel), Status.Code.UNAUTHENTICATED, "token is not known");
    }

    @Test
    void keepsTheTokensItHadWhenTheFileIsBroken() throws Exception {
        Path file = tokens(entry("one", "camera-1"));
        start();
        TestAgent agent = opened(with("Bearer one", clear()));
        Files.writeString(file, "half a li");
        identity.refresh();
        identity.refresh();
        gateway.service.sweep();
        agent.roundTrip();
        describe(with("Bearer one", clear()));
        assertThat(gateway.metrics.scrape()).contains("cleave_reload_failures_total{what=\"tokens\"} 1.0");
    }

    @Test
    void showsARenewedCertificateAndKeepsItsStreams() throws Exception {
        withTls();
        start();
        ManagedChannel before = trusting(rootFile);
        TestAgent agent = opened(before);
        TestCertificates other = TestCertificates.root("other root");
        Path otherFile = other.writeRoot(files.resolve("other.crt"));
        assertRefused(trusting(otherFile), Status.Code.UNAVAILABLE, "");
        TestCertificates.write(other.forLocalhost(), files, "gateway");
        identity.refresh();
        describe(trusting(otherFile));
        assertRefused(trusting(rootFile), Status.Code.UNAVAILABLE, "");
        agent.roundTrip();
        describe(before);
        assertThat(gateway.metrics.scrape()).contains("cleave_certificate_expiry_timestamp_seconds");
    }

    @Test
    void keepsItsCertificateWhileTheNewOneIsHalfWritten() throws Exception {
        withTls();
        start();
        Files.writeString(files.resolve("gateway.crt"), root.forLocalhost().certificatePem());
        identity.refresh();
        describe(trusting(rootFile));
        assertThat(gateway.metrics.scrape()).contains("cleave_reload_failures_total{what=\"certificate\"} 1.0");
    }

    @Test
    void letsInDevicesWithACertificateOfTheRightRootAlone() throws Exception {
        withTls();
        settings.tlsClientCa(rootFile);
        start();
        describe(showing(root, "camera-1"));
        assertRefused(trusting(rootFile), Status.Code.UNAVAILABLE, "");
        assertRefused(showing(TestCertificates.root("other"), "camera-2"), Status.Code.UNAVAILABLE, "");
    }

    private Channel showing(TestCertificates signer, String device) throws IOException {
        TestCertificates.Pair pair = TestCertificates.write(signer.forName(device), files, device);
        return channel(TlsChannelCredentials.newBuilder()
                .trustManager(rootFile.toFile())
                .keyManager(pair.chain().toFile(), pair.key().toFile())
                .build());
    }

    @Test
    void takesOtherDeviceRootsWithoutARestart() throws Exception {
        withTls();
        Path clientCa = root.writeRoot(files.resolve("devices.crt"));
        settings.tlsClientCa(clientCa);
        start();
        TestCertificates other = TestCertificates.root("other");
        assertRefused(showing(other, "camera-2"), Status.Code.UNAVAILABLE, "");
        other.writeRoot(clientCa);
        identity.refresh();
        describe(showing(other, "camera-2"));
    }

    /** A session that is resumed shows no certificate, so one of before must not be. */
    @Test
    void looksAtWhoComesBackAgainOnceOtherRootsAreTrusted() throws Exception {
        withTls();
        Path clientCa = root.writeRoot(files.resolve("devices.crt"));
        settings.tlsClientCa(clientCa);
        start();
        TestCertificates.Pair pair = TestCertificates.write(root.forName("camera-1"), files, "camera-1");
        SslContext sessions = GrpcSslContexts.forClient()
                .trustManager(rootFile.toFile())
                .keyManager(pair.chain().toFile(), pair.key().toFile())
                .build();
        describe(resuming(sessions));
        describe(resuming(sessions));
        TestCertificates.root("other").writeRoot(clientCa);
        identity.refresh();
        assertRefused(resuming(sessions), Status.Code.UNAVAILABLE, "");
    }

    private ManagedChannel resuming(SslContext sessions) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", server.port())
                .sslContext(sessions)
                .build();
        channels.add(channel);
        return channel;
    }

    @Test
    void isNotReachedInTheClearWhereItHasACertificate() throws Exception {
        withTls();
        start();
        assertRefused(clear(), Status.Code.UNAVAILABLE, "");
    }

    @Test
    void doesNotStartWithoutAFileItWasTold() {
        Path absent = files.resolve("absent");
        settings.tokens(absent);
        assertThatThrownBy(() -> GatewayIdentity.open(settings.build().access(), gateway.metrics))
                .isInstanceOf(GatewayException.class)
                .hasMessage(absent + " is missing; expected a tokens file");
        settings.tlsCertificate(rootFile).tlsKey(absent);
        assertThatThrownBy(() -> GatewayIdentity.open(settings.build().access(), gateway.metrics))
                .hasMessage(absent + " is missing; expected a PEM file");
    }
}
