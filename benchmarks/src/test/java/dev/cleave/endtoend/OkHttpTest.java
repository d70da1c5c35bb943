package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The transport of Android, which buffers as it likes, against the gateway as it is. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OkHttpTest {
    private static final int AT_ONCE = 32;
    private static final int LARGE_SIDE = 224;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel classifier;

    @AutoClose
    private static SplitModel pictures;

    @BeforeAll
    static void split() throws Exception {
        classifier = SplitModel.classifier(temporary.resolve("classifier"), "classifier", 1);
        pictures = SplitModel.powersOfTwo(temporary.resolve("pictures"));
    }

    private static ManagedChannel channel(int port) {
        return OkHttpChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    private static EdgeAgent agent(SplitModel model, ManagedChannel channel) throws Exception {
        return model.agent(model.bundle(), 1)
                .channel(channel)
                .split(Split.at(1))
                .quality("raw")
                .build();
    }

    @Test
    void answersManyAtOnceAndComesBackAfterALoss() throws Exception {
        int port = FreePort.find();
        ManagedChannel channel = channel(port);
        try (EdgeAgent agent = agent(classifier, channel)) {
            try (GatewayProcess gateway = GatewayProcess.start(classifier.served(), port, "{}")) {
                Eventually.until("the gateway answers", () -> ask(agent, 0).source() == Source.SPLIT);
                for (int wave = 0; wave < 10; wave++) {
                    List<CompletableFuture<InferenceResult>> answers = new ArrayList<>();
                    for (int row = 0; row < AT_ONCE; row++) {
                        answers.add(agent.infer(SplitModel.input(ExactModels.classifierRow(row))));
                    }
                    for (int row = 0; row < AT_ONCE; row++) {
                        requireRight(answers.get(row).get(), row);
                    }
                }
                assertThat(gateway.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isGreaterThanOrEqualTo(10 * AT_ONCE);
            }
            InferenceResult alone = ask(agent, 3);
            assertThat(alone.source()).isEqualTo(Source.LOCAL);
            requireRight(alone, 3);
            try (GatewayProcess next = GatewayProcess.start(classifier.served(), port, "{}")) {
                Eventually.until("the next gateway answers", () -> ask(agent, 4).source() == Source.SPLIT);
                assertThat(next.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isPositive();
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /** Larger than a gRPC message may be, and than the transport's own windows. */
    @Test
    void sendsALargeBoundary() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(pictures.served())) {
            ManagedChannel channel = channel(gateway.port());
            try (EdgeAgent agent = agent(pictures, channel)) {
                Tensor picture = ExactModels.picture(LARGE_SIDE, LARGE_SIDE, 1);
                Eventually.until(
                        "the gateway answers",
                        () -> agent.infer(SplitModel.input(picture)).get().source() == Source.SPLIT);
                InferenceResult result = agent.infer(SplitModel.input(picture)).get();
                assertThat(result.source()).isEqualTo(Source.SPLIT);
                assertThat(result.wireBytes()).isGreaterThan(4 << 20);
                assertThat(SplitModel.answer(result)).isEqualTo(pictures.direct(picture));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static InferenceResult ask(EdgeAgent agent, int row) throws Exception {
        return agent.infer(SplitModel.input(ExactModels.classifierRow(row))).get();
    }

    private static void requireRight(InferenceResult result, int row) throws Exception {
        assertThat(SplitModel.answer(result)).isEqualTo(classifier.direct(ExactModels.classifierRow(row)));
    }
}
