package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.policy.Overflow;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an agent does with more requests than link and device can take in time. */
class EdgeAgentBackPressureTest extends AgentFixture {
    private static final long MILLI = 1_000_000;
    private static final long NANOS_PER_BYTE = 10_000;
    private static final Duration LONG = Duration.ofHours(1);

    /** A frame of 2 KiB takes 20 ms on the link, and then waits as long as the gateway says nothing. */
    private EdgeAgent onAKnownLink(EdgeAgentBuilder builder) throws Exception {
        gateway.wire = bytes -> clock.pass(MILLI + bytes * NANOS_PER_BYTE);
        EdgeAgent agent = started(builder.quality("raw"));
        awaitLinkUp();
        for (int i = 0; i < 6; i++) {
            clock.advance(2000 * MILLI);
            assertThat(get(agent.infer(input(i), LONG)).source()).isNotEqualTo(Source.LOCAL);
        }
        gateway.wire = bytes -> {};
        gateway.script = FakeGateway.Script.SWALLOW;
        return agent;
    }

    private EdgeAgentBuilder cloud(Overflow overflow) {
        return builder(bundle).split(Split.cloud()).overflow(overflow);
    }

    private static InferenceInput input(int seed) {
        return InferenceInput.of(AffineModel.inputs(1, seed));
    }

    private void sendUnacknowledged(EdgeAgent agent, int frames) throws Exception {
        for (int i = 0; i < frames; i++) {
            agent.infer(input(i), LONG);
            gateway.awaitRequest();
        }
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    @Test
    void aBusyLinkSendsRequestsToTheDeviceAlthoughThereIsCredit() throws Exception {
        EdgeAgent agent = onAKnownLink(cloud(Overflow.LOCAL));
        CompletableFuture<InferenceResult> sent = agent.infer(input(1), LONG);
        gateway.awaitRequest();
        InferenceResult here = get(agent.infer(input(2), LONG));
        assertThat(here.source()).isEqualTo(Source.LOCAL);
        assertThat(here.decision().why()).isEqualTo("LOCAL: 2124 bytes ahead take 19 ms, longer than this device");
        assertThat(sent).isNotDone();
    }

    @Test
    void anIdleLinkTakesAnyFrameHoweverLongItTakes() throws Exception {
        EdgeAgent agent = onAKnownLink(cloud(Overflow.LOCAL));
        gateway.script = FakeGateway.Script.ANSWER;
        assertThat(get(agent.infer(input(1), millis(5))).source()).isEqualTo(Source.CLOUD);
    }

    @Test
    void whatWouldComeTooLateIsRefusedAtOnce() throws Exception {
        EdgeAgent agent = onAKnownLink(cloud(Overflow.REJECT).localFallback(false));
        sendUnacknowledged(agent, 2);
        InferenceException refused = failure(agent.infer(input(3), millis(50)));
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused)
                .hasMessageMatching(
                        "with 4\\d+ bytes ahead the gateway's answer takes \\d\\d ms; expected at most 50 ms");
        assertThat(agent.infer(input(4), LONG)).isNotDone();
        gateway.awaitRequest();
    }

    @Test
    void whoWouldWaitInVainIsAnsweredByTheDevice() throws Exception {
        EdgeAgent agent = onAKnownLink(cloud(Overflow.WAIT));
        sendUnacknowledged(agent, 2);
        assertThat(get(agent.infer(input(3), millis(50))).source()).isEqualTo(Source.LOCAL);
        agent.infer(input(4), LONG);
        gateway.awaitRequest();
    }

    @Test
    void whoWouldWaitInVainIsRefusedWhereTheDeviceMustNotAnswer() throws Exception {
        EdgeAgent agent = onAKnownLink(cloud(Overflow.WAIT).localFallback(false));
        sendUnacknowledged(agent, 2);
        assertThat(failure(agent.infer(input(3), millis(50))).reason()).isEqualTo(Reason.REFUSED);
    }

