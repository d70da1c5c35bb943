package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A boundary of 12.8 MB, also encoded beyond gRPC's limit for a message, on a link that it keeps busy for seconds. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LargeBoundaryTest {
    private static final int LARGE_SIDE = 224;
    private static final int SMALL_SIDE = 8;
    private static final int SMALL_REQUESTS = 8;
    private static final long GRPC_MESSAGE_LIMIT = 4 << 20;
    private static final long BYTES_THAT_SHOW_IT_IS_UNDER_WAY = 1 << 20;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private static Bundle edgeView;

    @AutoClose
    private static GatewayProcess gateway;

    @BeforeAll
    static void startGateway() throws Exception {
        model = SplitModel.powersOfTwo(temporary.resolve("model"));
        edgeView = model.edgeView(1, temporary.resolve("edge"));
        gateway = GatewayProcess.start(model.served());
    }

    @ParameterizedTest
    @CsvSource({"raw, 12mbit, 0", "default, 6mbit, 0.001"})
    void passesWhileSmallRequestsOvertakeIt(String quality, String rate, float tolerance) throws Exception {
        Queue<String> order = new ConcurrentLinkedQueue<>();
        try (LinkShaper link = LinkShaper.startLocal(gateway.port(), Links.symmetric(rate, Duration.ofMillis(20)));
                EdgeAgent one = agent(quality, link);
                EdgeAgent other = agent(quality, link)) {
            Tensor picture = ExactModels.picture(LARGE_SIDE, LARGE_SIDE, 1);
            CompletableFuture<InferenceResult> large = call(one, picture, "large", order);
            Eventually.until(
                    "the large boundary is under way",
                    () -> link.bytesUp() > BYTES_THAT_SHOW_IT_IS_UNDER_WAY || large.isDone());
            assertThat(large).isNotDone();

            requireSmallAnswers(one, "same agent", order, tolerance);
            requireSmallAnswers(other, "other agent", order, tolerance);

            InferenceResult result = large.get();
            assertThat(order).hasSize(2 * SMALL_REQUESTS + 1).endsWith("large");
            assertThat(result.source()).isEqualTo(Source.SPLIT);
            assertThat(result.wireBytes()).isGreaterThan(GRPC_MESSAGE_LIMIT);
            requireClose(SplitModel.answer(result), model.direct(picture), tolerance);
        }
    }

    private static EdgeAgent agent(String quality, LinkShaper link) throws Exception {
        return model.agent(edgeView, link.port())
                .split(Split.at(1))
                .quality(quality)
                .deadline(Duration.ofSeconds(100))
                .build();
    }

    /** Sends small requests together and waits for their answers. */
    private static void requireSmallAnswers(EdgeAgent agent, String name, Queue<String> order, float tolerance)
            throws Exception {
        List<CompletableFuture<InferenceResult>> answers = new ArrayList<>();
        for (int i = 0; i < SMALL_REQUESTS; i++) {
            answers.add(call(agent, ExactModels.picture(SMALL_SIDE, SMALL_SIDE, i), name, order));
        }
        for (int i = 0; i < SMALL_REQUESTS; i++) {
            float[] direct = model.direct(ExactModels.picture(SMALL_SIDE, SMALL_SIDE, i));
            requireClose(SplitModel.answer(answers.get(i).get()), direct, tolerance);
        }
    }

    /** @param tolerance relative */
    private static void requireClose(float[] answer, float[] direct, float tolerance) {
        assertThat(answer).hasSameSizeAs(direct);
        for (int i = 0; i < direct.length; i++) {
            assertThat(answer[i]).as("channel %d", i).isCloseTo(direct[i], within(tolerance * direct[i]));
        }
    }

    /** A request that writes its name down when it completes, before anybody who waits for it goes on. */
    private static CompletableFuture<InferenceResult> call(
            EdgeAgent agent, Tensor picture, String name, Queue<String> order) {
        return agent.infer(SplitModel.input(picture)).whenComplete((result, failure) -> order.add(name));
    }
}
