package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.grpc.TestAgent.WholeReply;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Ack;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.ServerMessage;
import dev.cleave.wire.ReferenceSender;
import dev.cleave.wire.ReferenceSender.Plan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A video over a stream: the sender's side of the protocol against the service. */
class VideoStreamTest {
    private static final TestModel MODEL =
            TestModel.named("affine").withWidth(512).withQuantised();
    private static final LadderPoint POINT = MODEL.contract().points().get(1);

    private final ActivationCodec codec =
            new ActivationCodec(POINT.specs(), POINT.levels().get(0).codecs(), Entropy.NONE, null, null);
    private final BoundaryTuning tuning = codec.tuning(0);
    private final ReferenceSender<BoundaryReference> references = new ReferenceSender<>();

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private TestAgent agent;
    private long lastRequest;
    private Ack lastAck;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL);
        agent = gateway.open(0);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private static float value(int time, int column) {
        return column % 100 == time ? 40 : 3 + column % 20;
    }

    /** Sends a picture and takes its acknowledgement. */
    private int send(int time) throws Exception {
        return send(time, 0);
    }

    /** @param remainingMicros 0: no deadline */
    private int send(int time, long remainingMicros) throws Exception {
        Sent sent = post(time, remainingMicros);
        awaitAck(sent);
        return sent.bytes();
    }

    /** A frame on its way. */
    private record Sent(long request, Plan<BoundaryReference> plan, int bytes) {}

    /** Sends a picture. */
    private Sent post(int time, long remainingMicros) {
        Plan<BoundaryReference> plan = references.plan(1, 0);
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 512));
        for (int i = 0; i < 512; i++) {
            tensor.data().putFloat(4 * i, value(time, i));
        }
        StreamedBoundary boundary = codec.encode(Map.of("a", tensor), Map.of(), plan.content(), tuning);
        references.sent(plan, boundary.reference());
        long id = ++lastRequest;
        Frame.Builder header = frame(id, 1, 1)
                .setQuality(0)
                .setStreamId(5)
                .setStreamSequence(plan.number())
                .setReferenceId(plan.reference())
                .setHold(plan.hold())
                .setRemainingMicros(remainingMicros);
        agent.send(header, boundary.payload());
        return new Sent(id, plan, boundary.payload().remaining());
    }

    private void awaitAck(Sent sent) throws Exception {
        while (find(sent.request()) == null) {
            agent.await(ServerMessage::hasAck);
        }
        lastAck = find(sent.request());
        references.acknowledged(sent.plan().number(), lastAck.getHeldReference());
    }

    /** The acknowledgement of a request, of those that have come. */
    private Ack find(long request) {
        return agent.log.stream()
                .filter(message -> message.hasAck() && message.getAck().getRequestId() == request)
                .map(ServerMessage::getAck)
                .findFirst()
                .orElse(null);
    }

    /** Keeps the thread busy that reads frames. */
    private CountDownLatch occupyReaders() {
        CountDownLatch free = new CountDownLatch(1);
        gateway.readers.execute(() -> {
            try {
                free.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return free;
    }

    private void restart(GatewayConfigBuilder settings) throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory, settings, MODEL);
        agent = gateway.open(0);
    }

    private void awaitMetric(String line) {
        while (!gateway.metrics.scrape().contains(line)) {
            Thread.onSpinWait();
        }
    }

    private void assertAnswered(int time) throws Exception {
        WholeReply reply = agent.reply(lastRequest);
        assertThat(reply.header().getError()).isEqualTo(Error.getDefaultInstance());
        float[] y = MODEL.decode(1, 1, reply.payload());
        for (int i = 0; i < 512; i++) {
            assertThat(y[i]).isEqualTo(3 * value(time, i) + 5);
        }
    }

    @Test
    void answersAVideoOfWhichOnlyTheFirstFrameStandsAlone() throws Exception {
        int key = send(0);
        assertAnswered(0);
        for (int time = 1; time < 12; time++) {
            assertThat(send(time)).isLessThan(key / 2);
            assertAnswered(time);
        }
        agent.awaitCreditBack();
        assertThat(gateway.admission.heldBytes()).isZero();
        assertThat(gateway.metrics.scrape())
                .contains("cleave_video_frames_total{kind=\"change\",model=\"affine\",version=\"1\"} 11.0")
                .contains("cleave_video_frames_total{kind=\"key\",model=\"affine\",version=\"1\"} 1.0")
                .contains("cleave_reference_bytes 4096.0");
    }

    @Test
    void theAckOfAFrameThatWasReadSaysHowLongThatTook() throws Exception {
        long before = System.nanoTime();
        send(0);
        assertThat(lastAck.getHeldReference()).isEqualTo(1);
        assertThat(lastAck.getReadingMicros()).isBetween(1L, (System.nanoTime() - before) / 1000);
    }

    @Test
    void whateverBecomesOfARequestItsFrameStaysHeld() throws Exception {
        send(0);
        assertAnswered(0);
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        send(2, 300_000);
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        send(3);
        agent.cancel(lastRequest);
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.CANCELLED);
        gateway.engine.release();
        send(4);
        assertAnswered(4);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_video_frames_total{kind=\"change\",model=\"affine\",version=\"1\"} 4.0")
                .doesNotContain("kind=\"lost\"");
    }

    @Test
    void nobodyWaitsForAFrameToBeReadButWhatComesBehindIt() throws Exception {
        TestAgent other = gateway.open(0);
        CountDownLatch free = occupyReaders();
        Sent key = post(0, 0);
        agent.send(frame(100, 1, 1), MODEL.payload(1, 3));
        agent.roundTrip();
        other.send(frame(1, 1, 1), MODEL.payload(1, 4));
        assertThat(other.reply(1).error()).isNull();
        assertThat(agent.log).noneMatch(ServerMessage::hasAck);
        free.countDown();
        agent.awaitAck(100);
        awaitAck(key);
        assertThat(lastAck.getHeldReference()).isEqualTo(1);
        List<Long> acks = agent.log.stream()
                .filter(ServerMessage::hasAck)
                .map(message -> message.getAck().getRequestId())
                .toList();
        assertThat(acks).containsExactly(key.request(), 100L);
        assertAnswered(0);
        assertThat(agent.reply(100).error()).isNull();
        agent.awaitCreditBack();
    }

    @Test
    void aFrameThatIsRefusedIsNotReadAndTheNextIsCodedAgainstAnEarlierOne() throws Exception {
        restart(GatewayConfig.builder().concurrencyLimit(ConcurrencyLimit.of(2)));
        send(0);
        assertAnswered(0);
        TestAgent other = gateway.open(0);
        gateway.engine.hold();
        other.send(frame(1, 1, 1), MODEL.payload(1, 4));
        gateway.engine.awaitHeld(1);
        other.send(frame(2, 1, 1), MODEL.payload(1, 4));
        other.roundTrip();
        CountDownLatch free = occupyReaders();
        send(1);
        assertThat(lastAck.getHeldReference()).isZero();
        assertThat(lastAck.getReadingMicros()).isZero();
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.OVERLOADED);
        free.countDown();
        gateway.engine.release();
        other.reply(2);
        other.awaitCreditBack();
        Sent next = post(2, 0);
        assertThat(next.plan().reference()).isEqualTo(1);
        awaitAck(next);
        assertAnswered(2);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_video_frames_total{kind=\"change\",model=\"affine\",version=\"1\"} 1.0")
                .doesNotContain("kind=\"lost\"");
    }

    @Test
    void aFrameWhoseRequestIsCancelledBeforeItsTurnIsNotRead() throws Exception {
        CountDownLatch free = occupyReaders();
        Sent cancelled = post(0, 0);
        agent.cancel(cancelled.request());
        assertThat(agent.reply(cancelled.request()).error()).isEqualTo(Error.Code.CANCELLED);
        assertThat(find(cancelled.request())).as("comes before the reply").isNotNull();
        awaitAck(cancelled);
        assertThat(lastAck.getHeldReference()).isZero();
        agent.awaitCreditBack();
        assertThat(gateway.admission.heldBytes()).isZero();
        free.countDown();
        send(1);
        assertThat(lastAck.getHeldReference()).isEqualTo(2);
        assertAnswered(1);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_video_frames_total{kind=\"key\",model=\"affine\",version=\"1\"} 1.0");
    }

    @Test
    void aFrameIsNotReadOnceItsDeadlineIsOver() throws Exception {
        CountDownLatch free = occupyReaders();
        Sent late = post(0, 1_000_000);
        agent.roundTrip();
        gateway.advance(2_000_000_000L);
        free.countDown();
        assertThat(agent.reply(late.request()).error()).isEqualTo(Error.Code.DEADLINE_EXCEEDED);
        awaitAck(late);
        assertThat(lastAck.getHeldReference()).isZero();
        assertThat(lastAck.getReadingMicros()).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void whatIsForgottenIsForgottenAfterTheFramesBeforeIt() throws Exception {
        CountDownLatch free = occupyReaders();
        Sent key = post(0, 0);
        agent.forget(5);
        agent.roundTrip();
        free.countDown();
        awaitAck(key);
        assertThat(lastAck.getHeldReference()).isEqualTo(1);
        assertAnswered(0);
        awaitMetric("cleave_reference_bytes 0.0");
    }

    @Test
    void aStreamThatEndsLeavesNothingOfTheFramesThatWait() throws Exception {
        CountDownLatch free = occupyReaders();
        post(0, 0);
        post(1, 0);
        agent.roundTrip();
        assertThat(gateway.admission.heldBytes()).isPositive();
        assertThat(gateway.model(0).limit().inFlight()).isEqualTo(2);
        agent.hangUp();
        while (gateway.service.openStreams() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.admission.heldBytes()).isZero();
        assertThat(gateway.model(0).limit().inFlight()).isZero();
        free.countDown();
        agent = gateway.open(0);
        references.reset();
        send(2);
        assertAnswered(2);
        assertThat(gateway.metrics.scrape()).contains("cleave_reference_bytes 512.0");
    }

    @Test
    void aFrameCountsAsWhatItHasBecomeOnceItIsRead() throws Exception {
        restart(GatewayConfig.builder().maxHeldBytes(1024));
        send(0);
        assertAnswered(0);
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        Sent small = post(2, 0);
        awaitAck(small);
        assertThat(lastAck.getHeldReference()).as("it was read").isEqualTo(3);
        WholeReply refused = agent.reply(small.request());
        assertThat(refused.error()).isEqualTo(Error.Code.OVERLOADED);
        assertThat(refused.header().getError().getMessage()).contains("expected at most 1024");
        gateway.engine.release();
        agent.awaitCreditBack();
        assertThat(gateway.admission.heldBytes()).isZero();
        send(3);
        assertAnswered(3);
    }

    @Test
    void withoutMemoryForReferencesEveryFrameStandsAlone() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory, GatewayConfig.builder().maxReferenceBytes(0), MODEL);
        agent = gateway.open(0);
        for (int time = 0; time < 3; time++) {
            send(time);
            assertAnswered(time);
        }
        assertThat(gateway.metrics.scrape())
                .contains("cleave_video_frames_total{kind=\"key\",model=\"affine\",version=\"1\"} 3.0")
                .contains("cleave_video_unheld_total{model=\"affine\",version=\"1\"} 3.0");
    }

    @Test
    void nothingBeforeThePrivacyFloorIsReadOrHeld() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL.withPrivacyFloor(2));
        agent = gateway.open(0);
        send(0);
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.PRIVACY_FLOOR);
        assertThat(references.plan(1, 0).reference()).isEqualTo(ReferenceSender.NONE);
        assertThat(gateway.metrics.scrape())
                .contains("cleave_reference_bytes 0.0")
                .doesNotContain("cleave_video_frames_total");
    }

    @Test
    void aNewStreamHoldsNothingOfTheOld() throws Exception {
        send(0);
        agent.hangUp();
        agent = gateway.open(0);
        send(1);
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.REFERENCE_LOST);
        references.lost(1);
        send(2);
        assertAnswered(2);
        send(3);
        assertAnswered(3);
        agent.awaitCreditBack();
    }

    @Test
    void whatIsHeldGoesWithTheStream() throws Exception {
        send(0);
        assertThat(gateway.metrics.scrape()).contains("cleave_reference_bytes 512.0");
        agent.halfClose();
        agent.awaitEnd();
        while (gateway.service.openStreams() > 0) {
            Thread.onSpinWait();
        }
        assertThat(gateway.metrics.scrape()).contains("cleave_reference_bytes 0.0");
    }

    @Test
    void whatIsHeldGoesWithTheVideo() throws Exception {
        send(0);
        agent.forget(6);
        agent.roundTrip();
        assertThat(gateway.metrics.scrape()).as("another video").contains("cleave_reference_bytes 512.0");
        agent.forget(5);
        agent.roundTrip();
        assertThat(gateway.metrics.scrape()).contains("cleave_reference_bytes 0.0");
        assertAnswered(0);
        send(1);
        assertThat(agent.reply(lastRequest).error()).isEqualTo(Error.Code.REFERENCE_LOST);
    }

    @Test
    void anAgentThatKnowsNoVideosIsAnsweredAsEver() throws Exception {
        agent.send(frame(1, 1, 2), MODEL.payload(1, 3, 4));
        ServerMessage ack = agent.await(ServerMessage::hasAck);
        assertThat(ack.getAck().getHeldReference()).isZero();
        assertThat(agent.reply(1).error()).isNull();
    }
}