    @Test
    void requestsWhoseHeadsWaitCountAsOnTheirWay() throws Exception {
        EdgeAgent agent = onAKnownLink(builder(bundle).split(Split.at(1)).overflow(Overflow.LOCAL));
        engine.hold();
        agent.infer(input(1), LONG);
        engine.awaitHeld(1);
        CompletableFuture<InferenceResult> second = agent.infer(input(2), LONG);
        engine.release();
        assertThat(get(second).source()).isEqualTo(Source.LOCAL);
        gateway.awaitRequest();
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void inputsThatWaitForTheDeviceAreBounded() throws Exception {
        EdgeAgent agent = started(builder(bundle).split(Split.local()).maxWaitingInputBytes(5000));
        engine.hold();
        CompletableFuture<InferenceResult> first = agent.infer(input(1), LONG);
        engine.awaitHeld(1);
        agent.infer(input(2), LONG);
        CompletableFuture<InferenceResult> third = agent.infer(input(3), LONG);
        assertThat(failure(agent.infer(input(4), LONG)))
                .hasMessage("requests with inputs of 6144 bytes wait for this device; expected at most 5000");
        engine.release();
        get(first);
        get(third);
        assertThat(get(agent.infer(input(5), LONG)).source()).isEqualTo(Source.LOCAL);
    }

    /** Whose last segment takes 100 ms, and whom no gateway helps. */
    private EdgeAgent slow(Split split) throws Exception {
        bundle = new AffineModel().slow(100 * MILLI).full(folder);
        gateway.close();
        gateway = new FakeGateway(bundle);
        gateway.points = Collections.singletonList(0);
        EdgeAgent agent = agent(split);
        for (int i = 0; i < 3; i++) {
            assertThat(get(agent.infer(input(i), LONG)).source()).isEqualTo(Source.LOCAL);
        }
        return agent;
    }

    private static void assertTriedOnce(InferenceException first, InferenceException second) {
        assertThat(first.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(first).hasMessageContaining("waiting for the local run");
        assertThat(second.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(second)
                .hasMessageMatching(
                        ".* has (50|49) ms left of 50; the local run, which takes about 100 ms, was not begun");
    }

    @Test
    void aLocalRunThatCannotEndInTimeIsTriedOnceAndThenNotBegun() throws Exception {
        EdgeAgent agent = slow(Split.local());
        InferenceException first = failure(agent.infer(input(4), millis(50)));
        int runs = engine.runs().size();
        InferenceException second = failure(agent.infer(input(5), millis(50)));
        assertTriedOnce(first, second);
        assertThat(engine.runs()).hasSize(runs);
        assertThat(get(agent.infer(input(6), millis(150))).source()).isEqualTo(Source.LOCAL);
    }

    /** Its last segment takes 10 ms at first, so that 22.5 ms are kept for it, then 20 ms, and 30 when it counts. */
    @Test
    void aDeviceThatHasBecomeSlowerMeanwhileBeginsEarlier() throws Exception {
        bundle = new AffineModel().slow(10 * MILLI).full(folder);
        gateway.close();
        gateway = new FakeGateway(bundle);
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        for (int i = 0; i < 3; i++) {
            answeredHere(sent(agent, i, 100));
        }
        CompletableFuture<InferenceResult> waiting = sent(agent, 3, 1000);
        timesSlower = 2;
        for (int i = 0; i < 6; i++) {
            answeredHere(sent(agent, 4 + i, 100));
        }
        timesSlower = 3;
        assertThat(answeredHere(waiting).deadlineMet()).isTrue();
    }

    private CompletableFuture<InferenceResult> sent(EdgeAgent agent, int seed, long millis) throws Exception {
        CompletableFuture<InferenceResult> future = agent.infer(input(seed), millis(millis));
        gateway.awaitRequest();
        return future;
    }

    /**
     * Time passes until a request is taken up here, no faster than in life, so that acknowledgements of the gateway are not missed; and then as
     * its run takes.
     */
    private InferenceResult answeredHere(CompletableFuture<InferenceResult> future) throws Exception {
        int takenUp = takenUp();
        while (takenUp() == takenUp) {
            clock.advance(MILLI);
            Thread.sleep(1);
        }
        InferenceResult result = get(future);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        return result;
    }

    private int takenUp() {
        return (int)
                events.stream().filter(event -> event.startsWith("fallback")).count();
    }

    @Test
    void theSameHoldsForARunInTheGatewaysPlace() throws Exception {
        EdgeAgent agent = slow(Split.at(1));
        InferenceException first = failure(agent.infer(input(4), millis(50)));
        int runs = engine.runs().size();
        InferenceException second = failure(agent.infer(input(5), millis(50)));
        assertTriedOnce(first, second);
        assertThat(engine.runs()).as("the head alone").hasSize(runs + 1);
    }
}
