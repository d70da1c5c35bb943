package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many agents, one gateway process, and a slow link between them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyAgentsTest {
    private static final int AGENTS = 8;
    private static final int REQUESTS_PER_AGENT = 125;
    private static final int IN_FLIGHT = 5;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private static Bundle edgeView;

    @AutoClose
    private static GatewayProcess gateway;

    @AutoClose
    private static LinkShaper link;

    /** One request and what came back. */
    private record Answered(int row, InferenceResult result) {}

    @BeforeAll
    static void startGateway() throws Exception {
        model = SplitModel.classifier(temporary.resolve("classifier"), "classifier", 1);
        // Without LOCAL, no answer can hide that the gateway failed.
        edgeView = model.edgeView(2, temporary.resolve("edge"));
        gateway = GatewayProcess.start(model.served(), 0, "{\"maxQueueDelay\": \"20ms\"}");
        link = LinkShaper.startLocal(gateway.port(), Links.CELLULAR);
    }

    @Test
    void answerAThousandRequestsLikeTheWholeModelAndInBatches() throws Exception {
        double before = batchesOfSeveralRows();
        List<Callable<List<Answered>>> clients = new ArrayList<>();
        for (int i = 0; i < AGENTS; i++) {
            String quality = i % 2 == 0 ? "raw" : "default";
            int firstRow = i * REQUESTS_PER_AGENT;
            clients.add(() -> {
                List<Answered> answers = run(Split.at(1), quality, firstRow);
                for (Answered answer : answers) {
                    requireLikeDirect(answer, quality);
                }
                return answers;
            });
        }
        List<Answered> answers = inParallel(clients);

        assertThat(answers).hasSize(AGENTS * REQUESTS_PER_AGENT);
        assertThat(answers).allMatch(answer -> answer.result().source() == Source.SPLIT);
        assertThat(answers).anyMatch(answer -> answer.result().batchSize() > 1);
        Eventually.until("batches of several rows are counted", () -> batchesOfSeveralRows() > before);
    }

    @Test
    void cutAtDifferentPointsShareAGateway() throws Exception {
        List<Callable<List<Answered>>> clients = new ArrayList<>();
        for (int point = 0; point <= 2; point++) {
            Split split = Split.at(point);
            clients.add(() -> {
                List<Answered> answers = run(split, "raw", 0);
                for (Answered answer : answers) {
                    requireLikeDirect(answer, "raw");
                }
                return answers;
            });
        }
        List<Answered> answers = inParallel(clients);

        assertThat(answers)
                .extracting(answer -> answer.result().splitPoint())
                .containsOnly(0, 1, 2)
                .hasSize(3 * REQUESTS_PER_AGENT);
        assertThat(answers).allMatch(answer -> answer.result().wireBytes() > 0);
    }

    /** One agent's requests, several in flight at a time; fails if one of them does. */
    private static List<Answered> run(Split split, String quality, int firstRow) throws Exception {
        List<Answered> answers = new ArrayList<>();
        try (EdgeAgent agent =
                model.agent(edgeView, link.port()).split(split).quality(quality).build()) {
            for (int wave = 0; wave < REQUESTS_PER_AGENT; wave += IN_FLIGHT) {
                List<CompletableFuture<InferenceResult>> waiting = new ArrayList<>();
                for (int i = 0; i < IN_FLIGHT; i++) {
                    int row = calibrated(firstRow + wave + i);
                    waiting.add(agent.infer(SplitModel.input(ExactModels.classifierRow(row))));
                }
                for (int i = 0; i < IN_FLIGHT; i++) {
                    answers.add(new Answered(
                            calibrated(firstRow + wave + i), waiting.get(i).get()));
                }
            }
        }
        return answers;
    }

    /** The rows that the default codec was calibrated on come round and round. */
    private static int calibrated(int row) {
        return row % SplitModel.CALIBRATED_ROWS;
    }

    private static void requireLikeDirect(Answered answer, String quality) throws Exception {
        float[] direct = model.direct(ExactModels.classifierRow(answer.row()));
        float[] split = SplitModel.answer(answer.result());
        if (quality.equals("raw")) {
            assertThat(split).as("row %d", answer.row()).isEqualTo(direct);
        } else {
            assertThat(SplitModel.argmax(split)).as("row %d", answer.row()).isEqualTo(SplitModel.argmax(direct));
        }
    }

    private static double batchesOfSeveralRows() throws Exception {
        return gateway.metric("cleave_batch_rows_count", "") - gateway.metric("cleave_batch_rows_bucket", "le=\"1.0\"");
    }

    private static List<Answered> inParallel(List<Callable<List<Answered>>> clients) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try {
            List<Answered> all = new ArrayList<>();
            for (Future<List<Answered>> client : threads.invokeAll(clients)) {
                all.addAll(client.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }
}
