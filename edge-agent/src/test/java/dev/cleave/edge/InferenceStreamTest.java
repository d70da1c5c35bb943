package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Order, waiting, giving way and ending of a stream's frames. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InferenceStreamTest extends AgentFixture {
    private static final long MILLI = 1_000_000;

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    private static List<CompletableFuture<InferenceResult>> submit(InferenceStream stream, int frames) {
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            futures.add(stream.submit(input(i)));
        }
        return futures;
    }

    private long superseded() {
        return events.stream().filter(event -> event.startsWith("superseded")).count();
    }

    @Test
    void framesAreAnsweredInTheOrderOfTheirSubmission() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.all(8));
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 3);
        List<FakeGateway.Request> held =
                List.of(gateway.awaitRequest(), gateway.awaitRequest(), gateway.awaitRequest());
        held.get(2).answer();
        assertThat(futures.get(2)).isNotDone();
        held.get(0).answer();
        assertAnswers(get(futures.get(0)), AffineModel.inputs(1, 0));
        assertThat(futures.get(2)).isNotDone();
        held.get(1).answer();
        assertAnswers(get(futures.get(1)), AffineModel.inputs(1, 1));
        assertAnswers(get(futures.get(2)), AffineModel.inputs(1, 2));
    }

    @Test
    void aFrameFailsInItsTurn() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agentWithoutLocal(Split.at(1)).stream(StreamSettings.all(8));
        CompletableFuture<InferenceResult> first = stream.submit(input(1));
        CompletableFuture<InferenceResult> malformed = stream.submit(Map.of());
        CompletableFuture<InferenceResult> refused = stream.submit(input(2));
        FakeGateway.Request held = gateway.awaitRequest();
        gateway.awaitRequest().fail(Error.Code.OVERLOADED, "scripted");
        assertThat(malformed).isNotDone();
        assertThat(refused).isNotDone();
        held.answer();
        assertAnswers(get(first), AffineModel.inputs(1, 1));
        assertThat(failure(malformed).reason()).isEqualTo(Reason.MALFORMED_INPUT);
        assertThat(failure(refused).reason()).isEqualTo(Reason.REFUSED);
    }

    @Test
    void theLatestFrameTakesThePlaceOfThoseThatWait() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.latest());
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 1);
        FakeGateway.Request held = gateway.awaitRequest();
        futures.addAll(submit(stream, 4));
        assertThat(superseded()).isEqualTo(3);
        for (int i = 1; i < 4; i++) {
            InferenceException failure = failure(futures.get(i));
            assertThat(failure.reason()).isEqualTo(Reason.SUPERSEDED);
            assertThat(failure)
                    .hasMessageMatching("frame " + (i + 1) + " of stream \\d+ gave way to frame " + (i + 2)
                            + " before it was sent");
        }
        assertThat(futures.get(0)).as("on its way").isNotDone();
        held.answer();
        get(futures.get(0));
        gateway.awaitRequest().answer();
        assertAnswers(get(futures.get(4)), AffineModel.inputs(1, 3));
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void nothingHoldsTheInputOfAFrameThatGaveWay() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> first = stream.submit(input(1));
        gateway.awaitRequest();
        Map<String, Tensor> tensors = AffineModel.inputs(1, 2);
        WeakReference<Tensor> superseded = new WeakReference<>(tensors.get("x"));
        CompletableFuture<InferenceResult> future = stream.submit(tensors);
        tensors.clear();
        stream.submit(input(3));
        assertThat(failure(future).reason()).isEqualTo(Reason.SUPERSEDED);
        while (superseded.get() != null) {
            System.gc();
        }
        assertThat(first).as("its turn would not have come").isNotDone();
    }

    @Test
    void aFrameWithoutCreditGivesWayToTheLatest() throws Exception {
        gateway.credit = Credit.newBuilder().setFrames(1).setBytes(1 << 20).build();
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        awaitLinkUp();
        agent.infer(input(1));
        FakeGateway.Request first = gateway.awaitRequest();
        InferenceStream stream = agent.stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> stale = stream.submit(input(2));
        CompletableFuture<InferenceResult> other = agent.infer(input(3));
        while (engine.runs().size() < 3) {
            Thread.onSpinWait(); // the worker encodes the frame before it runs the next head
        }
        clock.advance(MILLI);
        CompletableFuture<InferenceResult> fresh = stream.submit(input(4));
        assertThat(failure(stale).reason()).isEqualTo(Reason.SUPERSEDED);
        gateway.script = FakeGateway.Script.ANSWER;
        first.answer();
        gateway.session().credit(4, 0);
        assertAnswers(get(other), AffineModel.inputs(1, 3));
        assertAnswers(get(fresh), AffineModel.inputs(1, 4));
        assertThat(gateway.chunks).extracting(chunk -> chunk.getRequestId()).hasSize(3);
        assertThat(gateway.cancels).as("the gateway has not heard of it").isEmpty();
    }

    @Test
    void whereAllAreWantedTooManyAreRefused() throws Exception {
        engine.hold();
        InferenceStream stream = agent(Split.local()).stream(StreamSettings.all(2));
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 4);
        engine.release();
        for (int i = 0; i < 3; i++) {
            assertAnswers(get(futures.get(i)), AffineModel.inputs(1, i));
        }
        InferenceException refused = failure(futures.get(3));
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused).hasMessageContaining("2 wait for their turn; expected fewer");
    }

    @Test
    void oneFrameOfAStreamHasItsHeadRunAtATime() throws Exception {
        engine.hold();
        InferenceStream stream = agent(Split.local()).stream(StreamSettings.latest());
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 20);
        engine.release();
        get(futures.get(0));
        assertAnswers(get(futures.get(19)), AffineModel.inputs(1, 19));
        assertThat(superseded()).isEqualTo(18);
        assertThat(segmentsRun()).hasSize(2 * AffineModel.LOCAL);
    }

    @Test
    void framesThatGetNoAnswerFailByTheirDeadlines() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream =
                agentWithoutLocal(Split.at(1)).stream(StreamSettings.latest().withDeadline(Duration.ofSeconds(1)));
        CompletableFuture<InferenceResult> sent = stream.submit(input(1));
        gateway.awaitRequest();
        clock.advance(300 * MILLI);
        CompletableFuture<InferenceResult> waits = stream.submit(input(2));
        clock.advance(699 * MILLI);
        assertThat(sent).isNotDone();
        clock.advance(MILLI);
        assertThat(failure(sent).reason()).isEqualTo(Reason.DEADLINE);
        clock.advance(300 * MILLI);
        assertThat(failure(waits).reason()).isEqualTo(Reason.DEADLINE);
    }

    @Test
    void aFrameThatWaitsForItsTurnDoesNotWaitBeyondItsDeadline() throws Exception {
        engine.hold();
        InferenceStream stream =
                agent(Split.local()).stream(StreamSettings.all(8).withDeadline(Duration.ofSeconds(1)));
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 3);
        engine.awaitHeld(1);
        clock.advance(1000 * MILLI);
        for (CompletableFuture<InferenceResult> future : futures) {
            assertThat(failure(future).reason()).isEqualTo(Reason.DEADLINE);
        }
        engine.release();
    }

    /** A device that has not run the rest yet keeps half of the time for it. */
    @Test
    void aGatewayThatStallsIsHedgedAndTheNextFrameFollows() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream =
                agent(Split.at(1)).stream(StreamSettings.latest().withDeadline(Duration.ofSeconds(20)));
        CompletableFuture<InferenceResult> first = stream.submit(input(1));
        gateway.awaitRequest();
        CompletableFuture<InferenceResult> second = stream.submit(input(2));
        gateway.script = FakeGateway.Script.ANSWER;
        clock.advance(10_001 * MILLI);
        assertThat(get(first).source()).isEqualTo(Source.LOCAL);
        assertThat(get(second).fallback()).isNull();
        assertThat(get(second).source()).isEqualTo(Source.SPLIT);
        assertAnswers(get(second), AffineModel.inputs(1, 2));
    }

    @Test
    void aCancelledFrameHoldsUpNobody() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.all(8));
        List<CompletableFuture<InferenceResult>> futures = submit(stream, 3);
        gateway.awaitRequest();
        FakeGateway.Request second = gateway.awaitRequest();
        gateway.awaitRequest().answer();
        assertThat(futures.get(0).cancel(true)).isTrue();
        assertThat(gateway.cancels.poll(60, TimeUnit.SECONDS)).isNotNull();
        second.answer();
        assertAnswers(get(futures.get(2)), AffineModel.inputs(1, 2));
    }

    @Test
    void closingEndsEveryFrameByName() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream stream = agent.stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> sent = stream.submit(input(1));
        FakeGateway.Request held = gateway.awaitRequest();
        CompletableFuture<InferenceResult> waits = stream.submit(input(2));
        stream.close();
        stream.close();
        assertThat(failure(sent)).hasMessage("stream is closed");
        assertThat(failure(waits).reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure(stream.submit(input(3))).reason()).isEqualTo(Reason.CLOSED);
        assertThat(gateway.cancels.poll(60, TimeUnit.SECONDS)).isEqualTo(held.header.getRequestId());
        assertThat(gateway.cancels).isEmpty();
        gateway.script = FakeGateway.Script.ANSWER;
        assertThat(get(agent.infer(input(4))).source()).as("the agent goes on").isEqualTo(Source.SPLIT);
    }

    @Test
    void theAgentsEndIsTheStreamsEnd() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream stream = agent.stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> sent = stream.submit(input(1));
        gateway.awaitRequest();
        CompletableFuture<InferenceResult> waits = stream.submit(input(2));
        agent.close();
        assertThat(failure(sent).reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure(waits).reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure(stream.submit(input(3))).reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void streamsOfAnAgentDoNotWaitForEachOther() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream first = agent.stream(StreamSettings.latest());
        InferenceStream second = agent.stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> slow = first.submit(input(1));
        FakeGateway.Request held = gateway.awaitRequest();
        gateway.script = FakeGateway.Script.ANSWER;
        assertAnswers(get(second.submit(input(2))), AffineModel.inputs(1, 2));
        assertThat(slow).isNotDone();
        held.answer();
        get(slow);
        assertThat(first.id()).isNotEqualTo(second.id());
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedByName() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        assertThatThrownBy(() -> StreamSettings.all(0)).hasMessage("depth 0 of a stream; expected 1 or more");
        assertThatThrownBy(() -> StreamSettings.latest().withAddedError(-1))
                .hasMessage("added error -1.0; expected 0 to 1");
        assertThatThrownBy(() -> agent.stream(StreamSettings.latest().withDeadline(Duration.ZERO)))
                .hasMessageStartingWith("deadline PT0S");
        assertThatThrownBy(() -> EdgeAgent.builder().overflow(Overflow.LATEST))
                .hasMessage("overflow LATEST is for streams; expected LOCAL, WAIT or REJECT");
    }
}
