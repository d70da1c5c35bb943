package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.MixedCuts;
import dev.cleave.gateway.metrics.GatewayMetrics;
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
    private final FakeEngine engine = new FakeEngine(this::take);
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private List<String> remarks;
    /** What a run takes, after which no session of point 1 is loaded any more. */
    private long lastNanos = -1;

    @AfterEach
    void stop() {
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    private void take(long nanos) {
        now.addAndGet(nanos);
        if (nanos == lastNanos) {
            engine.refuse("tail-1.onnx");
        }
    }

    /** Graphs that are run for a row that enters at a point. */
    private List<String> ran(TestModel source, GatewayConfigBuilder settings, int point) throws Exception {
        try (GatewayMetrics metrics = new GatewayMetrics();
                ModelLoader loader = new ModelLoader(settings.build(), engine, null, metrics, timer, now::get)) {
            ServedModel model = loader.load(new BundleSource(Bundle.open(source.write(home))));
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
        return ran(source, GatewayConfig.builder().mixedCuts(mixedCuts), point);
    }

    @Test
    void pointsShareSegmentsUnlessSessionsAreClearlyFaster() throws Exception {
        assertThat(ran(FLOORED.withTails(6 * MILLI), MixedCuts.AUTO, 1)).containsExactly("segment-1", "segment-2");
        assertThat(remarks).isEmpty();
        assertThat(ran(FLOORED.withTails(5 * MILLI), MixedCuts.AUTO, 1)).containsExactly("tail-1");
        assertThat(remarks)
                .containsExactly("a session for each point: a request at each of 2 points takes 12.00 ms in one run,"
                        + " 10.00 ms in a session for each");
    }

    @Test
    void aSessionThatCannotBeLoadedAgainLeavesTheChain() throws Exception {
        lastNanos = 5 * MILLI;
        assertThat(ran(FLOORED.withTails(lastNanos), MixedCuts.AUTO, 1)).containsExactly("segment-1", "segment-2");
        assertThat(remarks).hasSize(1);
        assertThat(remarks.get(0))
                .startsWith("points share segments: a session for each would be faster, but ")
                .endsWith("tail-1.onnx is refused");
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

    @Test
    void aBoundToMemoryKeepsTheWeightsOnce() throws Exception {
        assertThat(ran(
                        FLOORED.withTails(MILLI),
                        GatewayConfig.builder().mixedCuts(MixedCuts.AUTO).modelMemory(1L << 40),
                        1))
                .containsExactly("segment-1", "segment-2");
    }
}
