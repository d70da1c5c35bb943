package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.shadow.ShadowSettings;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Report;
import dev.cleave.v1.ShadowReport;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentShadowTest extends AgentFixture {
    private static final ShadowSettings ALL = ShadowSettings.fraction(1);

    private EdgeAgentBuilder shadowing(int through) throws Exception {
        return builder(through == AffineModel.LOCAL ? bundle : new AffineModel().edgeThrough(folder, through))
                .shadow(ALL)
                .quality("raw");
    }

    /** Answered on this thread, so that the worker is idle. */
    private InferenceResult answeredByGateway(EdgeAgent agent, Map<String, Tensor> inputs) throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> future = agent.infer(inputs);
        FakeGateway.Request request = gateway.awaitRequest();
        awaitIdleWorker();
        request.answer();
        return get(future);
    }

    /** The frame is sent by a task of the worker, which is busy until that has returned. */
    private static void awaitIdleWorker() {
        Thread worker = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("cleave-head") && thread.isAlive())
                .findAny()
                .orElseThrow();
        while (worker.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private void awaitShadow() {
        while (events.stream().noneMatch(event -> event.startsWith("shadow"))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void comparesTheGatewaysAnswerWithTheDevicesOwn() throws Exception {
        EdgeAgent agent = started(shadowing(AffineModel.LOCAL).split(Split.at(1)));
        answeredByGateway(agent, AffineModel.inputs(3, 1));
        awaitShadow();
        assertThat(events).endsWith("ended 1", "shadow 1 at 1 raw: 3 of 3 l2<=5% LOCAL fp32");
        assertThat(segmentsRun()).containsExactly("segment-0", "segment-1", "segment-2");
    }

    @Test
    void tellsWhereTheAnswersDiffer() throws Exception {
        EdgeAgent agent = started(shadowing(AffineModel.LOCAL).split(Split.at(1)));
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> future = agent.infer(AffineModel.inputs(1, 1));
        FakeGateway.Request request = gateway.awaitRequest();
        awaitIdleWorker();
        request.answerAs(AffineModel.inputs(1, 2));
        get(future);
        awaitShadow();
        assertThat(events).endsWith("shadow 1 at 1 raw: 0 of 1 l2<=5% LOCAL fp32");
    }

    @Test
    void comparesWithInputsSentAsTheyAreWhereTheDeviceCannotRunAll() throws Exception {
        EdgeAgent agent = started(shadowing(2).split(Split.at(2)));
        answeredByGateway(agent, AffineModel.inputs(2, 1));
        gateway.awaitRequest().answer();
        awaitShadow();
        assertThat(events).endsWith("shadow 1 at 2 raw: 2 of 2 l2<=5% CLOUD fp32");
        Frame second = gateway.chunks.get(gateway.chunks.size() - 1);
        assertThat(second.getSplitPoint()).isZero();
        assertThat(second.getPriority()).isNegative();
        assertThat(gateway.chunks.get(0).getPriority()).isZero();
    }

    @Test
    void sendsNoInputsThatThePrivacyFloorKeepsOnTheDevice() throws Exception {
        bundle = new AffineModel().privacyFloor(1).full(folder);
        gateway.serve(bundle);
        EdgeAgent agent = started(builder(new AffineModel().privacyFloor(1).edgeThrough(folder, 2))
                .shadow(ALL)
                .split(Split.at(2)));
        for (int i = 0; i < 5; i++) {
            answeredByGateway(agent, AffineModel.inputs(1, i));
        }
        awaitIdleWorker();
        assertThat(gateway.chunks).extracting(Frame::getSplitPoint).containsOnly(2);
        assertThat(events).noneMatch(event -> event.startsWith("shadow"));
    }

    @Test
    void sendsNoMoreThanTheBudgetAllows() throws Exception {
        EdgeAgent agent = started(builder(new AffineModel().edgeThrough(folder, 2))
                .shadow(new ShadowSettings(1, 1000, 100))
                .split(Split.at(2)));
        for (int i = 0; i < 5; i++) {
            answeredByGateway(agent, AffineModel.inputs(1, i));
        }
        assertThat(gateway.chunks).extracting(Frame::getSplitPoint).containsOnly(2);
    }

    @Test
    void isNotInTheWayOfARequest() throws Exception {
        EdgeAgent agent = started(shadowing(AffineModel.LOCAL).split(Split.at(1)));
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> first = agent.infer(AffineModel.inputs(1, 1));
        FakeGateway.Request request = gateway.awaitRequest();
        awaitIdleWorker();
        engine.hold();
        agent.infer(AffineModel.inputs(1, 2));
        engine.awaitHeld(1);
        request.answer();
        get(first);
        engine.release();
        gateway.awaitRequest();
        awaitIdleWorker();
        assertThat(events).noneMatch(event -> event.startsWith("shadow"));
    }

    @Test
    void givesWayAtTheNextBorderToARequestThatComes() throws Exception {
        EdgeAgent agent = started(shadowing(AffineModel.LOCAL).split(Split.at(1)));
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> first = agent.infer(AffineModel.inputs(1, 1));
        FakeGateway.Request request = gateway.awaitRequest();
        awaitIdleWorker();
        engine.hold();
        request.answer();
        get(first);
        engine.awaitHeld(1);
        agent.infer(AffineModel.inputs(1, 2));
        engine.release();
        gateway.awaitRequest();
        awaitIdleWorker();
        assertThat(segmentsRun()).containsExactly("segment-0", "segment-1", "segment-0");
        assertThat(events).noneMatch(event -> event.startsWith("shadow"));
    }

    @Test
    void whatTheApplicationDoesWithItsTensorsAfterTheAnswerChangesNothing() throws Exception {
        EdgeAgent agent = started(shadowing(AffineModel.LOCAL).split(Split.at(1)));
        Map<String, Tensor> inputs = AffineModel.inputs(1, 1);
        gateway.script = FakeGateway.Script.HOLD;
        CompletableFuture<InferenceResult> future = agent.infer(inputs);
        future.thenAccept(result -> {
            inputs.values().forEach(tensor -> tensor.data().putFloat(0, 1e9f));
            result.outputs().values().forEach(tensor -> tensor.data().putFloat(0, -1e9f));
        });
        FakeGateway.Request request = gateway.awaitRequest();
        awaitIdleWorker();
        request.answer();
        get(future);
        awaitShadow();
        assertThat(events).endsWith("shadow 1 at 1 raw: 1 of 1 l2<=5% LOCAL fp32");
    }

    @Test
    void tellsTheGatewayHowManyAgreed() throws Exception {
        EdgeAgent agent =
                started(shadowing(AffineModel.LOCAL).split(Split.at(1)).reports(Duration.ofSeconds(30)));
        answeredByGateway(agent, AffineModel.inputs(4, 1));
        awaitShadow();
        awaitIdleWorker();
        clock.advance(TimeUnit.SECONDS.toNanos(30));
        Report report = gateway.reports.poll();
        assertThat(report.getPoints(0).getShadowsList())
                .containsExactly(ShadowReport.newBuilder()
                        .setReference("local")
                        .setRows(4)
                        .setAgreed(4)
                        .build());
    }

    @Test
    void isOffUnlessAskedFor() throws Exception {
        EdgeAgent agent = started(builder(bundle).split(Split.at(1)));
        answeredByGateway(agent, AffineModel.inputs(1, 1));
        awaitIdleWorker();
        assertThat(segmentsRun()).containsExactly("segment-0");
    }
}
