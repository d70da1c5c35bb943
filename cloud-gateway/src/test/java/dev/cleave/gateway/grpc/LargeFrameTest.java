package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Frame;
import dev.cleave.v1.ServerMessage;
import dev.cleave.wire.Chunks;
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
    void passesThoughItIsLargerThanTheWindow() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder().creditBytes(4 << 20), MODEL);
        TestAgent agent = gateway.open(0);
        agent.send(frame(1, 1, 8), MODEL.payload(1, EIGHT));
        assertThat(agent.reply(1).error()).isNull();
        agent.awaitCreditBack();
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
    }

    @Test
    void sendsTheChunksOfTwoRepliesInTurn() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL);
        TestAgent agent = gateway.open(0);
        gateway.engine.hold();
        agent.send(frame(1, 1, 3), MODEL.payload(1, 1, 2, 3));
        gateway.engine.awaitHeld(1);
        agent.send(frame(2, 1, 3), MODEL.payload(1, 4, 5, 6));
        agent.send(frame(3, 1, 3), MODEL.payload(1, 7, 8, 9));
        agent.roundTrip();
        gateway.engine.release();
        for (long id = 1; id <= 3; id++) {
            assertThat(agent.reply(id).error()).isNull();
        }
        List<Long> order = agent.log.stream()
                .filter(ServerMessage::hasReply)
                .map(message -> message.getReply().getRequestId())
                .filter(id -> id > 1)
                .toList();
        assertThat(order)
                .as("the first chunk of 3 comes before the last of 2")
                .matches(ids -> ids.indexOf(3L) < ids.lastIndexOf(2L));
    }
}
