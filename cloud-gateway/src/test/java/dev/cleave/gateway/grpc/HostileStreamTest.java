package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Ping;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import dev.cleave.v1.Stage;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agents that break the protocol: each mistake is named in one reply, and the stream serves on. */
class HostileStreamTest {
    private static final TestModel MODEL = TestModel.named("affine").withWidth(1024);
    private static final int CREDIT = 4;

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private TestAgent agent;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(
                directory,
                GatewayConfig.builder()
                        .creditFrames(CREDIT)
                        .maxFrameBytes(1 << 20)
                        .maxTensorBytes(1 << 16)
                        .maxOutbound(8)
                        .reassemblyTime(Duration.ofSeconds(30)),
                MODEL);
        agent = gateway.open(0);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void assertRefused(long id, Error.Code code, String message) throws Exception {
        TestAgent.WholeReply reply = agent.reply(id);
        assertThat(reply.error()).as(reply.header().getError().getMessage()).isEqualTo(code);
        assertThat(reply.header().getError().getMessage()).contains(message).doesNotContain("\n");
    }

    private void assertStillServes(long id) throws Exception {
        agent.send(frame(id, 1, 1), MODEL.payload(1, 5));
        assertThat(MODEL.decode(1, 1, agent.reply(id).payload())[0]).isEqualTo(TestModel.y(5));
        agent.awaitCreditBack();
        assertThat(agent.creditFrames).isEqualTo(agent.sentFrames);
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
        assertThat(agent.replies.values()).allSatisfy(all -> assertThat(all).hasSize(1));
    }

    private static Frame.Builder chunk(long id, int index, int count, int bytes) {
        return frame(id, 1, 1)
                .setChunkIndex(index)
                .setChunkCount(count)
                .setPayload(ByteString.copyFrom(new byte[bytes]));
    }

    @Test
    void refusesAFrameBeforeOpen() throws Exception {
        agent = gateway.connect();
        agent.send(frame(9, 1, 1), MODEL.payload(1, 1));
        assertRefused(9, Error.Code.PROTOCOL_VIOLATION, "frame before Open; expected Open first");
        assertThat(agent.open(gateway.model(0).bundle().id()).hasError()).isFalse();
    }

