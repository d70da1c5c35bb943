package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.v1.Error;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of a model that remembers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StatefulStreamTest extends AgentFixture {
    @BeforeEach
    void remember() throws Exception {
        gateway.close();
        bundle = StatefulModel.summing().through(folder, StatefulModel.LOCAL);
        gateway = new FakeGateway(bundle);
    }

    private static float y(CompletableFuture<InferenceResult> future) throws Exception {
        InferenceResult result = get(future);
        assertThat(result.outputs().keySet()).as("state is no output").containsExactly("y");
        return result.outputs().get("y").data().getFloat(0);
    }

    @Test
    void aFrameIsGivenWhatTheFrameBeforeHasLeft() throws Exception {
        for (Split split : List.of(Split.at(2), Split.local())) {
            InferenceStream stream = agent(split).stream(StreamSettings.all(8));
            List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                futures.add(stream.submit(StatefulModel.frame(1, i)));
            }
            assertThat(y(futures.get(0))).isEqualTo(StatefulModel.y(1));
            assertThat(y(futures.get(1))).isEqualTo(StatefulModel.y(1, 2));
            assertThat(y(futures.get(2))).isEqualTo(StatefulModel.y(1, 2, 3));
        }
    }

    @Test
    void streamsHaveEachAStateOfTheirOwn() throws Exception {
        EdgeAgent agent = agent(Split.at(2));
        InferenceStream first = agent.stream(StreamSettings.all(8));
        InferenceStream second = agent.stream(StreamSettings.all(8));
        y(first.submit(StatefulModel.frame(1, 5)));
        assertThat(y(second.submit(StatefulModel.frame(1, 1)))).isEqualTo(StatefulModel.y(1));
        assertThat(y(first.submit(StatefulModel.frame(1, 1)))).isEqualTo(StatefulModel.y(5, 1));
    }

    @Test
    void aFrameThatIsFinishedHereInTheGatewaysPlaceLeavesTheSame() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(2)).stream(StreamSettings.all(8).withDeadline(Duration.ofSeconds(20)));
        CompletableFuture<InferenceResult> hedged = stream.submit(StatefulModel.frame(1, 1));
        gateway.awaitRequest();
        clock.advance(TimeUnit.SECONDS.toNanos(11));
        assertThat(y(hedged)).isEqualTo(StatefulModel.y(1));
        assertThat(get(hedged).source()).isEqualTo(Source.LOCAL);
        gateway.script = FakeGateway.Script.ANSWER;
        assertThat(y(stream.submit(StatefulModel.frame(1, 2)))).isEqualTo(StatefulModel.y(1, 2));
    }

    @Test
    void aFrameThatGaveWayWasNeverSeen() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(2)).stream(StreamSettings.latest());
        CompletableFuture<InferenceResult> first = stream.submit(StatefulModel.frame(1, 1));
        FakeGateway.Request held = gateway.awaitRequest();
        CompletableFuture<InferenceResult> superseded = stream.submit(StatefulModel.frame(1, 100));
        CompletableFuture<InferenceResult> last = stream.submit(StatefulModel.frame(1, 2));
        gateway.script = FakeGateway.Script.ANSWER;
        held.answer();
        assertThat(y(first)).isEqualTo(StatefulModel.y(1));
        assertThat(failure(superseded).reason()).isEqualTo(Reason.SUPERSEDED);
        assertThat(y(last)).isEqualTo(StatefulModel.y(1, 2));
    }

    @Test
    void theAgentKeepsToPointsAtWhichTheDeviceHasAllState() throws Exception {
        InferenceStream stream = agent(Split.auto()).stream(StreamSettings.all(8));
        awaitLinkUp();
        for (int i = 0; i < 10; i++) {
            assertThat(get(stream.submit(StatefulModel.frame(1, i))).splitPoint())
                    .isIn(2, StatefulModel.LOCAL);
        }
    }

    /** Of streams, in the order of the events. */
    private List<String> resets(EdgeAgentBuilder builder) {
        List<String> resets = new CopyOnWriteArrayList<>();
        builder.listener(new AgentListener() {
            @Override
            public void stateReset(long stream, String why) {
                resets.add(why);
            }
        });
        return resets;
    }

    @Test
    void stateAfterThePointStaysAtTheGateway() throws Exception {
        for (Split split : List.of(Split.at(1), Split.cloud())) {
            InferenceStream stream = agent(split).stream(StreamSettings.all(8));
            List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
            for (int i = 1; i <= 6; i++) {
                futures.add(stream.submit(StatefulModel.frame(1, i)));
            }
            assertThat(y(futures.get(0))).isEqualTo(StatefulModel.y(1));
            assertThat(y(futures.get(5))).isEqualTo(StatefulModel.y(1, 2, 3, 4, 5, 6));
            for (CompletableFuture<InferenceResult> each : futures) {
                assertThat(get(each).stateReset()).isFalse();
            }
        }
    }

    @Test
    void streamsDoNotMixAtTheGateway() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream first = agent.stream(StreamSettings.all(8));
        InferenceStream second = agent.stream(StreamSettings.all(8));
        for (int i = 1; i <= 3; i++) {
            first.submit(StatefulModel.frame(1, 5));
            second.submit(StatefulModel.frame(1, 1));
        }
        assertThat(y(second.submit(StatefulModel.frame(1, 1)))).isEqualTo(StatefulModel.y(1, 1, 1, 1));
        assertThat(y(first.submit(StatefulModel.frame(1, 5)))).isEqualTo(StatefulModel.y(5, 5, 5, 5));
    }

    @Test
    void aLostStateBeginsAnewAndSaysSo() throws Exception {
        EdgeAgentBuilder builder = builder(bundle).split(Split.at(1));
        List<String> resets = resets(builder);
        InferenceStream stream = started(builder).stream(StreamSettings.all(8));
        y(stream.submit(StatefulModel.frame(1, 1)));
        gateway.session().states.lose();
        CompletableFuture<InferenceResult> next = stream.submit(StatefulModel.frame(1, 2));
        assertThat(y(next)).isEqualTo(StatefulModel.y(2));
        assertThat(get(next).stateReset()).isTrue();
        assertThat(resets).containsExactly("gateway: STATE_LOST: scripted");
        CompletableFuture<InferenceResult> after = stream.submit(StatefulModel.frame(1, 3));
        assertThat(y(after)).isEqualTo(StatefulModel.y(2, 3));
        assertThat(get(after).stateReset()).isFalse();
    }

    @Test
    void framesOnTheirWayWhenTheStateWasLostGoOnInTheirOrder() throws Exception {
        EdgeAgentBuilder builder = builder(bundle).split(Split.at(1));
        List<String> resets = resets(builder);
        InferenceStream stream = started(builder).stream(StreamSettings.all(8));
        y(stream.submit(StatefulModel.frame(1, 1)));
        gateway.script = FakeGateway.Script.SWALLOW;
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        List<FakeGateway.Request> sent = new ArrayList<>();
        for (int i = 2; i <= 4; i++) {
            futures.add(stream.submit(StatefulModel.frame(1, i)));
            sent.add(gateway.awaitRequest());
        }
        gateway.script = FakeGateway.Script.ANSWER;
        for (FakeGateway.Request request : sent) {
            request.fail(Error.Code.STATE_LOST, "scripted");
        }
        List<Float> answers = new ArrayList<>();
        float[] seen = {};
        for (int i = 0; i < 3; i++) {
            CompletableFuture<InferenceResult> future = futures.get(i);
            try {
                answers.add(y(future));
            } catch (ExecutionException overtaken) {
                assertThat(overtaken).hasMessageContaining("a later one was, and the model's state goes on from that");
                continue;
            }
            seen = Arrays.copyOf(seen, seen.length + 1);
            seen[seen.length - 1] = i + 2;
            assertThat(answers.get(answers.size() - 1)).isEqualTo(StatefulModel.y(seen));
        }
        assertThat(answers).isNotEmpty();
        assertThat(resets).as("one for all of them").hasSize(1);
    }

    @Test
    void anotherConnectionBeginsAnewAndSaysSo() throws Exception {
        EdgeAgentBuilder builder = builder(bundle).split(Split.at(1));
        List<String> resets = resets(builder);
        InferenceStream stream = started(builder).stream(StreamSettings.all(8).withDeadline(Duration.ofSeconds(30)));
        y(stream.submit(StatefulModel.frame(1, 1)));
        gateway.script = FakeGateway.Script.BREAK;
        InferenceException lost = failure(stream.submit(StatefulModel.frame(1, 2)));
        assertThat(lost.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(lost).hasMessageContaining("LOCAL in its place is not possible: the gateway keeps state \"memory\"");
        gateway.script = FakeGateway.Script.ANSWER;
        clock.advance(TimeUnit.SECONDS.toNanos(2));
        CompletableFuture<InferenceResult> next = stream.submit(StatefulModel.frame(1, 3));
        assertThat(y(next)).as("neither 1 nor 2 is in it").isEqualTo(StatefulModel.y(3));
        assertThat(get(next).stateReset()).isTrue();
        assertThat(resets).hasSize(1);
        assertThat(resets.get(0)).contains("by another connection");
    }

    @Test
    void thereIsNoLocalHedgeWhereTheGatewayKeepsState() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.all(8).withDeadline(Duration.ofSeconds(20)));
        CompletableFuture<InferenceResult> held = stream.submit(StatefulModel.frame(1, 1));
        gateway.awaitRequest();
        clock.advance(TimeUnit.SECONDS.toNanos(21));
        InferenceException late = failure(held);
        assertThat(late.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(late).hasMessageContaining("LOCAL in its place is not possible: the gateway keeps state \"memory\"");
    }

    @Test
    void anAnswerFromAnotherStateThanItsOwnIsNotUsed() throws Exception {
        EdgeAgentBuilder builder = builder(bundle).split(Split.at(1));
        List<String> resets = resets(builder);
        InferenceStream stream = started(builder).stream(StreamSettings.all(8));
        y(stream.submit(StatefulModel.frame(1, 1)));
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> wrong = stream.submit(StatefulModel.frame(1, 2));
        gateway.awaitRequest().answerAs(StatefulModel.wholeInput(2));
        assertThat(failure(wrong)).hasMessageContaining("continues another state than that of the frames before");
        assertThat(resets).hasSize(1);
    }

    @Test
    void aViewThatEndsBeforeTheStateLeavesItToTheGateway() throws Exception {
        EdgeAgent agent =
                started(builder(StatefulModel.summing().through(folder, 1)).split(Split.auto()));
        awaitLinkUp();
        InferenceStream stream = agent.stream(StreamSettings.all(8));
        get(stream.submit(StatefulModel.frame(1, 1)));
        CompletableFuture<InferenceResult> second = stream.submit(StatefulModel.frame(1, 2));
        assertThat(y(second)).isEqualTo(StatefulModel.y(1, 2));
        assertThat(get(second).splitPoint()).isIn(0, 1);
    }

    @Test
    void whatTheGatewayKeepsGoesWithTheStream() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream other = agent.stream(StreamSettings.all(8));
        InferenceStream stream = agent.stream(StreamSettings.all(8));
        y(other.submit(StatefulModel.frame(1, 1)));
        y(stream.submit(StatefulModel.frame(1, 1)));
        assertThat(gateway.session().states.streams()).containsOnly(other.id(), stream.id());
        stream.close();
        stream.close();
        assertThat(gateway.forgotten.poll(60, TimeUnit.SECONDS)).isEqualTo(stream.id());
        assertThat(gateway.session().states.streams()).containsOnly(other.id());
        assertThat(y(other.submit(StatefulModel.frame(1, 2)))).isEqualTo(StatefulModel.y(1, 2));
        assertThat(gateway.forgotten).as("may be said again").allMatch(id -> id == stream.id());
    }

    @Test
    void aGatewayThatKeepsNothingOfAStreamHearsNothingOfItsEnd() throws Exception {
        EdgeAgent agent = agent(Split.at(2));
        agent.stream(StreamSettings.all(8)).close();
        for (int i = 0; i < 2; i++) {
            try (InferenceStream stream = agent.stream(StreamSettings.all(8))) {
                y(stream.submit(StatefulModel.frame(1, 1)));
            }
        }
        assertThat(gateway.chunks).hasSize(2);
        assertThat(gateway.forgotten).isEmpty();
    }

    @Test
    void nothingIsKeptOfFramesThatWereOnTheirWayWhenTheStreamWasClosed() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream barrier = agent.stream(StreamSettings.all(8));
        for (int i = 0; i < 200; i++) {
            InferenceStream stream = agent.stream(StreamSettings.all(8));
            List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
            for (int frame = 0; frame < 3; frame++) {
                futures.add(stream.submit(StatefulModel.frame(1, frame)));
            }
            if (i % 2 == 0) {
                get(futures.get(0));
            }
            stream.close();
            get(barrier.submit(StatefulModel.frame(1, i))); // whatever the worker was at is behind it
            assertThat(gateway.session().states.streams()).containsOnly(barrier.id());
        }
    }

    @Test
    void aStateWithoutAFixedShapeIsRefusedByName() throws Exception {
        EdgeAgent agent = started(builder(StatefulModel.open().through(folder, StatefulModel.LOCAL))
                .split(Split.local()));
        assertThatThrownBy(() -> agent.stream(StreamSettings.latest()))
                .hasMessage(
                        "state \"memory\" has shape [N,?]; expected a fixed one, so that a stream can begin with zeros");
    }

    @Test
    void aSingleRequestIsRefusedByName() throws Exception {
        InferenceException refused = failure(agent(Split.at(2)).infer(StatefulModel.frame(1, 1)));
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused)
                .hasMessage("model keeps state \"memory\" from one run to the next; expected a stream of frames"
                        + " (EdgeAgent.stream)");
    }

    @Test
    void framesOfAnotherNumberOfRowsAreRefusedByName() throws Exception {
        InferenceStream stream = agent(Split.at(2)).stream(StreamSettings.all(8));
        get(stream.submit(StatefulModel.frame(2, 1)));
        InferenceException refused = failure(stream.submit(StatefulModel.frame(1, 1)));
        assertThat(refused.reason()).isEqualTo(Reason.MALFORMED_INPUT);
        assertThat(refused)
                .hasMessage("state that the frame before left: tensor \"memory\" has shape [2,4]; expected [1,4]");
    }
}
