package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.tensor.Tensor;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdgeAgentTest extends AgentFixture {
    @ParameterizedTest
    @CsvSource({"0, CLOUD", "1, SPLIT", "2, SPLIT", "3, LOCAL"})
    void answersAlikeAtEveryPoint(int point, Source source) throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(3, point);
        InferenceResult result = get(agent(Split.at(point)).infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(source);
        assertThat(result.splitPoint()).isEqualTo(point);
        assertThat(result.fallback()).isNull();
        assertThat(result.deadlineMet()).isTrue();
        assertThat(result.batchSize()).isEqualTo(source == Source.LOCAL ? 3 : 5);
        assertThat(result.wireBytes() > 0).isEqualTo(source != Source.LOCAL);
        assertThat(segmentsRun())
                .containsExactlyElementsOf(
                        Arrays.asList("segment-0", "segment-1", "segment-2").subList(0, point));
    }

    @Test
    void rawQualityCostsMoreBytesThanTheDefault() throws Exception {
        InferenceResult coded = get(agent(Split.at(1)).infer(AffineModel.inputs(8, 1)));
        assertThat(gateway.chunks.get(0).getQuality()).isZero();
        closeAll();
        startGateway();
        InferenceResult raw =
                get(started(builder(bundle).split(Split.at(1)).quality("raw")).infer(AffineModel.inputs(8, 1)));
        assertThat(gateway.chunks.get(0).getQuality()).isEqualTo(1);
        assertThat(raw.wireBytes()).isGreaterThan(coded.wireBytes());
    }

    @Test
    void labelsTheLargestElementOfEachRow() throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(2, 0);
        inputs.get("x").data().putFloat(7 * Float.BYTES, 99);
        inputs.get("x").data().putFloat((AffineModel.WIDTH + 255) * Float.BYTES, 99);
        InferenceResult result = get(agent(Split.at(1)).infer(inputs));
        assertThat(result.labels()).containsExactly("class 7", "class 255");
    }

    @Test
    void autoTakesThePointWithTheFewestMeasuredBytes() throws Exception {
        assertThat(get(agent(Split.auto()).infer(AffineModel.inputs(1, 1))).splitPoint())
                .isEqualTo(1);
    }

    @Test
    void autoKeepsThePrivacyFloor() throws Exception {
        bundle = new AffineModel().privacyFloor(2).full(folder);
        gateway.close();
        gateway = new FakeGateway(bundle);
        assertThat(get(agent(Split.auto()).infer(AffineModel.inputs(1, 1))).splitPoint())
                .isEqualTo(2);
    }

    @Test
    void autoWithoutAGatewayIsLocal() throws Exception {
        EdgeAgent agent = started(EdgeAgent.builder().bundle(bundle).engine(engine));
        Map<String, Tensor> inputs = AffineModel.inputs(2, 4);
        InferenceResult result = get(agent.infer(inputs));
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertAnswers(result, inputs);
    }

    @Test
    void autoIsLocalWhileTheLinkIsDown() throws Exception {
        gateway.kill();
        InferenceResult result = get(agent(Split.auto()).infer(AffineModel.inputs(1, 1)));
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(result.fallback()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void partsOfTheWaterfallAddUpToTheTotal(int point) throws Exception {
        Waterfall times =
                get(agent(Split.at(point)).infer(AffineModel.inputs(4, 1))).waterfall();
        double head = point * 1400 / 1e6;
        assertThat(times.headMillis()).isCloseTo(head, within(1e-9));
        double sum = times.headMillis() + times.encodeMillis() + times.networkMillis() + times.queueMillis();
        sum += times.decodeMillis() + times.tailMillis() + times.gatewayOtherMillis() + times.deviceOtherMillis();
        assertThat(times.totalMillis()).isCloseTo(sum, within(1e-9));
    }

    @Test
    void introducesItselfToTheGateway() throws Exception {
        agent(Split.auto());
        assertThat(gateway.opens).singleElement().satisfies(open -> {
            assertThat(open.getBundleId()).isEqualTo(bundle.id());
            assertThat(open.getDeviceId()).isEqualTo("test-device");
            assertThat(open.getEntropiesList()).endsWith("none");
        });
    }

    @Test
    void tellsWhyAfterTheStartAndWithTheAnswer() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        AgentListener listener = new AgentListener() {
            @Override
            public void requestStarted(long request, int splitPoint, int rows) {
                told.add("started " + request);
            }

            @Override
            public void decided(long request, Decision decision) {
                told.add("decided " + request + " " + decision.splitPoint() + " " + decision.level());
            }

            @Override
            public void requestEnded(long request, String failure) {
                told.add("ended " + request);
            }
        };
        EdgeAgent agent =
                started(builder(bundle).split(Split.at(1)).quality("raw").listener(listener));
        InferenceResult result = get(agent.infer(AffineModel.inputs(1, 1)));
        assertThat(told).containsExactly("started 1", "decided 1 1 raw", "ended 1");
        assertThat(result.decision().why()).isEqualTo("split 1 is fixed");
        assertThat(result.decision().predictedMillis()).isNaN();
        get(started(builder(bundle).split(Split.auto()).listener(listener)).infer(AffineModel.inputs(1, 1)));
        assertThat(told).endsWith("started 1", "decided 1 1 default", "ended 1");
    }

    @Test
    void tellsEventsNestedLikeBrackets() throws Exception {
        get(agent(Split.at(1)).infer(AffineModel.inputs(1, 1)));
        assertThat(events).containsExactly("up fake", "started 1 at 1", "ended 1");
    }

    @Test
    void tellsListenersOfAnAnswerAllButItsOutputs() throws Exception {
        InferenceResult result = get(agent(Split.at(1)).infer(AffineModel.inputs(1, 1)));
        assertThat(answers).containsOnlyKeys(1L);
        assertThat(answers.get(1L)).satisfies(answer -> {
            assertThat(answer.source()).isEqualTo(Source.SPLIT);
            assertThat(answer.splitPoint()).isEqualTo(1);
            assertThat(answer.waterfall()).isEqualTo(result.waterfall());
            assertThat(answer.wireBytes()).isEqualTo(result.wireBytes()).isPositive();
            assertThat(answer.deadlineMet()).isTrue();
            assertThat(answer.fallback()).isNull();
        });
    }

    @Test
    void tellsNoAnswerOfARequestThatFailed() throws Exception {
        gateway.script = FakeGateway.Script.BREAK;
        failure(agentWithoutLocal(Split.at(1)).infer(AffineModel.inputs(1, 1)));
        assertThat(events).contains("started 1 at 1", "ended 1 failed");
        assertThat(answers).isEmpty();
    }

    @Test
    void refusesInputThatDoesNotFitThroughTheFuture() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        InferenceException refused = failure(agent.infer(AffineModel.inputs(9, 1)));
        assertThat(refused.reason()).isEqualTo(Reason.MALFORMED_INPUT);
        assertThat(refused).hasMessage("request has 9 rows; expected 1 to 8");
        assertThat(segmentsRun()).isEmpty();
    }

    @Test
    void refusesMoreRequestsThanMayBeInFlight() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = started(builder(bundle).split(Split.at(1)).maxInFlight(2));
        CompletableFuture<InferenceResult> first = agent.infer(AffineModel.inputs(1, 1));
        CompletableFuture<InferenceResult> second = agent.infer(AffineModel.inputs(1, 2));
        InferenceException refused = failure(agent.infer(AffineModel.inputs(1, 3)));
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused).hasMessage("2 requests are in flight; expected fewer than the limit of 2");
        gateway.awaitRequest().answer();
        get(first);
        gateway.awaitRequest().answer();
        get(second);
        gateway.script = FakeGateway.Script.ANSWER;
        get(agent.infer(AffineModel.inputs(1, 4)));
    }

    @Test
    void refusesADeadlineThatIsNone() throws Exception {
        EdgeAgent agent = agent(Split.local());
        InferenceInput input = InferenceInput.of(AffineModel.inputs(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> agent.infer(input, Duration.ZERO))
                .withMessage("deadline PT0S; expected PT0.000001S to PT24H");
    }

    @Test
    void closingCompletesWhatWaitsAndRefusesWhatComes() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agent(Split.at(1));
        CompletableFuture<InferenceResult> waiting = agent.infer(AffineModel.inputs(1, 1));
        gateway.awaitRequest();
        agent.close();
        agent.close();
        assertThat(failure(waiting).reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure(agent.infer(AffineModel.inputs(1, 1))).reason()).isEqualTo(Reason.CLOSED);
        assertThat(engine.openSessions()).isZero();
        assertThat(clock.waiting()).isZero();
    }

    @Test
    void leavesNoTimerBehindAnAnswer() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        int before = clock.waiting();
        get(agent.infer(AffineModel.inputs(1, 1)));
        assertThat(clock.waiting()).isEqualTo(before);
    }
}
