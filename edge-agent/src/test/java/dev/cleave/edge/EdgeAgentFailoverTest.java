package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent with two gateways: {@code gateway}, the preferred one, and {@code second}. */
class EdgeAgentFailoverTest extends AgentFixture {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = 1000 * MILLI;
    private static final Duration LONG = Duration.ofHours(1);

    private FakeGateway second;

    @BeforeEach
    void startSecond() throws Exception {
        second = anotherGateway();
    }

    private EdgeAgent agentOfBoth(Bundle view, Split split) throws Exception {
        EdgeAgent agent = started(builder(view).channel(channelTo(second)).split(split));
        awaitLinkUp();
        return agent;
    }

    private EdgeAgent agentOfBoth(Split split) throws Exception {
        return agentOfBoth(bundle, split);
    }

    private EdgeAgent agentOfBothWithoutLocal() throws Exception {
        return agentOfBoth(new AffineModel().edgeThrough(folder, 2), Split.at(1));
    }

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    private void assertSplitsOver(FakeGateway one, EdgeAgent agent) throws Exception {
        int before = one.chunks.size();
        Map<String, Tensor> inputs = AffineModel.inputs(1, before);
        InferenceResult result = get(agent.infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.SPLIT);
        assertThat(one.chunks).hasSize(before + 1);
    }

    @Test
    void usesTheFirstAndLeavesTheSecondAlone() throws Exception {
        EdgeAgent agent = agentOfBoth(Split.at(1));
        clock.advance(600 * SECOND);
        assertSplitsOver(gateway, agent);
        assertThat(second.opens).isEmpty();
        assertThat(linkEvents).containsExactly("up localhost#1");
    }

    @Test
    void theNextTakesOverAtOnceWhereOneDies() throws Exception {
        EdgeAgent agent = agentOfBoth(Split.at(1));
        gateway.kill();
        assertSplitsOver(second, agent);
        assertThat(linkEvents).hasSize(3).contains("up localhost#2");
        assertThat(linkEvents.get(1)).startsWith("down localhost#1: stream to the gateway ended with UNAVAILABLE");
    }

    @Test
    void staysWithTheSecondWhenTheFirstIsBackUntilTheNetworkChanges() throws Exception {
        EdgeAgent agent = agentOfBoth(Split.at(1));
        gateway.kill();
        gateway.start();
        clock.advance(600 * SECOND);
        assertSplitsOver(second, agent);
        agent.networkChanged();
        assertSplitsOver(gateway, agent);
        assertThat(linkEvents).endsWith("down localhost#2: gateway was left for localhost#1", "up localhost#1");
    }

    @Test
    void goesBackToTheFirstWhenTheSecondDies() throws Exception {
        EdgeAgent agent = agentOfBoth(Split.at(1));
        gateway.kill();
        gateway.start();
        clock.advance(2 * SECOND);
        second.kill();
        assertSplitsOver(gateway, agent);
    }

    @Test
    void oneThatServesAnotherBundleHidesNobody() throws Exception {
        gateway.refusal = Error.newBuilder()
                .setCode(Error.Code.BUNDLE_NOT_SERVED)
                .setMessage("another one")
                .build();
        EdgeAgent agent = agentOfBoth(Split.at(1));
        assertSplitsOver(second, agent);
        assertThat(linkEvents)
                .containsExactly("down localhost#1: gateway: BUNDLE_NOT_SERVED: another one", "up localhost#2");
        second.kill();
        awaitLinkEvent("down localhost#2");
        InferenceResult result = get(agent.infer(input(1)));
        assertThat(result.fallback().cause()).as("only one refuses").isEqualTo(Cause.LINK_DOWN);
        assertThat(result.fallback().message())
                .startsWith("localhost#1: gateway: BUNDLE_NOT_SERVED: another one; localhost#2: stream to the gateway");
    }

    @Test
    void anotherIsTriedBesideOneThatDoesNotAnswerTheHandshake() throws Exception {
        gateway.silentAtOpen = true;
        EdgeAgent agent = started(builder(bundle).channel(channelTo(second)).split(Split.at(1)));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        clock.advance(500 * MILLI);
        assertThat(get(future).source()).isEqualTo(Source.SPLIT);
        assertThat(second.chunks).hasSize(1);
        assertThat(gateway.session().ended).as("overtaken").isTrue();
    }