    @Test
    void endsAStreamThatIsNeverOpened() throws Exception {
        agent = gateway.connect();
        agent.roundTrip();
        gateway.advance(TimeUnit.SECONDS.toNanos(31));
        assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void answersAnIdThatIsUsedTwiceOnce() throws Exception {
        gateway.engine.hold();
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        agent.roundTrip();
        Frame.Builder second = frame(1, 1, 1);
        agent.send(second.setChunkCount(3)
                .setFrameBytes(9000)
                .setPayload(ByteString.copyFrom(new byte[3000]))
                .build());
        agent.send(chunk(1, 1, 3, 3000).build());
        agent.send(chunk(1, 2, 3, 3000).build());
        assertRefused(1, Error.Code.PROTOCOL_VIOLATION, "request id 1 was used again before its reply");
        gateway.engine.release();
        assertStillServes(2);
    }

    @Test
    void refusesIdZero() throws Exception {
        agent.send(frame(0, 1, 1), MODEL.payload(1, 1));
        assertRefused(0, Error.Code.PROTOCOL_VIOLATION, "id 0");
        assertStillServes(2);
    }

    @Test
    void refusesChunksOutOfOrderOnceAndDropsTheRest() throws Exception {
        agent.send(chunk(1, 0, 4, 3000).setFrameBytes(12_000).build());
        agent.send(chunk(1, 2, 4, 3000).build());
        agent.send(chunk(1, 1, 4, 3000).build());
        agent.send(chunk(1, 3, 4, 3000).build());
        assertRefused(1, Error.Code.PROTOCOL_VIOLATION, "chunk 2; expected chunk 1");
        assertStillServes(2);
    }

    @Test
    void refusesAFrameThatClaimsMoreThanIsAllowed() throws Exception {
        agent.send(chunk(1, 0, 3, 3000).setFrameBytes(Long.MAX_VALUE).build());
        assertRefused(1, Error.Code.LIMIT_EXCEEDED, "expected at most 1048576");
        agent.send(chunk(2, 0, -1, 3000).setFrameBytes(-1).build());
        assertRefused(2, Error.Code.LIMIT_EXCEEDED, "expected at most 1048576");
        agent.send(chunk(3, 0, 1, 3000).setFrameBytes(10).build());
        assertRefused(3, Error.Code.PROTOCOL_VIOLATION, "3000 bytes");
        agent.send(chunk(1, 2, 3, 10).build());
        agent.send(chunk(2, -2, -1, 10).build());
        assertStillServes(4);
    }

    @Test
    void refusesAPayloadThatWouldDecodeToTooMuch() throws Exception {
        agent.send(frame(1, 1, 8), MODEL.payload(1, 1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(agent.reply(1).error()).isNull();
        gateway.close();
        gateway = new GatewayFixture(directory, GatewayConfig.builder().maxTensorBytes(1 << 14), MODEL);
        agent = gateway.open(0);
        agent.send(frame(1, 1, 8), MODEL.payload(1, 1, 2, 3, 4, 5, 6, 7, 8));
        assertRefused(1, Error.Code.LIMIT_EXCEEDED, "decodes to more than 16384 bytes");
    }

    @Test
    void refusesFramesBeyondTheCredit() throws Exception {
        gateway.engine.hold();
        for (int i = 1; i <= CREDIT + 2; i++) {
            agent.send(frame(i, 1, 1), MODEL.payload(1, i));
        }
        assertRefused(CREDIT + 1, Error.Code.LIMIT_EXCEEDED, "one more than the 4 in flight");
        assertRefused(CREDIT + 2, Error.Code.LIMIT_EXCEEDED, "one more than the 4 in flight");
        gateway.engine.release();
        for (int i = 1; i <= CREDIT; i++) {
            assertThat(agent.reply(i).error()).isNull();
        }
        assertStillServes(99);
    }

    @Test
    void givesUpAFrameWhoseChunksDoNotCome() throws Exception {
        agent.send(chunk(1, 0, 2, 3000).setFrameBytes(6000).build());
        agent.roundTrip();
        gateway.advance(TimeUnit.SECONDS.toNanos(31));
        assertRefused(1, Error.Code.DEADLINE_EXCEEDED, "frame 1 is not whole after");
        agent.send(chunk(1, 1, 2, 3000).build());
        assertStillServes(2);
    }

    @Test
    void takesNonsenseInReports() throws Exception {
        agent.send(ClientMessage.newBuilder()
                .setReport(Report.newBuilder()
                        .setNetworkClass("x".repeat(1000))
                        .addPoints(PointReport.newBuilder().setSplitPoint(-1).setRequests(5))
                        .addPoints(PointReport.newBuilder()
                                .setSplitPoint(3)
                                .setRequests(-5)
                                .addStages(
                                        Stage.newBuilder().setName("nonsense").setP50Micros(-1))))
                .build());
        agent.roundTrip();
        assertThat(gateway.metrics.scrape())
                .contains("point=\"3\"")
                .doesNotContain("xxx")
                .doesNotContain("nonsense");
        assertStillServes(1);
    }

    /** Pings without reading the answers must not fill the gateway's memory: it stops reading from such an agent. */
    @Test
    void answersAFloodOfPingsInOrder() throws Exception {
        int count = 5_000;
        for (int i = 0; i < count; i++) {
            agent.send(ClientMessage.newBuilder()
                    .setPing(Ping.newBuilder().setNonce(i))
                    .build());
        }
        agent.roundTrip();
        assertThat(agent.log.stream().filter(message -> message.hasPong())).hasSize(count + 1);
        assertStillServes(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void survivesRandomMessages(long seed) throws Exception {
        Random random = new Random(seed);
        ByteBuffer good = MODEL.payload(1, 1);
        for (int i = 0; i < 500; i++) {
            byte[] payload = new byte[random.nextInt(6000)];
            good.duplicate().get(payload, 0, Math.min(payload.length, good.remaining()));
            if (payload.length > 0 && random.nextBoolean()) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt();
            }
            agent.send(ClientMessage.newBuilder()
                    .setFrame(Frame.newBuilder()
                            .setRequestId(random.nextInt(20))
                            .setSplitPoint(random.nextInt(4) - 1)
                            .setRows(random.nextInt(10) - 1)
                            .setQuality(random.nextInt(3))
                            .setRemainingMicros(random.nextLong())
                            .setPriority(random.nextInt())
                            .setStreamId(random.nextInt(4))
                            .setStreamSequence(random.nextInt(6))
                            .setReferenceId(random.nextInt(4))
                            .setHold(random.nextBoolean())
                            .setChunkIndex(random.nextInt(3))
                            .setChunkCount(random.nextInt(4))
                            .setFrameBytes(random.nextBoolean() ? payload.length : random.nextInt(9000))
                            .setPayload(ByteString.copyFrom(payload)))
                    .build());
            if (random.nextInt(5) == 0) {
                agent.cancel(random.nextInt(20));
            }
        }
        agent.roundTrip();
        gateway.advance(TimeUnit.SECONDS.toNanos(31));
        TestAgent other = gateway.open(0);
        other.send(frame(1, 1, 1), MODEL.payload(1, 5));
        assertThat(MODEL.decode(1, 1, other.reply(1).payload())[0]).isEqualTo(TestModel.y(5));
        while (gateway.admission.heldBytes() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.model(0).queue().size()).isZero();
    }
}
