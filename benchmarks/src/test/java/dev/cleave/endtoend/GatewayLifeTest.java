package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a gateway process starts, or does not, and how it ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatewayLifeTest {
    private static final int REQUESTS = 6;
    private static final int SIGTERM_EXIT = 128 + 15;

    /**
     * Requests stay in the queue until something closes their batch: here the signal. And the grace time is longer than
     * anybody here waits: it must not be used up when all is answered.
     */
    private static final String PATIENT = "{\"maxQueueDelay\": \"60s\", \"drainGrace\": \"300s\"}";

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.classifier(temporary.resolve("classifier"), "classifier", 1);
    }

    @Test
    void terminatedGatewayAnswersWhatItHasTaken() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served(), 0, PATIENT);
                EdgeAgent agent = model.agent(model.edgeView(2, temporary.resolve("edge")), gateway.port())
                        .split(Split.at(2))
                        .quality("raw")
                        .deadline(Duration.ofMinutes(10))
                        .build()) {
            List<CompletableFuture<InferenceResult>> waiting = new ArrayList<>();
            for (int row = 0; row < REQUESTS; row++) {
                waiting.add(agent.infer(SplitModel.input(ExactModels.classifierRow(row))));
            }
            Eventually.until(
                    "all requests wait in the gateway's queue",
                    () -> gateway.metric("cleave_queue_requests", "") == REQUESTS);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);

            gateway.terminate();

            for (int row = 0; row < REQUESTS; row++) {
                InferenceResult result = waiting.get(row).get();
                assertThat(result.source()).isEqualTo(Source.SPLIT);
                assertThat(result.batchSize()).isEqualTo(REQUESTS);
                assertThat(SplitModel.answer(result)).isEqualTo(model.direct(ExactModels.classifierRow(row)));
            }
            assertThat(gateway.awaitExit()).isEqualTo(SIGTERM_EXIT);
        }
    }

    @Test
    void portInUseEndsItWithOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CleaveProcess process = CleaveProcess.start(
                        temporary, GatewayProcess.arguments(model.served(), taken.getLocalPort()))) {
            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.errors())
                    .contains("port " + taken.getLocalPort())
                    .hasLineCount(1);
        }
    }
}
