package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.Error;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.Opened;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tokens file lets devices do, over real sockets. */
class GrantedStreamTest {
    private static final TestModel LINES = TestModel.named("lines");
    private static final TestModel SECRET = TestModel.named("secret");

    @TempDir
    Path models;

    @TempDir
    Path files;

    private GatewayFixture gateway;
    private Path tokens;
    private GatewayIdentity identity;
    private GrpcServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(models, GatewayConfig.builder(), LINES, SECRET);
        tokens = files.resolve("tokens");
        write("models=lines");
        identity = GatewayIdentity.open(
                GatewayConfig.builder().tokens(tokens).build().access(), gateway.metrics);
        server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 100),
                List.of(GrpcServer.Service.of(gateway.service)),
                List.of(),
                identity,
                gateway.calls,
                gateway.metrics);
        channel = NettyChannelBuilder.forAddress("localhost", server.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.close();
        identity.close();
        gateway.close();
    }

    /** @param fields of camera-1; camera-2 may do everything */
    private void write(String fields) throws Exception {
        Files.write(tokens, List.of(hash("one") + " camera-1 " + fields, hash("two") + " camera-2"));
    }

    private void rewrite(String fields) throws Exception {
        write(fields);
        identity.refresh();
    }

    private static String hash(String token) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash);
    }

    private Channel as(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private String bundle(TestModel model) {
        return gateway.repository.models().stream()
                .filter(served -> served.name().equals(model.name()))
                .findFirst()
                .orElseThrow()
                .bundle()
                .id();
    }

    private TestAgent opened(String token, TestModel model) throws InterruptedException {
        TestAgent agent = new TestAgent(as(token));
        assertThat(agent.open(bundle(model)).hasError()).isFalse();
        return agent;
    }

    private List<String> described(String token) {
        return SplitInferenceGrpc.newBlockingStub(as(token))
                .describe(DescribeRequest.getDefaultInstance())
                .getBundlesList()
                .stream()
                .map(ServedBundle::getModelName)
                .sorted()
                .toList();
    }

    @Test
    void aModelThatItMayNotUseIsNotThere() throws Exception {
        assertThat(described("one")).containsExactly("lines");
        assertThat(described("two")).containsExactly("lines", "secret");
        Opened refused = new TestAgent(as("one")).open(bundle(SECRET));
        assertThat(refused.getError().getCode()).isEqualTo(Error.Code.BUNDLE_NOT_SERVED);
        assertThat(refused.getError().getMessage())
                .isEqualTo("bundle " + bundle(SECRET) + " is not served here; expected one of " + bundle(LINES)
                        + " (lines)");
        assertThatThrownBy(() -> SplitInferenceGrpc.newBlockingStub(as("one"))
                        .fetchBundle(FetchBundleRequest.newBuilder()
                                .setBundleId(bundle(SECRET))
                                .build())
                        .next())
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                    assertThat(e.getStatus().getDescription()).doesNotContain("(secret)");
                });
        assertThat(gateway.metrics.scrape())
                .contains("cleave_device_denials_total{device=\"camera-1\",what=\"model\"} 2.0");
        opened("one", LINES).roundTrip();
        opened("two", SECRET).roundTrip();
    }

    @Test
    void aModelThatIsTakenFromADeviceEndsItsStreamsOfThatModel() throws Exception {
        TestAgent first = opened("one", LINES);
        TestAgent other = opened("two", LINES);
        gateway.engine.hold();
        first.send(frame(1, 1, 1), LINES.payload(1, 1));
        gateway.engine.awaitHeld(1);
        rewrite("models=secret,other*");
        for (int i = 0; i < 5; i++) { // Its end takes a while.
            gateway.service.sweep();
        }
        Status end = first.awaitEnd();
        assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(end.getDescription()).isEqualTo("camera-1 may not use model \"lines\" any more");
        gateway.engine.release();
        other.roundTrip();
        opened("one", SECRET).roundTrip();
        assertThat(gateway.metrics.scrape())
                .as("once, however often it was looked at")
                .contains("cleave_device_denials_total{device=\"camera-1\",what=\"model\"} 1.0");
    }

    @Test
    void whatIsUsedUpIsRefusedWithTheTimeUntilThereIsMore() throws Exception {
        rewrite("rate=2/h burst=3");
        TestAgent agent = opened("one", LINES);
        for (int id = 1; id <= 3; id++) {
            agent.send(frame(id, 1, 1), LINES.payload(1, id));
            assertThat(agent.reply(id).error()).isNull();
        }
        agent.send(frame(4, 1, 1), LINES.payload(1, 4));
        Error refused = agent.reply(4).header().getError();
        assertThat(refused.getCode()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(refused.getMessage()).startsWith("camera-1 has used up its requests; expected the next in ");
        assertThat(refused.getRetryAfterMicros()).isBetween(1_500_000_000L, 1_800_000_000L);
        agent.awaitCreditBack();
        TestAgent other = opened("two", LINES);
        other.send(frame(1, 1, 1), LINES.payload(1, 1));
        assertThat(other.reply(1).error()).as("of another device").isNull();
        rewrite("rate=1000/s");
        agent.send(frame(5, 1, 1), LINES.payload(1, 5));
        assertThat(agent.reply(5).error()).as("as the file says now").isNull();
        assertThat(gateway.metrics.scrape())
                .contains("cleave_rejected_requests_total{model=\"lines\",reason=\"rate\",version=\"1\"} 1.0")
                .contains("cleave_device_denials_total{device=\"camera-1\",what=\"rate\"} 1.0");
    }

    /** It is no fault of its agent's that the gateway has let go of it. */
    @Test
    void aFrameWhoseReferenceIsNotHeldIsNotCharged() throws Exception {
        rewrite("rate=2/h burst=2");
        TestAgent agent = opened("one", LINES);
        for (int id = 1; id <= 4; id++) {
            agent.send(frame(id, 1, 1).setStreamId(3).setStreamSequence(id).setReferenceId(99), LINES.payload(1, id));
            assertThat(agent.reply(id).error()).isEqualTo(Error.Code.REFERENCE_LOST);
        }
        for (int id = 5; id <= 6; id++) {
            agent.send(frame(id, 1, 1), LINES.payload(1, id));
            assertThat(agent.reply(id).error()).isNull();
        }
        agent.send(frame(7, 1, 1), LINES.payload(1, 7));
        assertThat(agent.reply(7).error()).isEqualTo(Error.Code.OVERLOADED);
    }

    @Test
    void bytesAreCountedAsTheyCome() throws Exception {
        int size = LINES.payload(1, 1).remaining();
        rewrite("bytes=" + size + "/h");
        TestAgent agent = opened("one", LINES);
        agent.send(frame(1, 1, 1), LINES.payload(1, 1));
        assertThat(agent.reply(1).error()).isNull();
        agent.send(frame(2, 1, 1), LINES.payload(1, 2));
        Error refused = agent.reply(2).header().getError();
        assertThat(refused.getMessage()).startsWith("camera-1 has used up its bytes; expected the next in ");
        assertThat(refused.getRetryAfterMicros()).isBetween(3_000_000_000L, 3_600_000_000L);
    }

    @Test
    void streamsBeyondItsNumberAreRefusedUntilOneEnds() throws Exception {
        rewrite("streams=2");
        TestAgent first = opened("one", LINES);
        TestAgent second = opened("one", LINES);
        Status refused = new TestAgent(as("one")).awaitEnd();
        assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getDescription())
                .isEqualTo("camera-1 has as many streams open as it may; expected one of them to end");
        second.roundTrip();
        opened("two", LINES).roundTrip();
        first.halfClose();
        assertThat(first.awaitEnd().isOk()).isTrue();
        awaitStreams(2);
        opened("one", LINES).roundTrip();
    }

    private void awaitStreams(int open) {
        while (!gateway.metrics.scrape().contains("cleave_streams_open " + open + ".0")) {
            Thread.onSpinWait();
        }
    }
}
