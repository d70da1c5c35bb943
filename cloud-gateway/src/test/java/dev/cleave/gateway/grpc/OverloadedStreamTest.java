package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames that are not taken in, and what becomes of the places of those that were. */
class OverloadedStreamTest {
    private static final TestModel MODEL = TestModel.named("m");

    @TempDir
    Path models;

    private GatewayFixture gateway;
    private TestAgent agent;

    private void start(GatewayConfigBuilder settings) throws Exception {
        gateway = new GatewayFixture(models, settings, MODEL);
        agent = gateway.open(0);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void send(long id) {
        agent.send(frame(id, 1, 1), MODEL.payload(1, id));
    }

    @Test
    void refusesWhatIsBeyondTheLimitAndSaysWhenToComeBack() throws Exception {
        start(GatewayConfig.builder().concurrencyLimit(ConcurrencyLimit.of(2)));
        send(1);
        assertThat(agent.reply(1).error()).isNull();
        gateway.engine.hold();
        send(2);
        gateway.engine.awaitHeld(1);
        send(3);
        send(4);
        Error refused = agent.reply(4).header().getError();
        assertThat(refused.getCode()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(refused.getMessage()).isEqualTo("model \"m\" has 2 requests in the house; expected fewer than 2");
        assertThat(refused.getRetryAfterMicros()).isPositive();
        assertThat(gateway.metrics.scrape())
                .contains("cleave_limit_requests{model=\"m\",version=\"1\"} 2.0")
                .contains("cleave_limit_in_flight{model=\"m\",version=\"1\"} 2.0")
                .contains("cleave_rejected_requests_total{model=\"m\",reason=\"limit\",version=\"1\"} 1.0");
        agent.send(frame(5, 1, 1).setPriority(1), MODEL.payload(1, 5));
        gateway.engine.release();
        assertThat(agent.reply(2).error()).isNull();
        assertThat(agent.reply(3).error()).isNull();
        assertThat(agent.reply(5).error()).as("urgent").isNull();
        agent.awaitCreditBack();
        assertThat(gateway.model(0).limit().inFlight()).isZero();
    }

    @Test
    void everyEndGivesThePlaceBack() throws Exception {
        start(GatewayConfig.builder().queueBound(4).concurrencyLimit(ConcurrencyLimit.of(6)));
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        send(2);
        agent.send(frame(3, 1, 1).setRemainingMicros(1_000), MODEL.payload(1, 3));
        agent.send(frame(4, 1, 1).setQuality(0), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        agent.cancel(2);
        assertThat(agent.reply(2).error()).isEqualTo(Error.Code.CANCELLED);
        assertThat(agent.reply(3).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(agent.reply(4).error()).isEqualTo(Error.Code.MALFORMED_FRAME);
        for (int id = 5; id < 12; id++) {
            send(id);
        }
        assertThat(agent.reply(11).error()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(gateway.model(0).limit().inFlight()).isEqualTo(5);
        gateway.engine.failNext("broken");
        gateway.engine.release();
        agent.awaitCreditBack();
        assertThat(gateway.model(0).limit().inFlight()).isZero();
    }

    @Test
    void aStreamThatEndsGivesItsPlacesBack() throws Exception {
        start(GatewayConfig.builder());
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        for (int id = 2; id <= 20; id++) {
            send(id);
        }
        agent.roundTrip();
        assertThat(gateway.model(0).limit().inFlight()).isEqualTo(20);
        agent.hangUp();
        agent.awaitEnd();
        while (gateway.model(0).limit().inFlight() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.admission.heldBytes()).as("what runs is there").isEqualTo(bytesOfOne());
        gateway.engine.release();
        while (gateway.admission.heldBytes() > 0) {
            Thread.onSpinWait();
        }
    }

    private static long bytesOfOne() {
        return MODEL.payload(1, 1).remaining();
    }

    @Test
    void thereIsNoLimitWhereItIsOff() throws Exception {
        start(GatewayConfig.builder().concurrencyLimit(ConcurrencyLimit.OFF));
        send(1);
        assertThat(agent.reply(1).error()).isNull();
        assertThat(gateway.metrics.scrape()).contains("cleave_limit_requests{model=\"m\",version=\"1\"} 0.0");
    }

    /** Lets a run take a second of the gateway's clock. */
    private void runForASecond(long id) throws Exception {
        gateway.engine.hold();
        send(id);
        gateway.engine.awaitHeld(1);
        gateway.advance(1_000_000_000);
        gateway.engine.release();
        assertThat(agent.reply(id).error()).isNull();
    }

    @Test
    void refusesAtOnceWhatCouldNotBeAnsweredByItsDeadline() throws Exception {
        start(GatewayConfig.builder());
        for (int i = 0; i < 12; i++) {
            runForASecond(100 + i);
        }
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        agent.send(frame(2, 1, 1).setRemainingMicros(60_000_000), MODEL.payload(1, 2));
        agent.send(frame(3, 1, 1).setRemainingMicros(1_200_000), MODEL.payload(1, 3));
        Error refused = agent.reply(3).header().getError();
        assertThat(refused.getCode()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(refused.getMessage())
                .isEqualTo("queue of model \"m\" is too long for a deadline of 1200000 us; expected fewer before it");
        assertThat(refused.getRetryAfterMicros()).isPositive();
        assertThat(agent.replies).doesNotContainKey(2L);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_rejected_requests_total{model=\"m\",reason=\"deadline\",version=\"1\"} 1.0");
        gateway.engine.release();
        assertThat(agent.reply(2).error()).isNull();
    }

    @Test
    void aFloodedModelLeavesRoomForTheFramesOfAnother() throws Exception {
        TestModel flooded = TestModel.named("a").withWidth(100);
        TestModel other = TestModel.named("b").withWidth(100);
        GatewayConfigBuilder settings =
                GatewayConfig.builder().maxHeldBytes(10_000).concurrencyLimit(ConcurrencyLimit.OFF);
        gateway = new GatewayFixture(models, settings, flooded, other);
        agent = gateway.open(0);
        TestAgent another = gateway.open(1);
        gateway.engine.hold();
        for (int id = 1; id <= 30; id++) {
            agent.send(frame(id, 1, 1), flooded.payload(1, id));
        }
        Error refused = agent.reply(30).header().getError();
        assertThat(refused.getCode()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(refused.getMessage())
                .isEqualTo(
                        "gateway holds 8932 bytes of frames, 8932 of them for model \"a\"; expected at most 10000 with"
                                + " the 406 of this one, and of one model at most 8544");
        another.send(frame(1, 1, 1), other.payload(1, 1));
        gateway.engine.awaitHeld(2);
        assertThat(gateway.model(1).held().held()).isEqualTo(406);
        gateway.engine.release();
        assertThat(another.reply(1).error()).isNull();
        agent.awaitCreditBack();
        assertThat(gateway.admission.heldBytes()).isZero();
        assertThat(gateway.model(0).held().held()).isZero();
    }
}
