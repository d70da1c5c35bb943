package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which bundle files work where: views of the served model, and those of another one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BundleViewsTest {
    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel served;

    @AutoClose
    private static SplitModel stranger;

    @AutoClose
    private static GatewayProcess gateway;

    private static Bundle strayEdgeView;

    @BeforeAll
    static void startGateway() throws Exception {
        served = SplitModel.classifier(temporary.resolve("served"), "served", 1);
        stranger = SplitModel.classifier(temporary.resolve("stranger"), "stranger", 2);
        // Beside the good one lies a file that a gateway cannot use.
        strayEdgeView = stranger.edgeView(1, served.served());
        gateway = GatewayProcess.start(served.served());
    }

    @Test
    void edgeViewIsAllThatAnAgentNeeds() throws Exception {
        Bundle edge = served.edgeView(1, temporary.resolve("edge"));
        assertThat(edge.id()).isEqualTo(served.bundle().id());
        assertThat(edge.offersLocal()).isFalse();
        requireSplitAnswer(edge);
    }

    @Test
    void fetchedBundleIsTheEdgeViewOfTheSameId() throws Exception {
        Path file = temporary.resolve("fetched.cleave");
        gateway.fetch(served.bundle().id(), file);

        Bundle fetched = Bundle.open(file);
        assertThat(fetched.view()).isEqualTo(View.EDGE);
        assertThat(fetched.id()).isEqualTo(served.bundle().id());
        requireSplitAnswer(fetched);
    }

    @Test
    void agentWithAnotherModelsBundleIsRefusedByName() throws Exception {
        Bundle edge = stranger.edgeView(1, temporary.resolve("edge"));
        try (EdgeAgent agent =
                stranger.agent(edge, gateway.port()).split(Split.at(1)).build()) {
            ExecutionException failed = catchThrowableOfType(
                    ExecutionException.class,
                    () -> agent.infer(SplitModel.input(ExactModels.classifierRow(0)))
                            .get());
            assertThat(failed).hasCauseInstanceOf(InferenceException.class);
            InferenceException refusal = (InferenceException) failed.getCause();
            assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
            assertThat(refusal.getMessage())
                    .contains("bundle " + stranger.bundle().id() + " is not served here")
                    .contains(served.bundle().id() + " (served)")
                    .doesNotContain("\n");
        }
    }

    @Test
    void agentWithAnotherModelsFullBundleAnswersLocallyAndSaysWhy() throws Exception {
        try (EdgeAgent agent = stranger.agent(stranger.bundle(), gateway.port())
                .split(Split.at(1))
                .build()) {
            Tensor row = ExactModels.classifierRow(0);
            InferenceResult result = agent.infer(SplitModel.input(row)).get();
            assertThat(result.source()).isEqualTo(Source.LOCAL);
            assertThat(result.fallback().cause()).isEqualTo(Fallback.Cause.REFUSED);
            assertThat(result.fallback().message()).contains(stranger.bundle().id());
            assertThat(SplitModel.answer(result)).isEqualTo(stranger.direct(row));
        }
    }

    @Test
    void gatewayServesTheOthersAndNamesTheEdgeViewThatItCannot() {
        JsonNode models = gateway.models();
        assertThat(models).hasSize(2);
        for (JsonNode model : models) {
            boolean good = model.get("file").textValue().equals("served.cleave");
            assertThat(model.get("state").textValue()).isEqualTo(good ? "READY" : "FAILED");
            assertThat(model.get("reason").textValue())
                    .contains(good ? "" : strayEdgeView.file().getFileName() + " holds the edge view");
        }
    }

    @Test
    void gatewayWithNothingButAnEdgeViewEndsWithOneLine() throws Exception {
        Path models = temporary.resolve("only-edge");
        Bundle edge = served.edgeView(2, models);
        try (CleaveProcess process = CleaveProcess.start(temporary, GatewayProcess.arguments(models, 0))) {
            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.errors())
                    .contains(edge.file().getFileName() + " holds the edge view; a gateway needs full or cloud")
                    .hasLineCount(1);
        }
    }

    private static void requireSplitAnswer(Bundle view) throws Exception {
        try (EdgeAgent agent = served.agent(view, gateway.port())
                .split(Split.at(1))
                .quality("raw")
                .build()) {
            Tensor row = ExactModels.classifierRow(7);
            InferenceResult result = agent.infer(SplitModel.input(row)).get();
            assertThat(result.source()).isEqualTo(Source.SPLIT);
            assertThat(SplitModel.answer(result)).isEqualTo(served.direct(row));
        }
    }
}
