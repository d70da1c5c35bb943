package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.v1.Credit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What an agent does when the gateway takes what it is sent and says nothing, or says it too late. */
class EdgeAgentOutageTest extends AgentFixture {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration LONG = Duration.ofHours(1);

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    /** An agent with a stream over which nothing is heard any more. */
    private EdgeAgent swallowed() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        awaitLinkUp();
        gateway.script = FakeGateway.Script.SWALLOW;
        gateway.answersPings = false;
        return agent;
    }

    @Test
    void anAckThatDoesNotComeIsNoticedWithinHalfASecond() throws Exception {
        EdgeAgent agent = swallowed();
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        gateway.awaitRequest();
        clock.advance(500 * MILLI);
        InferenceResult result = get(future);
        assertAnswers(result, AffineModel.inputs(1, 1));
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback().cause()).isEqualTo(Cause.LINK_DOWN);
        assertThat(result.fallback().message()).isEqualTo("gateway does not acknowledge what it was sent");
        assertThat(events).contains("down");
    }

    @Test
    void whileInDoubtRequestsAreAnsweredHereAtOnce() throws Exception {
        EdgeAgent agent = swallowed();
        agent.infer(input(1), LONG);
        gateway.awaitRequest();
        clock.advance(500 * MILLI);
        assertThat(get(agent.infer(input(2), LONG)).source()).isEqualTo(Source.LOCAL);
        assertThat(get(agent.infer(input(3), LONG)).fallback().cause()).isEqualTo(Cause.LINK_DOWN);
    }

    /** A transport that takes everything would keep them until the link is back, in the way of what is then wanted. */
    @Test
    void nothingIsHandedOverWhileInDoubt() throws Exception {
        EdgeAgent agent = swallowed();
        agent.infer(input(1), LONG);
        gateway.awaitRequest();
        clock.advance(500 * MILLI);
        for (int i = 2; i < 6; i++) {
            assertThat(get(agent.infer(input(i), LONG)).source()).isEqualTo(Source.LOCAL);
        }
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void whatWaitsThroughTheDoubtIsHandedOverWhenItEnds() throws Exception {
        EdgeAgent agent = agentWithoutLocal(Split.at(1));
        awaitLinkUp();
        gateway.script = FakeGateway.Script.SWALLOW;
        gateway.answersPings = false;
        agent.infer(input(1), LONG);
        FakeGateway.Request held = gateway.awaitRequest();
        clock.advance(600 * MILLI);
        gateway.script = FakeGateway.Script.ANSWER;
        CompletableFuture<InferenceResult> second = agent.infer(input(2), LONG);
        assertThat(second).isNotDone();
        held.answer();
        assertThat(get(second).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void aLateAnswerEndsTheDoubt() throws Exception {
        EdgeAgent agent = swallowed();
        agent.infer(input(1), LONG);
        FakeGateway.Request held = gateway.awaitRequest();
        clock.advance(500 * MILLI);
        gateway.script = FakeGateway.Script.ANSWER;
        gateway.answersPings = true;
        held.answer();
        assertThat(get(agent.infer(input(2), LONG)).source()).isEqualTo(Source.SPLIT);
        assertThat(events).containsSubsequence("up fake", "down", "up fake");
        assertThat(gateway.opens).hasSize(1);
    }

    @Test
    void aStreamThatStaysSilentIsReplaced() throws Exception {
        EdgeAgent agent = swallowed();
        agent.infer(input(1), LONG);
        gateway.awaitRequest();
        clock.advance(500 * MILLI);
        gateway.script = FakeGateway.Script.ANSWER;
        gateway.answersPings = true;
        clock.advance(2500 * MILLI);
        assertThat(gateway.opens).hasSize(2);
        assertThat(get(agent.infer(input(2), LONG)).source()).isEqualTo(Source.SPLIT);
        assertThat(events).filteredOn(event -> event.equals("down")).hasSize(1);
    }

    @Test
    void requestsThatCannotBeAnsweredHereWaitThroughTheDoubt() throws Exception {
        EdgeAgent agent = agentWithoutLocal(Split.at(1));
        awaitLinkUp();
        gateway.script = FakeGateway.Script.SWALLOW;
        gateway.answersPings = false;
        CompletableFuture<InferenceResult> future = agent.infer(input(1), LONG);
        FakeGateway.Request held = gateway.awaitRequest();
        clock.advance(600 * MILLI);
        assertThat(future).isNotDone();
        held.answer();
        assertThat(get(future).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void anotherNetworkMeansANewStreamAtOnce() throws Exception {
        EdgeAgent agent = swallowed();
        gateway.script = FakeGateway.Script.ANSWER;
        agent.networkChanged();
        assertThat(gateway.opens).hasSize(2);
        assertThat(get(agent.infer(input(1), LONG)).source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void aGatewayThatTakesRequestsAndNeverAnswersIsAvoided() throws Exception {
        EdgeAgent agent = agent(Split.auto());
        awaitLinkUp();
        gateway.script = FakeGateway.Script.HOLD;
        for (int i = 0; i < 5; i++) {
            CompletableFuture<InferenceResult> late = agent.infer(input(i), Duration.ofSeconds(1));
            gateway.awaitRequest();
            clock.advance(999 * MILLI);
            assertThat(get(late).source()).isEqualTo(Source.LOCAL);
        }
        InferenceResult spared = get(agent.infer(input(9), Duration.ofSeconds(1)));
        assertThat(spared.source()).isEqualTo(Source.LOCAL);
        assertThat(spared.fallback()).isNull();
        gateway.script = FakeGateway.Script.ANSWER;
        clock.advance(200 * MILLI);
        assertThat(get(agent.infer(input(10))).source()).isNotEqualTo(Source.LOCAL);
        assertThat(get(agent.infer(input(11))).source()).isNotEqualTo(Source.LOCAL);
    }

    /** An agent that has one frame at the gateway, unanswered, and one that waits for credit. */
    private EdgeAgent full(EdgeAgentBuilder builder) throws Exception {
        gateway.credit = Credit.newBuilder().setFrames(1).setBytes(1 << 20).build();
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = started(builder);
        awaitLinkUp();
        agent.infer(input(1), LONG);
        gateway.awaitRequest();
        engine.hold();
        agent.infer(input(2), LONG);
        engine.awaitHeld(1); // the second head runs, so nothing waits yet
        agent.infer(input(3), LONG);
        engine.release();
        while (engine.runs().size() < 3) {
            Thread.onSpinWait(); // the worker encodes the second boundary before it runs the third head
        }
        return agent;
    }

    @Test
    void aFullWindowSendsRequestsToTheDevice() throws Exception {
        EdgeAgent agent = full(builder(bundle).split(Split.at(1)).overflow(Overflow.LOCAL));
        InferenceResult result = get(agent.infer(input(4), LONG));
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.decision().why()).startsWith("LOCAL: the gateway's window is full");
    }

    @Test
    void aFullWindowRefusesRequestsWhereThatIsAskedFor() throws Exception {
        EdgeAgent agent = full(builder(bundle).split(Split.at(1)).overflow(Overflow.REJECT));
        InferenceException refused = failure(agent.infer(input(4), LONG));
        assertThat(refused.reason()).isEqualTo(InferenceException.Reason.REFUSED);
        assertThat(refused).hasMessageContaining("window is full").hasMessageEndingWith("expected none");
    }

    @Test
    void aFixedPointWaitsForCredit() throws Exception {
        EdgeAgent agent = full(builder(bundle).split(Split.at(1)));
        CompletableFuture<InferenceResult> future = agent.infer(input(4), LONG);
        gateway.script = FakeGateway.Script.ANSWER;
        gateway.session().credit(8, 0);
        assertThat(get(future).source()).isEqualTo(Source.SPLIT);
    }
}
