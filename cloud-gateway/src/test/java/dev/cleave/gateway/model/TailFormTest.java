package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.MixedCuts;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.trial.FormReport;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which graphs of a bundle serve its points, where runs take what they declare. */
class TailFormTest {
    private static final TestModel FLOORED = TestModel.named("m").withPrivacyFloor(1);
    private static final long MILLI = 1_000_000;

    @TempDir
    Path home;

    private final AtomicLong now = new AtomicLong();
    private final FakeEngine engine = new FakeEngine(now::addAndGet);
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private List<String> remarks;
    private long need;

    @AfterEach
    void stop() {
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    /** Graphs that are run for a row that enters at a point. */
    private List<String> ran(TestModel source, MixedCuts mixedCuts, FormReport form, int point) throws Exception {
        GatewayConfig config = GatewayConfig.builder().mixedCuts(mixedCuts).build();
        try (GatewayMetrics metrics = new GatewayMetrics();
                ModelLoader loader = new ModelLoader(config, engine, null, metrics, timer, now::get)) {
            BundleSource bundle = new BundleSource(Bundle.open(source.write(home))).with(form);
            need = loader.estimate(bundle);
            ServedModel model = loader.load(bundle);
            remarks = model.remarks();
            int before = engine.runs().size();
            assertThat(ServedTestModel.ask(model, source, point, 3).get().refusal())
                    .isNull();
            model.close();
            return engine.runs().stream()
                    .skip(before)
                    .map(run -> run.label().replaceAll(".*/|\\.onnx", ""))
                    .toList();
        }
    }

    private List<String> ran(TestModel source, MixedCuts mixedCuts, int point) throws Exception {
        return ran(source, mixedCuts, FormReport.UNASKED, point);
    }

    /** Whether forms are to be compared of what is loaded so. */
    private boolean compares(TestModel source, GatewayConfigBuilder settings) throws Exception {
        try (GatewayMetrics metrics = new GatewayMetrics();
                ModelLoader loader = new ModelLoader(settings.build(), engine, null, metrics, timer, now::get)) {
            return loader.toCompare(new BundleSource(Bundle.open(source.write(home)))) != null;
        }
    }

    @Test
    void pointsAreServedInTheFormThatWasFoundFaster() throws Exception {
        TestModel both = TestModel.named("m").withTails(MILLI);
        FormReport chain = new FormReport(true, "12 ms against 12");
        assertThat(ran(both, MixedCuts.AUTO, chain, 1)).containsExactly("segment-1", "segment-2");
        assertThat(remarks).isEmpty();
        long ofChain = need;
        FormReport sessions = new FormReport(false, "12 ms against 10");
        assertThat(ran(both, MixedCuts.AUTO, sessions, 1)).containsExactly("tail-1");
        assertThat(remarks).containsExactly("a session for each point: 12 ms against 10");
        assertThat(need).as("a whole graph for point 0").isGreaterThan(ofChain);
    }

    @Test
    void sessionsThatCannotBeLoadedLeaveTheChain() throws Exception {
        engine.refuse("tail-1.onnx");
        FormReport sessions = new FormReport(false, "12 ms against 10");
        assertThat(ran(FLOORED.withTails(MILLI), MixedCuts.AUTO, sessions, 1))
                .containsExactly("segment-1", "segment-2");
        assertThat(remarks).hasSize(1);
        assertThat(remarks.get(0))
                .startsWith("points share segments: a session for each would be faster, but ")
                .endsWith("tail-1.onnx is refused");
        assertThatThrownBy(() -> ran(FLOORED.withTails(MILLI), MixedCuts.NEVER, 1))
                .as("who has asked for sessions")
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("tail-1.onnx is refused");
    }

    @Test
    void formsAreComparedWhereThereIsAChoice() throws Exception {
        TestModel both = FLOORED.withTails(MILLI);
        assertThat(compares(both, GatewayConfig.builder())).isTrue();
        assertThat(compares(both, GatewayConfig.builder().mixedCuts(MixedCuts.ALWAYS)))
                .isFalse();
        assertThat(compares(both, GatewayConfig.builder().mixedCuts(MixedCuts.NEVER)))
                .isFalse();
        assertThat(compares(both, GatewayConfig.builder().modelMemory(1L << 40)))
                .as("who has set a bound to memory wants the weights once")
                .isFalse();
        assertThat(compares(FLOORED, GatewayConfig.builder()))
                .as("segments alone")
                .isFalse();
        assertThat(compares(both.unbatched(), GatewayConfig.builder())).isFalse();
        assertThat(compares(both.withPrivacyFloor(2), GatewayConfig.builder()))
                .as("one point")
                .isFalse();
    }

    @Test
    void whoWantsItOneWayHasItSo() throws Exception {
        assertThat(ran(FLOORED.withTails(MILLI), MixedCuts.ALWAYS, 1)).containsExactly("segment-1", "segment-2");
        assertThat(ran(FLOORED.withTails(99 * MILLI), MixedCuts.NEVER, 1)).containsExactly("tail-1");
        assertThat(remarks).isEmpty();
    }

    @Test
    void theFirstPointsTailIsTheWhole() throws Exception {
        assertThat(ran(TestModel.named("m").withTails(MILLI), MixedCuts.NEVER, 2))
                .containsExactly("tail-2");
        assertThat(ran(TestModel.named("m").withTails(MILLI), MixedCuts.NEVER, 0))
                .containsExactly("whole");
    }

    @Test
    void aBundleWithoutTailsIsServedByItsSegments() throws Exception {
        assertThat(ran(FLOORED, MixedCuts.NEVER, 1)).containsExactly("segment-1", "segment-2");
    }
}
