package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EdgeAgentFailureTest extends AgentFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    @Test
    void finishesLocallyFromTheActivationInHandWhenTheStreamBreaks() throws Exception {
        gateway.script = FakeGateway.Script.BREAK;
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        InferenceResult result = get(agent(Split.at(2)).infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.splitPoint()).isEqualTo(AffineModel.LOCAL);
        assertThat(result.fallback().cause()).isEqualTo(Cause.LINK_DOWN);
        assertThat(result.fallback().message()).isEqualTo("stream to the gateway ended with UNAVAILABLE: scripted");
        assertThat(result.wireBytes()).isPositive();
        assertThat(segmentsRun()).containsExactly("segment-0", "segment-1", "segment-2");
        assertThat(events).containsExactly("up fake", "started 1 at 2", "down", "fallback 1 LINK_DOWN", "ended 1");
    }

    @Test
    void namesTheLostStreamWhereTheViewLacksLocal() throws Exception {
        gateway.script = FakeGateway.Script.BREAK;
        InferenceException failure = failure(agentWithoutLocal(Split.at(1)).infer(AffineModel.inputs(1, 1)));
        assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(failure)
                .hasMessage("request 1: stream to the gateway ended with UNAVAILABLE: scripted;"
                        + " LOCAL is not available: this view of the bundle ends at point 2 of 3");
    }

    @Test
    void failsByNameWhenTheFallbackIsSwitchedOff() throws Exception {
        gateway.script = FakeGateway.Script.BREAK;
        EdgeAgent agent = started(builder(bundle).split(Split.cloud()).localFallback(false));
        InferenceException failure = failure(agent.infer(input(1)));
        assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(failure).hasMessageEndingWith("; LOCAL in its place is switched off");
        assertThat(segmentsRun()).isEmpty();
    }

    @Test
    void finishesLocallyInTimeWhenTheGatewayNeverReplies() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        Map<String, Tensor> inputs = AffineModel.inputs(1, 3);
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(InferenceInput.of(inputs), Duration.ofSeconds(4));
        gateway.awaitRequest();
        clock.advance(2 * SECOND);
        InferenceResult result = get(future);
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback().cause()).isEqualTo(Cause.DEADLINE_NEAR);
        assertThat(result.deadlineMet()).isTrue();
        assertThat(gateway.cancels.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(gateway.sessions).hasSize(1);
    }

    @Test
    void finishesLocallyBetweenTwoSegmentsOfAnotherHead() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(2));
        Map<String, Tensor> inputs = AffineModel.inputs(1, 3);
        CompletableFuture<InferenceResult> late = agent.infer(InferenceInput.of(inputs), Duration.ofSeconds(4));
        gateway.awaitRequest();
        engine.hold();
        agent.infer(input(2));
        engine.awaitHeld(1);
        clock.advance(2 * SECOND);
        assertThat(late).isNotDone();
        engine.release();
        assertAnswers(get(late), inputs);
        assertThat(gateway.awaitRequest().header.getRequestId()).isEqualTo(2);
        assertThat(segmentsRun()).containsExactly("segment-0", "segment-1", "segment-0", "segment-2", "segment-1");
    }

    @Test
    void waitsLongerForTheGatewayOnceTheLocalTimeIsMeasured() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> first = agent.infer(input(1), Duration.ofSeconds(4));
        gateway.awaitRequest();
        clock.advance(2 * SECOND);
        get(first);
        CompletableFuture<InferenceResult> second = agent.infer(input(2), Duration.ofSeconds(4));
        FakeGateway.Request held = gateway.awaitRequest();
        clock.advance(3 * SECOND);
        assertThat(second).isNotDone();
        held.answer();
        assertThat(get(second).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void failsAtTheDeadlineWhereTheViewLacksLocal() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentWithoutLocal(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofMillis(250));
        gateway.awaitRequest();
        clock.advance(SECOND);
        InferenceException failure = failure(future);
        assertThat(failure.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(failure)
                .hasMessage("request 1 at split point 1 has no answer within 250 ms; it was waiting for the gateway's"
                        + " answer; LOCAL is not available: this view of the bundle ends at point 2 of 3");
        assertThat(gateway.cancels.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void failsAtTheDeadlineWhenTheDeviceIsTooSlow() throws Exception {
        engine.hold();
        EdgeAgent agent = agent(Split.local());
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofSeconds(60));
        engine.awaitHeld(1);
        clock.advance(60 * SECOND);
        assertThat(failure(future).reason()).isEqualTo(Reason.DEADLINE);
        engine.release();
    }

    @Test
    void tellsTheGatewayWhatIsLeftOfTheDeadline() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        get(agent.infer(input(1), Duration.ofMillis(100)));
        assertThat(gateway.chunks.get(0).getRemainingMicros()).isBetween(25_000L, 100_000L);
    }

    @Test
    void finishesLocallyWhenTheGatewayAnswersWithAnError() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        gateway.awaitRequest().fail(Error.Code.OVERLOADED, "queue is full\nwith 64 requests");
        InferenceResult result = get(future);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback().cause()).isEqualTo(Cause.GATEWAY_ERROR);
        assertThat(result.fallback().message()).isEqualTo("gateway: OVERLOADED: queue is full with 64 requests");
    }

    @Test
    void namesTheGatewaysErrorWhereTheViewLacksLocal() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentWithoutLocal(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        gateway.awaitRequest().fail(Error.Code.EXECUTION_FAILED, "tail-1: out of memory");
        InferenceException failure = failure(future);
        assertThat(failure.reason()).isEqualTo(Reason.EXECUTION);
        assertThat(failure)
                .hasMessageStartingWith("request 1: gateway: EXECUTION_FAILED: tail-1: out of memory; LOCAL");
    }

    @Test
    void doesNotBelieveOutputsThatAreMalformed() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        gateway.awaitRequest().answerWith(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
        InferenceResult result = get(future);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback().message()).startsWith("gateway's outputs do not decode: ");
    }

    @Test
    void namesASegmentThatFails() throws Exception {
        engine.failNext("out of cheese");
        InferenceException failure = failure(agent(Split.at(1)).infer(input(1)));
        assertThat(failure.reason()).isEqualTo(Reason.EXECUTION);
        assertThat(failure).hasMessageMatching("request 1: .*segment-0.*: out of cheese");
    }

    @Test
    void waitsForTheGatewayWhenTheLocalRunFails() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofSeconds(4));
        FakeGateway.Request held = gateway.awaitRequest();
        engine.failNext("out of cheese");
        clock.advance(2 * SECOND);
        agent.infer(input(2));
        gateway.awaitRequest(); // the worker is through with the local run of the first
        assertThat(future).isNotDone();
        held.answer();
        InferenceResult result = get(future);
        assertThat(result.source()).isEqualTo(Source.SPLIT);
        assertThat(result.fallback()).isNull();
    }

    @Test
    void cancellingTellsTheGatewayAndForgetsTheRequest() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        FakeGateway.Request held = gateway.awaitRequest();
        assertThat(future.cancel(true)).isTrue();
        assertThat(gateway.cancels.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
        held.answer();
        assertThat(future).isCancelled();
        assertThat(events).containsExactly("up fake", "started 1 at 1", "ended 1 failed");
    }

    @Test
    void cancellingStopsLocalWorkAtTheNextSegment() throws Exception {
        EdgeAgent agent = agent(Split.local());
        engine.hold();
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        engine.awaitHeld(1);
        future.cancel(true);
        engine.release();
        get(agent.infer(input(2)));
        assertThat(segmentsRun()).containsExactly("segment-0", "segment-0", "segment-1", "segment-2");
    }

    @Test
    void aRequestWithoutCreditWaitsForTheOneBefore() throws Exception {
        gateway.credit = Credit.newBuilder().setFrames(1).setBytes(1 << 20).build();
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> first = agent.infer(input(1));
        CompletableFuture<InferenceResult> second = agent.infer(input(2));
        FakeGateway.Request held = gateway.awaitRequest();
        assertThat(held.header.getRequestId()).isEqualTo(1);
        held.answer();
        get(first);
        gateway.awaitRequest().answer();
        assertThat(get(second).source()).isEqualTo(Source.SPLIT);
        assertThat(gateway.violations).isEmpty();
    }

    @Test
    void goesLocalWhenCreditDoesNotComeInTime() throws Exception {
        gateway.credit = Credit.newBuilder().setFrames(0).setBytes(1 << 20).build();
        EdgeAgent agent = agent(Split.at(1));
        awaitLinkUp();
        int idle = clock.waiting();
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofSeconds(4));
        // The one worker encodes the first boundary before it runs the second head, and that sets its timers.
        agent.infer(input(2), Duration.ofSeconds(4));
        clock.awaitWaiting(idle + 4);
        clock.advance(2 * SECOND);
        InferenceResult result = get(future);
        assertThat(result.fallback().cause()).isEqualTo(Cause.NO_CREDIT);
        assertThat(result.wireBytes()).isZero();
        assertThat(gateway.chunks).isEmpty();
    }
}
