package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Frame;
import dev.cleave.wire.Chunks;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A boundary of 12.8 MB, in chunks of 1 MiB, beside small ones. */
class LargeFrameTest {
    private static final TestModel MODEL = TestModel.named("wide").withWidth(400_000);
    private static final float[] EIGHT = {1, 2, 3, 4, 5, 6, 7, 8};

    @TempDir
    Path directory;

    private GatewayFixture gateway;

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void letsSmallFramesPassBetweenItsChunks() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL);
        TestAgent agent = gateway.open(0);
        ByteBuffer large = MODEL.payload(1, EIGHT);
        assertThat(large.remaining()).isGreaterThan(12_800_000);
        List<Frame> chunks = Chunks.split(frame(1, 1, 8).build(), large, 1 << 20);
        assertThat(chunks).hasSizeGreaterThan(12);

        chunks.subList(0, 6).forEach(agent::send);
        agent.send(frame(2, 1, 1), MODEL.payload(1, 20));
        assertThat(MODEL.decode(1, 1, agent.reply(2).payload())[0]).isEqualTo(TestModel.y(20));
        assertThat(agent.replies).doesNotContainKey(1L);
        chunks.subList(6, chunks.size()).forEach(agent::send);

        TestAgent.WholeReply reply = agent.reply(1);
        assertThat(reply.chunks()).isGreaterThan(24);
        float[] values = MODEL.decode(1, 8, reply.payload());
        for (int row = 0; row < 8; row++) {
            assertThat(values[row * MODEL.width()]).isEqualTo(TestModel.y(EIGHT[row]));
            assertThat(values[(row + 1) * MODEL.width() - 1]).isEqualTo(TestModel.y(EIGHT[row]));
        }
        agent.awaitCreditBack();
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
    }

    @Test
    void passesOverASocketWithDefaultMessageLimits() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL);
        GrpcServer server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 100),
                List.of(GrpcServer.Service.of(gateway.service)),
                List.of(),
                open(),
                gateway.calls,
                gateway.metrics);
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", server.port())
                .usePlaintext()
                .build();
        try {
            TestAgent agent = new TestAgent(channel);
            agent.open(gateway.model(0).bundle().id());
            agent.send(frame(1, 1, 8), MODEL.payload(1, EIGHT));
            agent.send(frame(2, 2, 1), MODEL.payload(2, 9));
            assertThat(MODEL.decode(2, 1, agent.reply(2).payload())[0]).isEqualTo(TestModel.y(9));
            assertThat(MODEL.decode(1, 8, agent.reply(1).payload())[7 * MODEL.width()])
                    .isEqualTo(TestModel.y(8));
        } finally {
            channel.shutdownNow();
            server.close();
        }
    }

    @Test
    void passesThoughItIsLargerThanTheWindow() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder().creditBytes(4 << 20), MODEL);
        TestAgent agent = gateway.open(0);
        agent.send(frame(1, 1, 8), MODEL.payload(1, EIGHT));
        assertThat(agent.reply(1).error()).isNull();
        agent.awaitCreditBack();
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
    }

    /** Asks nobody who he is. */
    private GatewayIdentity open() throws Exception {
        return GatewayIdentity.open(GatewayConfig.builder().build().access(), gateway.metrics);
    }
}
