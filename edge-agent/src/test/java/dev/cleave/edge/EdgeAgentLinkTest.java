package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Limits;
import dev.cleave.v1.Opened;
import dev.cleave.v1.ServerMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EdgeAgentLinkTest extends AgentFixture {
    /** Two segments of the model, one row. */
    private static final long REST_NANOS = 2200;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    @Test
    void goesOnAfterTheGatewayWasKilledAndRestarted() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> lost = agent.infer(input(1));
        gateway.awaitRequest();
        gateway.kill();
        assertThat(get(lost).fallback().cause()).isEqualTo(Cause.LINK_DOWN);
        clock.advance(20 * SECOND);
        assertThat(get(agent.infer(input(2))).fallback().cause()).isEqualTo(Cause.LINK_DOWN);
        gateway.script = FakeGateway.Script.ANSWER;
        gateway.start();
        clock.advance(10 * SECOND);
        assertThat(get(agent.infer(input(3))).source()).isEqualTo(Source.SPLIT);
        assertThat(events.stream().filter(event -> event.equals("up fake") || event.equals("down")))
                .containsExactly("up fake", "down", "up fake");
    }

    @Test
    void failsByNameWhileThereIsNoGatewayAndNoLocal() throws Exception {
        gateway.kill();
        EdgeAgent agent = agentWithoutLocal(Split.auto());
        InferenceException failure = failure(agent.infer(input(1)));
        assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(failure).hasMessageStartingWith("request 1: stream to the gateway ended with UNAVAILABLE");
    }

    @Test
    void aWrongBundleIsNamedAndNotAskedForAgainAtOnce() throws Exception {
        bundle = new AffineModel().privacyFloor(1).full(folder);
        EdgeAgent agent = agent(Split.at(1));
        InferenceResult result = get(agent.infer(input(1)));
        assertThat(result.fallback().cause()).isEqualTo(Cause.REFUSED);
        assertThat(result.fallback().message())
                .startsWith("gateway: BUNDLE_NOT_SERVED: bundle " + bundle.id() + " is not served");
        clock.advance(3 * SECOND);
        assertThat(gateway.opens).hasSize(1);
        clock.advance(60 * SECOND);
        assertThat(gateway.opens.size()).isBetween(2, 20);
    }

    @Test
    void heedsHowLongADrainingGatewayAsksToWait() throws Exception {
        gateway.refusal = Error.newBuilder()
                .setCode(Error.Code.DRAINING)
                .setRetryAfterMicros(2_000_000)
                .build();
        agent(Split.at(1));
        clock.advance(SECOND);
        assertThat(gateway.opens).hasSize(1);
        gateway.refusal = null;
        clock.advance(SECOND);
        assertThat(gateway.opens).hasSize(2);
        assertThat(events).containsExactly("down", "up fake");
    }

    @Test
    void requestsWaitForTheFirstConnection() throws Exception {
        gateway.silentAtOpen = true;
        EdgeAgent agent = agent(Split.at(1));
        int idle = clock.waiting();
        CompletableFuture<InferenceResult> future = agent.infer(input(1));
        clock.awaitWaiting(idle + 2);
        clock.advance(4 * SECOND);
        assertThat(future).isNotDone();
        gateway.silentAtOpen = false;
        clock.advance(SECOND);
        assertThat(get(future).fallback().message()).isEqualTo("gateway did not open the stream within 5000 ms");
        clock.advance(SECOND);
        assertThat(get(agent.infer(input(2))).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void aRequestWhosePointTheAgentChoseDoesNotWaitForTheFirstConnection() throws Exception {
        gateway.silentAtOpen = true;
        EdgeAgent agent = agent(Split.auto());
        InferenceResult result = get(agent.infer(input(1)));
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback().message()).isEqualTo("no connection to the gateway yet");
        assertAnswers(result, AffineModel.inputs(1, 1));
    }

    @Test
    void aDeviceThatIsKnownWaitsForAConnectionAsLongAsItWouldTakeItself() throws Exception {
        gateway.points = Collections.emptyList();
        EdgeAgent agent = agent(Split.auto());
        for (int i = 0; i < 5; i++) {
            assertThat(get(agent.infer(input(i))).source()).isEqualTo(Source.LOCAL);
        }
        gateway.points = Collections.singletonList(1);
        agent.networkChanged();
        gateway.silentAtOpen = true;
        agent.networkChanged();
        int idle = clock.waiting();
        CompletableFuture<InferenceResult> future = agent.infer(input(6));
        clock.awaitWaiting(idle + 3);
        clock.advance(REST_NANOS / 2);
        assertThat(future).isNotDone();
        clock.advance(REST_NANOS);
        assertThat(get(future).fallback().message()).isEqualTo("no connection to the gateway yet");
    }

    @Test
    void aDrainedStreamAnswersWhatItHasWhileTheNextTakesOver() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        awaitLinkUp();
        clock.advance(2 * SECOND);
        CompletableFuture<InferenceResult> first = agent.infer(input(1));
        FakeGateway.Request held = gateway.awaitRequest();
        gateway.session().drain();
        CompletableFuture<InferenceResult> second = agent.infer(input(2));
        gateway.awaitRequest().answer();
        assertThat(get(second).source()).isEqualTo(Source.SPLIT);
        assertThat(gateway.sessions).hasSize(2);
        assertThat(gateway.sessions.get(0).ended).isFalse();
        held.answer();
        assertThat(get(first).source()).isEqualTo(Source.SPLIT);
        assertThat(gateway.sessions.get(0).ended).isTrue();
        assertThat(events).startsWith("up fake").doesNotContain("down");
    }

    @Test
    void aSilentGatewayIsGivenUp() throws Exception {
        gateway.answersPings = false;
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> future = agent.infer(input(1), Duration.ofHours(1));
        gateway.awaitRequest();
        clock.advance(45 * SECOND);
        InferenceResult result = get(future);
        assertThat(result.fallback().message()).isEqualTo("gateway is silent: no answer to a ping in 30000 ms");
    }

    @Test
    void aGatewayThatAnswersPingsIsKept() throws Exception {
        agent(Split.at(1));
        clock.advance(600 * SECOND);
        assertThat(gateway.opens).hasSize(1);
        assertThat(events).containsExactly("up fake");
    }

    @Test
    void refusesTermsThatMakeNoSense() throws Exception {
        gateway.points = Arrays.asList(0, 9);
        InferenceResult result = get(agent(Split.at(1)).infer(input(1)));
        assertThat(result.fallback().cause()).isEqualTo(Cause.REFUSED);
        assertThat(result.fallback().message()).isEqualTo("gateway opened with point 9; expected 0..2");
    }

    @Test
    void refusesASecondHandshake() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> future = agent(Split.at(1)).infer(input(1));
        gateway.awaitRequest();
        gateway.session()
                .send(ServerMessage.newBuilder()
                        .setOpened(Opened.newBuilder()
                                .setLimits(Limits.newBuilder()
                                        .setMaxChunkBytes(1024)
                                        .setMaxFrameBytes(1)
                                        .setMaxRows(1)))
                        .build());
        assertThat(get(future).fallback().message()).isEqualTo("gateway opened the stream twice; expected once");
    }

    @Test
    void aPointThatTheGatewayDoesNotServeIsFinishedHere() throws Exception {
        gateway.points = Collections.singletonList(0);
        EdgeAgent fixed = agent(Split.at(2));
        InferenceResult result = get(fixed.infer(input(1)));
        assertThat(result.fallback().message())
                .isEqualTo("split point 2 is not served by the gateway; expected one of [0]");
        assertThat(get(agent(Split.auto()).infer(input(2))).source()).isEqualTo(Source.CLOUD);
    }

    @Test
    void looksAtTheLinkWhileRequestsStayOnTheDevice() throws Exception {
        gateway.points = Collections.emptyList();
        assertLooks(agent(Split.auto()), true);
        assertLooks(started(builder(bundle).probeBytesPerMinute(0)), false);
    }

    private void assertLooks(EdgeAgent agent, boolean probes) throws Exception {
        gateway.pings.clear();
        for (int i = 0; i < 3; i++) {
            assertThat(get(agent.infer(input(i))).source()).isEqualTo(Source.LOCAL);
        }
        assertThat(gateway.pings).isNotEmpty();
        assertThat(gateway.pings.stream().anyMatch(ping -> ping.getPadding().size() > 0))
                .isEqualTo(probes);
    }

    @Test
    void sendsChunksOfDifferentRequestsInTurn() throws Exception {
        gateway.maxChunkBytes = 1024;
        gateway.credit = Credit.newBuilder().setFrames(0).setBytes(1 << 20).build();
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        int idle = clock.waiting();
        Map<String, Tensor> large = AffineModel.inputs(8, 1);
        CompletableFuture<InferenceResult> first = agent.infer(large);
        CompletableFuture<InferenceResult> second = agent.infer(input(2));
        clock.awaitWaiting(idle + 4); // both heads have run
        engine.failNext("marker");
        failure(agent.infer(input(3))); // both frames are encoded: that went first
        gateway.session().credit(3, 0);
        gateway.awaitRequest();
        gateway.awaitRequest();
        assertThat(gateway.chunks.stream().map(Frame::getRequestId).limit(4)).containsExactly(1L, 2L, 1L, 2L);
        assertThat(gateway.chunks.get(gateway.chunks.size() - 1).getRequestId()).isEqualTo(1);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
    }

    @Test
    void joinsRepliesThatComeInChunks() throws Exception {
        gateway.chunkReplies = 1024;
        Map<String, Tensor> inputs = AffineModel.inputs(8, 5);
        InferenceResult result = get(agent(Split.at(1)).infer(inputs));
        assertThat(result.fallback()).isNull();
        assertAnswers(result, inputs);
    }

    @Test
    void tensorsTravelRawInThePlaceOfPictures() throws Exception {
        bundle = new AffineModel().preprocessing(AffineModel.grey()).full(folder);
        gateway.close();
        gateway = new FakeGateway(bundle);
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        InferenceResult result = get(agent(Split.cloud()).infer(inputs));
        assertThat(result.source()).isEqualTo(Source.CLOUD);
        assertAnswers(result, inputs);
        assertThat(gateway.chunks.get(0).getQuality())
                .as("level, which the reply has, too")
                .isZero();
    }

    @Test
    void aPictureIsAnsweredAlikeAtEveryPoint() throws Exception {
        bundle = new AffineModel().preprocessing(AffineModel.grey()).full(folder);
        gateway.close();
        gateway = new FakeGateway(bundle);
        float[] local = answerToPictures(Split.local(), bundle);
        for (int point = 0; point < AffineModel.LOCAL; point++) {
            assertThat(answerToPictures(Split.at(point), bundle))
                    .as("point %d", point)
                    .isEqualTo(local);
        }
        assertThat(gateway.chunks.get(0).getQuality()).isZero();
        gateway.script = FakeGateway.Script.BREAK;
        assertThat(answerToPictures(Split.cloud(), bundle)).as("after a break").isEqualTo(local);
    }

    private float[] answerToPictures(Split split, Bundle view) throws Exception {
        Map<String, Tensor> bias = AffineModel.inputs(2, 1);
        bias.remove("x");
        EdgeAgent agent = started(builder(view).split(split).quality("default"));
        return AffineModel.floats(get(agent.infer(new InferenceInput(bias, AffineModel.pictures())))
                .outputs()
                .get("y"));
    }
}
