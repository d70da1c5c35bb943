package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.grpc.TestAgent.WholeReply;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Error;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Ping;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTest {
    private static final TestModel MODEL = TestModel.named("affine");
    private static final TestModel SINGLE = TestModel.named("single").unbatched();

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private TestAgent agent;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder().creditFrames(32), MODEL, SINGLE);
        agent = gateway.open(0);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void assertAnswered(int point, long id, float... x) throws Exception {
        assertAnswered(MODEL, point, id, x);
    }

    private void assertAnswered(TestModel model, int point, long id, float... x) throws Exception {
        WholeReply reply = agent.reply(id);
        assertThat(reply.header().getError()).isEqualTo(Error.getDefaultInstance());
        float[] values = model.decode(point, x.length, reply.payload());
        for (int row = 0; row < x.length; row++) {
            assertThat(values[row * model.width()]).isEqualTo(TestModel.y(x[row]));
        }
    }

    private void assertRefused(long id, Error.Code code, String message) throws Exception {
        WholeReply reply = agent.reply(id);
        assertThat(reply.error()).as(reply.header().getError().getMessage()).isEqualTo(code);
        assertThat(reply.header().getError().getMessage()).contains(message).doesNotContain("\n");
        assertThat(reply.payload().remaining()).isZero();
    }

    /** Every request so far has exactly one reply, and all credit is back. */
    private void assertSettled() throws Exception {
        agent.awaitCreditBack();
        assertThat(agent.replies.values()).allSatisfy(all -> assertThat(all).hasSize(1));
        assertThat(agent.creditFrames).isEqualTo(agent.sentFrames);
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
        assertThat(gateway.admission.heldBytes()).isZero();
    }

    /** Occupies the only executor of a model. */
    private void occupy(long id) throws Exception {
        gateway.engine.hold();
        agent.send(frame(id, 1, 1), MODEL.payload(1, 1));
        gateway.engine.awaitHeld(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void answersAtEveryPoint(int point) throws Exception {
        agent.send(frame(1, point, 2), MODEL.payload(point, 3, 4));
        agent.awaitAck(1);
        assertAnswered(point, 1, 3, 4);
        GatewayTiming timing = agent.reply(1).header().getTiming();
        assertThat(timing.getBatchRows()).isEqualTo(2);
        assertThat(timing.getBatchRequests()).isEqualTo(1);
        assertThat(timing.getCloseReason()).isEqualTo("idle");
        assertThat(timing.getResidenceMicros())
                .isGreaterThanOrEqualTo(timing.getQueueMicros() + timing.getTailMicros());
        assertSettled();
    }

    @Test
    void opensWithCreditLimitsAndPoints() throws Exception {
        Opened opened = gateway.connect().open(gateway.model(0).bundle().id(), "context", "zstd");
        assertThat(opened.hasError()).isFalse();
        assertThat(opened.getEntropy()).isEqualTo("zstd");
        assertThat(opened.getPointsList()).containsExactly(0, 1, 2);
        assertThat(opened.getCredit().getFrames()).isEqualTo(32);
        assertThat(opened.getCredit().getBytes()).isEqualTo(16 << 20);
        assertThat(opened.getLimits().getMaxRows()).isEqualTo(8);
        assertThat(opened.getLimits().getMaxChunkBytes()).isEqualTo(1 << 20);
        assertThat(opened.getModelName()).isEqualTo("affine");
        assertThat(gateway.connect().open(gateway.model(0).bundle().id()).getEntropy())
                .isEqualTo("none");
    }

    @Test
    void refusesABundleItDoesNotServeNamingBoth() throws Exception {
        TestAgent stranger = gateway.connect();
        Error error = stranger.open("0123abc\n").getError();
        assertThat(error.getCode()).isEqualTo(Error.Code.BUNDLE_NOT_SERVED);
        assertThat(error.getMessage())
                .contains("0123abc?")
                .contains(gateway.model(0).bundle().id())
                .doesNotContain("\n");
        assertThat(stranger.awaitEnd().isOk()).isTrue();
    }

    @Test
    void joinsRequestsThatComeWhileTheExecutorIsBusy() throws Exception {
        occupy(100);
        TestAgent other = gateway.open(0);
        for (int i = 1; i <= 3; i++) {
            agent.send(frame(i, 1, 1), MODEL.payload(1, i));
            agent.roundTrip();
        }
        other.send(frame(1, 1, 1), MODEL.payload(1, 7));
        other.roundTrip();
        gateway.engine.release();
        for (int i = 1; i <= 3; i++) {
            assertAnswered(1, i, i);
            assertThat(agent.reply(i).header().getTiming().getBatchRows()).isEqualTo(4);
        }
        assertThat(MODEL.decode(1, 1, other.reply(1).payload())[0]).isEqualTo(TestModel.y(7));
        assertThat(gateway.engine.runs()).contains(new FakeEngine.Run(label("segment-1"), 4));
        assertSettled();
    }

    private String label(String graph) {
        return gateway.model(0).bundle().file() + "!/graphs/fp32/" + graph + ".onnx";
    }

    @Test
    void keepsPointsApartInBatches() throws Exception {
        occupy(100);
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        agent.send(frame(2, 2, 1), MODEL.payload(2, 2));
        agent.send(frame(3, 1, 1), MODEL.payload(1, 3));
        agent.roundTrip();
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        assertAnswered(2, 2, 2);
        assertAnswered(1, 3, 3);
        assertThat(agent.reply(1).header().getTiming().getBatchRequests()).isEqualTo(2);
        assertThat(agent.reply(2).header().getTiming().getBatchRequests()).isEqualTo(1);
    }

    @Test
    void runsAModelWithoutRowsOneRequestAtATime() throws Exception {
        agent = gateway.open(1);
        gateway.engine.hold();
        for (int i = 1; i <= 3; i++) {
            agent.send(frame(i, 0, 1), SINGLE.payload(0, i));
            agent.roundTrip();
        }
        gateway.engine.release();
        for (int i = 1; i <= 3; i++) {
            assertAnswered(SINGLE, 0, i, i);
            assertThat(agent.reply(i).header().getTiming().getBatchRequests()).isEqualTo(1);
        }
        agent.send(frame(4, 0, 2), SINGLE.payload(0, 1));
        assertRefused(4, Error.Code.LIMIT_EXCEEDED, "2 rows at point 0; expected 1 to 1");
    }

    @Test
    void refusesABrokenFrameOfABatchAlone() throws Exception {
        occupy(100);
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        ByteBuffer broken = MODEL.payload(1, 2);
        broken = ByteBuffer.allocate(broken.remaining() - 1)
                .put(broken.limit(broken.limit() - 1))
                .flip();
        agent.send(frame(2, 1, 1), broken);
        agent.send(frame(3, 1, 1), MODEL.payload(1, 3));
        agent.roundTrip();
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        assertThat(agent.reply(2).error()).isEqualTo(Error.Code.MALFORMED_FRAME);
        assertAnswered(1, 3, 3);
        assertSettled();
    }

    @Test
    void refusesAPoisonousRequestAlone() throws Exception {
        occupy(100);
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        agent.send(frame(2, 1, 1), MODEL.payload(1, 2));
        agent.roundTrip();
        gateway.engine.failNext("the run of 100");
        gateway.engine.failNext("the batch");
        gateway.engine.failNext("request 1 alone");
        gateway.engine.release();
        assertRefused(100, Error.Code.EXECUTION_FAILED, "the run of 100");
        assertRefused(1, Error.Code.EXECUTION_FAILED, "affine.cleave!/graphs/fp32/segment-1.onnx: request 1 alone");
        assertThat(agent.reply(1).header().getError().getMessage()).doesNotContain(directory.toString());
        assertAnswered(1, 2, 2);
        assertSettled();
    }

    @Test
    void expiresAQueuedRequestWhileTheExecutorIsBlocked() throws Exception {
        occupy(100);
        agent.send(frame(1, 1, 1).setRemainingMicros(500_000), MODEL.payload(1, 1));
        assertRefused(1, Error.Code.DEADLINE_EXCEEDED, "expected to start within 500000 us");
        gateway.engine.release();
        assertAnswered(1, 100, 1);
        assertThat(gateway.engine.runs()).filteredOn(run -> run.rows() > 1).isEmpty();
        assertSettled();
    }

    @Test
    void aCancelledRequestNeverRunsAndGetsItsReply() throws Exception {
        occupy(100);
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        agent.roundTrip();
        agent.cancel(1);
        assertRefused(1, Error.Code.CANCELLED, "cancelled by the agent");
        agent.cancel(1);
        agent.cancel(77);
        int before = gateway.engine.runs().size();
        gateway.engine.release();
        assertAnswered(1, 100, 1);
        assertSettled();
        assertThat(gateway.engine.runs()).as("segment-2 of request 100 alone").hasSize(before + 1);
    }

    @Test
    void aRequestCancelledWhileItRunsGetsOneReply() throws Exception {
        occupy(1);
        agent.cancel(1);
        assertRefused(1, Error.Code.CANCELLED, "cancelled by the agent");
        gateway.engine.release();
        agent.send(frame(2, 1, 1), MODEL.payload(1, 2));
        assertAnswered(1, 2, 2);
        assertSettled();
    }

    @Test
    void aCancelledPartOfAFrameGivesItsCreditBack() throws Exception {
        agent.send(frame(1, 1, 1)
                .setChunkCount(2)
                .setFrameBytes(5000)
                .setPayload(ByteString.copyFrom(new byte[3000]))
                .build());
        agent.cancel(1);
        assertRefused(1, Error.Code.CANCELLED, "before it was whole");
        assertSettled();
    }

    @Test
    void refusesWhatIsNotServed() throws Exception {
        agent.send(frame(1, 3, 1), MODEL.payload(1, 1));
        assertRefused(
                1, Error.Code.POINT_NOT_SERVED, "point 3 of model \"affine\" is not served; expected one of [0, 1, 2]");
        agent.send(frame(2, -1, 1), MODEL.payload(1, 1));
        assertRefused(2, Error.Code.POINT_NOT_SERVED, "point 4294967295");
        agent.send(frame(3, 1, 9), MODEL.payload(1, 1));
        assertRefused(3, Error.Code.LIMIT_EXCEEDED, "9 rows at point 1; expected 1 to 8");
        agent.send(frame(4, 1, 0), MODEL.payload(1, 1));
        assertRefused(4, Error.Code.LIMIT_EXCEEDED, "0 rows");
        agent.send(frame(5, 1, 1).setQuality(2), MODEL.payload(1, 1));
        assertRefused(5, Error.Code.MALFORMED_FRAME, "quality level 2 at point 1; expected 0 to 1");
        agent.send(frame(6, 1, 2), MODEL.payload(1, 1));
        assertRefused(6, Error.Code.MALFORMED_FRAME, "tensor \"a\"");
        agent.send(frame(7, 1, 1), ByteBuffer.allocate(0));
        assertThat(agent.reply(7).error()).isEqualTo(Error.Code.MALFORMED_FRAME);
        assertSettled();
    }

    @Test
    void keepsThePrivacyFloor() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL.withPrivacyFloor(2));
        agent = gateway.open(0);
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        assertRefused(
                1,
                Error.Code.PRIVACY_FLOOR,
                "point 1 is before the privacy floor of model \"affine\"; expected at least 2");
        agent.send(frame(2, 2, 1), MODEL.payload(2, 2));
        assertAnswered(2, 2, 2);
    }

    @Test
    void answersPingsBeforeAndAfterOpen() throws Exception {
        TestAgent early = gateway.connect();
        early.send(ClientMessage.newBuilder()
                .setPing(Ping.newBuilder().setNonce(5))
                .build());
        assertThat(early.await(ServerMessage::hasPong).getPong().getNonce()).isEqualTo(5);
        agent.send(ClientMessage.newBuilder()
                .setPing(Ping.newBuilder().setNonce(6))
                .build());
        assertThat(agent.await(ServerMessage::hasPong).getPong().getNonce()).isEqualTo(6);
    }

    @Test
    void answersPingsThatMeasureTheLinkUpToABound() throws Exception {
        agent.send(padded(5, 64 * 1024));
        assertThat(agent.await(ServerMessage::hasPong).getPong().getNonce()).isEqualTo(5);
        agent.send(padded(6, 64 * 1024 + 1));
        Status end = agent.awaitEnd();
        assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(end.getDescription()).isEqualTo("ping with 65537 bytes of padding; expected at most 65536");
    }

    private static ClientMessage padded(long nonce, int bytes) {
        Ping ping = Ping.newBuilder()
                .setNonce(nonce)
                .setPadding(ByteString.copyFrom(new byte[bytes]))
                .build();
        return ClientMessage.newBuilder().setPing(ping).build();
    }

    @Test
    void aHalfClosedStreamStillGetsItsReplies() throws Exception {
        occupy(1);
        agent.halfClose();
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        assertThat(agent.awaitEnd()).isEqualTo(Status.OK);
    }

    @Test
    void takesTheRequestsOfAnEndedStreamOutOfLine() throws Exception {
        TestAgent witness = gateway.open(0);
        occupy(1);
        agent.send(frame(2, 1, 1), MODEL.payload(1, 2));
        agent.roundTrip();
        agent.hangUp();
        witness.send(frame(3, 1, 1), MODEL.payload(1, 3));
        witness.roundTrip();
        // The stream's end arrives on its own time; the metric is there once it has. The first request runs already.
        while (!gateway.metrics
                .scrape()
                .contains("cleave_drops_total{model=\"affine\",reason=\"cancelled\",version=\"1\"} 1.0")) {
            Thread.onSpinWait();
        }
        gateway.engine.release();
        assertThat(witness.reply(3).header().getTiming().getBatchRequests()).isEqualTo(1);
        assertThat(gateway.admission.heldBytes()).isZero();
    }

    @Test
    void tellsWhenThereIsNoRoom() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory, GatewayConfig.builder().queueBound(2), MODEL);
        agent = gateway.open(0);
        occupy(100);
        for (int i = 1; i <= 3; i++) {
            agent.send(frame(i, 1, 1), MODEL.payload(1, i));
        }
        assertRefused(3, Error.Code.OVERLOADED, "queue of model \"affine\" is full");
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        assertAnswered(1, 2, 2);
        assertSettled();
    }

    @Test
    void boundsTheBytesThatItHolds() throws Exception {
        gateway.close();
        TestModel wide = TestModel.named("affine").withWidth(1000);
        gateway = new GatewayFixture(directory, GatewayConfig.builder().maxHeldBytes(10_000), wide);
        agent = gateway.open(0);
        gateway.engine.hold();
        for (int i = 1; i <= 3; i++) {
            agent.send(frame(i, 1, 1), wide.payload(1, i));
        }
        assertRefused(3, Error.Code.OVERLOADED, "expected at most 10000");
        gateway.engine.release();
        assertThat(agent.reply(1).error()).isNull();
        assertThat(agent.reply(2).error()).isNull();
        assertSettled();
    }

    @Test
    void drainsFinishingWhatIsQueued() throws Exception {
        occupy(1);
        agent.send(frame(2, 1, 1), MODEL.payload(1, 2));
        agent.roundTrip();
        gateway.service.drain(TimeUnit.SECONDS.toNanos(3));
        gateway.repository.drain();
        assertThat(agent.await(ServerMessage::hasDrain).getDrain().getGraceMicros())
                .isEqualTo(3_000_000);
        agent.send(frame(3, 1, 1), MODEL.payload(1, 3));
        assertRefused(3, Error.Code.DRAINING, "takes nothing new");
        assertThat(gateway.connect()
                        .open(gateway.model(0).bundle().id())
                        .getError()
                        .getCode())
                .isEqualTo(Error.Code.DRAINING);
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        assertAnswered(1, 2, 2);
        assertThat(agent.reply(2).header().getTiming().getCloseReason()).isEqualTo("drain");
        assertSettled();
    }

    @Test
    void refusesWhatIsStillQueuedWhenItCloses() throws Exception {
        occupy(1);
        agent.send(frame(2, 1, 1), MODEL.payload(1, 2));
        agent.roundTrip();
        Thread closing = new Thread(gateway.repository::close);
        closing.start();
        assertRefused(2, Error.Code.DRAINING, "was shut down before this request ran");
        gateway.engine.release();
        assertAnswered(1, 1, 1);
        closing.join();
        assertThat(gateway.engine.openSessions()).isZero();
    }

    @Test
    void countsWhatItDoes() throws Exception {
        agent.send(frame(1, 1, 1), MODEL.payload(1, 1));
        assertAnswered(1, 1, 1);
        agent.send(frame(2, 9, 1), MODEL.payload(1, 1));
        agent.reply(2);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_requests_total{model=\"affine\",outcome=\"ok\",point=\"1\",version=\"1\"} 1.0")
                .contains(
                        "cleave_requests_total{model=\"affine\",outcome=\"point_not_served\",point=\"none\",version=\"1\"} 1.0")
                .contains("cleave_drops_total{model=\"affine\",reason=\"point_not_served\",version=\"1\"} 1.0")
                .contains("cleave_streams_open 1.0")
                .contains("cleave_stage_duration_seconds_count{model=\"affine\",stage=\"tail\",version=\"1\"} 1");
    }

    @Test
    void refusesASecondOpen() throws Exception {
        agent.send(ClientMessage.newBuilder().setOpen(Open.newBuilder()).build());
        Status end = agent.awaitEnd();
        assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(end.getDescription()).isEqualTo("second Open on one stream; expected one");
    }

    @Test
    void refusesAnEndlessDeviceId() throws Exception {
        TestAgent chatty = gateway.connect();
        chatty.send(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder()
                        .setBundleId(gateway.model(0).bundle().id())
                        .setDeviceId("x".repeat(129)))
                .build());
        assertThat(chatty.await(ServerMessage::hasOpened).getOpened().getError().getCode())
                .isEqualTo(Error.Code.LIMIT_EXCEEDED);
        assertThat(List.of(chatty.awaitEnd())).containsExactly(Status.OK);
    }
}