    @Test
    void anOutageInWhichAttemptsOverlapHoldsUpNoneThatTheDeviceCanAnswer() throws Exception {
        gateway.silentAtOpen = true;
        second.silentAtOpen = true;
        EdgeAgent agent = started(builder(bundle).channel(channelTo(second)).split(Split.at(1)));
        CompletableFuture<InferenceResult> first = agent.infer(input(1), LONG);
        clock.advance(5 * SECOND);
        assertThat(get(first).fallback().cause()).isEqualTo(Cause.LINK_DOWN);
        assertThat(get(agent.infer(input(2), LONG)).source()).isEqualTo(Source.LOCAL);
    }

    @Test
    void oneThatTheDeviceCannotAnswerWaitsThroughIt() throws Exception {
        gateway.silentAtOpen = true;
        second.silentAtOpen = true;
        Bundle view = new AffineModel().edgeThrough(folder, 2);
        EdgeAgent agent = started(builder(view).channel(channelTo(second)).split(Split.at(1)));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        clock.advance(30 * SECOND);
        assertThat(future).isNotDone();
        second.silentAtOpen = false;
        clock.advance(15 * SECOND);
        assertThat(get(future).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void oneThatDrainsAnswersWhatItHasWhileTheNextTakesOver() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentOfBoth(Split.at(1));
        CompletableFuture<InferenceResult> held = agent.infer(input(1), LONG);
        FakeGateway.Request request = gateway.awaitRequest();
        gateway.session().drain();
        assertSplitsOver(second, agent);
        request.answer();
        assertThat(get(held).source()).isEqualTo(Source.SPLIT);
        assertThat(gateway.opens).hasSize(1);
    }

    @Test
    void whatWaitsIsFinishedOnTheDeviceWhereThatIsPossible() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentOfBoth(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        gateway.awaitRequest();
        gateway.kill();
        assertThat(get(future).source()).isEqualTo(Source.LOCAL);
        assertThat(second.chunks).isEmpty();
    }

    @Test
    void whatTheDeviceCannotFinishIsSentToTheNextGateway() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentOfBothWithoutLocal();
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        CompletableFuture<InferenceResult> future = agent.infer(InferenceInput.of(inputs), LONG);
        FakeGateway.Request lost = gateway.awaitRequest();
        gateway.kill();
        InferenceResult result = get(future);
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.SPLIT);
        assertThat(result.wireBytes())
                .as("sent twice")
                .isEqualTo(2L * second.chunks.get(0).getFrameBytes());
        assertThat(second.chunks).hasSize(1);
        lost.answer();
        assertThat(events.stream().filter(event -> event.startsWith("ended"))).containsExactly("ended 1");
    }

    @Test
    void aRequestThatEveryGatewayBreaksOnIsNotHandedOnForEver() throws Exception {
        gateway.script = FakeGateway.Script.BREAK;
        second.script = FakeGateway.Script.BREAK;
        EdgeAgent agent = agentOfBothWithoutLocal();
        InferenceException failure = failure(agent.infer(input(1), LONG));
        assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(gateway.chunks).hasSize(1);
        assertThat(second.chunks).hasSize(1);
    }

    @Test
    void aSwallowedFrameIsSentToTheNextGatewayWhenTheFirstIsGivenUp() throws Exception {
        EdgeAgent agent = agentOfBothWithoutLocal();
        gateway.script = FakeGateway.Script.SWALLOW;
        gateway.answersPings = false;
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        gateway.awaitRequest();
        clock.advance(600 * MILLI);
        assertThat(future).as("it may yet arrive").isNotDone();
        clock.advance(2000 * MILLI);
        assertThat(get(future).source()).isEqualTo(Source.SPLIT);
        assertThat(second.chunks).hasSize(1);
    }

    @Test
    void theDeadlineHoldsWhileNoOtherAnswers() throws Exception {
        EdgeAgent agent = agentOfBothWithoutLocal();
        gateway.script = FakeGateway.Script.HOLD;
        second.silentAtOpen = true;
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofSeconds(1));
        gateway.awaitRequest();
        gateway.kill();
        clock.advance(SECOND);
        InferenceException failure = failure(future);
        assertThat(failure.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(failure).hasMessageContaining("it was waiting for a connection to another gateway");
    }

    @Test
    void eachGatewayServesPointsOfItsOwn() throws Exception {
        second.points = Collections.singletonList(0);
        EdgeAgent agent = agentOfBoth(Split.auto());
        gateway.kill();
        assertThat(get(agent.infer(input(1))).source()).isEqualTo(Source.CLOUD);
        assertThat(second.chunks).hasSize(1);
    }
}
