package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Error;
import dev.cleave.v1.GatewayTiming;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames whose deadline passes while their own batch runs; the gateway's clock is the test's. */
class LateRunTest {
    private static final TestModel MODEL = TestModel.named("m");
    private static final Duration DEADLINE = Duration.ofHours(1);

    @TempDir
    Path models;

    private GatewayFixture gateway;
    private TestAgent agent;

    @BeforeEach
    void start() throws Exception {
        start(GatewayConfig.builder());
    }

    private void start(GatewayConfigBuilder settings) throws Exception {
        gateway = new GatewayFixture(models, settings.concurrencyLimit(ConcurrencyLimit.of(100)), MODEL);
        agent = gateway.open(0);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void send(long id) {
        agent.send(frame(id, 1, 1), MODEL.payload(1, id));
    }

    private void sendWithDeadline(long id) {
        agent.send(
                frame(id, 1, 1).setRemainingMicros(TimeUnit.NANOSECONDS.toMicros(DEADLINE.toNanos())),
                MODEL.payload(1, id));
    }

    /**
     * A request with a deadline is what runs, and goes on until the engine is released.
     *
     * @param others of its batch, without a deadline
     */
    private void run(long id, long... others) throws Exception {
        gateway.engine.hold();
        sendWithDeadline(id);
        for (long other : others) {
            send(other);
        }
        gateway.engine.awaitHeld(1);
    }

    private void assertAnswered(long id) throws Exception {
        TestAgent.WholeReply reply = agent.reply(id);
        assertThat(reply.error()).isNull();
        assertThat(MODEL.decode(1, 1, reply.payload())[0]).isEqualTo(TestModel.y(id));
    }

    /** Nothing is left of any request, and each has had one reply. */
    private void assertSettled() throws Exception {
        agent.awaitCreditBack();
        assertThat(agent.creditFrames).isEqualTo(agent.sentFrames);
        assertThat(gateway.admission.heldBytes()).isZero();
        assertThat(gateway.model(0).limit().inFlight()).isZero();
    }

    @Test
    void isAnsweredAtItsDeadlineAndItsResultIsDropped() throws Exception {
        run(1);
        gateway.advance(DEADLINE.minusMinutes(1).toNanos());
        agent.roundTrip();
        assertThat(agent.replies).as("it has a minute left").isEmpty();
        gateway.advance(TimeUnit.MINUTES.toNanos(1));
        TestAgent.WholeReply reply = agent.reply(1);
        assertThat(reply.error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(reply.header().getError().getMessage())
                .startsWith("deadline passed after 36")
                .endsWith(" of them in its run; expected an answer within 3600000000 us");
        GatewayTiming timing = reply.header().getTiming();
        assertThat(timing.getTailMicros()).as("its time was the run's").isGreaterThanOrEqualTo(3_590_000_000L);
        assertThat(timing.getQueueMicros()).isLessThan(3_590_000_000L);

        assertThat(gateway.model(0).limit().inFlight()).isZero();
        assertThat(gateway.admission.heldBytes()).as("what runs is there").isPositive();
        send(2);
        agent.roundTrip();
        gateway.engine.release();
        assertAnswered(2);
        assertSettled();
        assertThat(agent.replies.get(1L)).hasSize(1);
        assertThat(gateway.metrics.scrape())
                .contains(
                        "cleave_requests_total{model=\"m\",outcome=\"deadline_exceeded\",point=\"1\",version=\"1\"} 1.0")
                .contains("cleave_requests_total{model=\"m\",outcome=\"ok\",point=\"1\",version=\"1\"} 1.0")
                .doesNotContain("cleave_drops_total{model=\"m\",reason=\"deadline_exceeded\"");
    }

    @Test
    void doesNotHurryTheRestOfItsBatch() throws Exception {
        gateway.close();
        start(GatewayConfig.builder().maxQueueDelay(Duration.ofMinutes(1)).preferredBatches(List.of(2)));
        run(1, 2);
        gateway.advance(DEADLINE.toNanos());
        assertThat(agent.reply(1).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        gateway.engine.release();
        assertAnswered(2);
        assertThat(agent.reply(2).header().getTiming().getBatchRows()).isEqualTo(2);
        assertSettled();
    }

    @Test
    void mayBeCancelledAndItsIdUsedAgain() throws Exception {
        run(1);
        gateway.advance(DEADLINE.toNanos());
        assertThat(agent.reply(1).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        agent.cancel(1);
        agent.replies.clear();
        send(1);
        agent.roundTrip();
        assertThat(agent.replies).isEmpty();
        gateway.engine.release();
        assertAnswered(1);
        assertSettled();
        assertThat(agent.replies.get(1L))
                .as("the first run's is not among them")
                .hasSize(1);
    }

    @Test
    void oneThatWasCancelledHasNoDeadline() throws Exception {
        run(1);
        agent.cancel(1);
        assertThat(agent.reply(1).error()).isEqualTo(Error.Code.CANCELLED);
        gateway.advance(DEADLINE.toNanos());
        gateway.engine.release();
        send(2);
        assertAnswered(2);
        assertSettled();
        assertThat(agent.replies.get(1L)).hasSize(1);
    }

    @Test
    void aStreamThatEndsBeforeTheRunLeavesNothing() throws Exception {
        run(1);
        gateway.advance(DEADLINE.toNanos());
        assertThat(agent.reply(1).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        agent.hangUp();
        agent.awaitEnd();
        while (gateway.service.openStreams() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.admission.heldBytes()).isPositive();
        gateway.engine.release();
        while (gateway.admission.heldBytes() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.model(0).limit().inFlight()).isZero();
        assertThat(gateway.model(0).openStreams()).isZero();
        assertThat(gateway.model(0).queue().awaitQuiet(TimeUnit.SECONDS.toNanos(60)))
                .isTrue();
    }

    @Test
    void aHalfClosedStreamEndsWithoutWaitingForTheRun() throws Exception {
        run(1);
        agent.halfClose();
        gateway.advance(DEADLINE.toNanos());
        assertThat(agent.reply(1).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        assertThat(agent.awaitEnd().isOk()).isTrue();
        gateway.engine.release();
    }
}
