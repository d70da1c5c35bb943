package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.stream.StreamSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    @Test
    void aPointThatLeavesStateToTheGatewayIsRefusedByName() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.all(8));
        InferenceException refused = failure(stream.submit(StatefulModel.frame(1, 1)));
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused)
                .hasMessage(
                        "split point 1 leaves state \"memory\" to the gateway, which keeps none; expected a point after"
                                + " it, or LOCAL");
    }

    @Test
    void aViewThatCannotKeepTheStateIsRefusedByName() throws Exception {
        EdgeAgent agent =
                started(builder(StatefulModel.summing().through(folder, 1)).split(Split.at(1)));
        assertThatThrownBy(() -> agent.stream(StreamSettings.latest()))
                .hasMessage(
                        "state \"memory\" is made after point 1, where this view of the bundle ends; expected a view"
                                + " that makes all state on the device");
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
