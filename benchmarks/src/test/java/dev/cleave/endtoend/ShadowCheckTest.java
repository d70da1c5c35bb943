package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.shadow.ShadowSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers of a real gateway compared with those of second runs, and what the gateway then shows of it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShadowCheckTest {
    private static final int WANTED = 5;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private final List<ShadowCheck> checks = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.classifier(temporary.resolve("classifier"), "classifier", 1);
    }

    private void ask(Bundle view, GatewayProcess gateway) throws Exception {
        AgentListener listener = new AgentListener() {
            @Override
            public void shadowChecked(long request, ShadowCheck check) {
                checks.add(check);
            }
        };
        try (EdgeAgent agent = model.agent(view, gateway.port())
                .split(Split.at(1))
                .shadow(ShadowSettings.fraction(1))
                .deviceClass("bench")
                .reports(Duration.ofSeconds(1))
                .listener(listener)
                .build()) {
            Eventually.until("some answers were compared", () -> {
                InferenceResult result = agent.infer(SplitModel.input(ExactModels.classifierRow(checks.size())))
                        .get();
                assertThat(result.source()).isEqualTo(Source.SPLIT);
                return checks.size() >= WANTED;
            });
            Eventually.until(
                    "the gateway shows it",
                    () -> gateway.metric("cleave_agent_shadow_rows_total", "outcome=\"agreed\"") >= WANTED);
            assertThat(gateway.metric("cleave_agent_shadow_rows_total", "device=\"bench\""))
                    .isGreaterThanOrEqualTo(WANTED);
        }
        assertThat(gateway.metric("cleave_agent_shadow_rows_total", "outcome=\"differed\""))
                .isZero();
    }

    @Test
    void theDeviceItselfIsTheReferenceWhereItHoldsAllSegments() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served())) {
            ask(model.bundle(), gateway);
        }
        assertThat(checks).allSatisfy(check -> {
            assertThat(check.reference()).isEqualTo(Source.LOCAL);
            assertThat(check.precision()).isEqualTo("fp32");
            assertThat(check.rule()).isEqualTo("top-1");
            assertThat(check.agreed()).isEqualTo(check.rows());
        });
    }

    @Test
    void theGatewayWithInputsAsTheyAreIsTheReferenceWhereItDoesNot() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served())) {
            ask(model.edgeView(1, temporary.resolve("edge")), gateway);
        }
        assertThat(checks).extracting(ShadowCheck::reference).containsOnly(Source.CLOUD);
    }
}
