package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.codec.CodecParams;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.InferenceStream;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A video whose boundaries are coded against each other, through a gateway's process. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VideoStreamsTest {
    private static final int SIDE = 16;
    private static final int FRAMES = 30;
    private static final int AT_ONCE = 3;
    /** Kernels of another batch round otherwise; a wrong symbol is hundreds of times further off. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-4f);

    /** No error is added, so that a frame's answer is what it would be if the frame stood alone. */
    private static final StreamSettings EXACT = StreamSettings.all(FRAMES).withAddedError(0);

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private static Bundle withoutLocal;

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.brightestPixel(temporary.resolve("video"));
        withoutLocal = model.edgeView(1, temporary.resolve("edge"));
        CodecParams usual = model.bundle()
                .contract()
                .points()
                .get(1)
                .levels()
                .get(0)
                .codecs()
                .get(0);
        assertThat(usual).as("what the default level does").isInstanceOf(CodecParams.Quant.class);
        assertThat(((CodecParams.Quant) usual).levels()).isGreaterThanOrEqualTo(8);
    }

    /** A still scene in which a spot moves. */
    private static Tensor frame(int time) {
        Tensor picture = ExactModels.picture(SIDE, SIDE, 1);
        for (int channel = 0; channel < 3; channel++) {
            int pixel = time * 5 % (SIDE * SIDE);
            picture.data().putFloat(4 * (channel * SIDE * SIDE + pixel), 1.99f);
        }
        return picture;
    }

    private static EdgeAgent agent(int port, Semaphore linkUps) throws Exception {
        return model.agent(withoutLocal, port)
                .split(Split.at(1))
                .listener(new AgentListener() {
                    @Override
                    public void linkUp(String gateway, String gatewayVersion) {
                        linkUps.release();
                    }
                })
                .build();
    }

    /** A few frames are on their way at once. */
    private static List<InferenceResult> film(InferenceStream stream, int from) throws Exception {
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        for (int time = from; time < from + FRAMES; time++) {
            futures.add(stream.submit(SplitModel.input(frame(time))));
            futures.get(Math.max(0, futures.size() - AT_ONCE)).get();
        }
        List<InferenceResult> results = new ArrayList<>();
        for (CompletableFuture<InferenceResult> future : futures) {
            results.add(future.get());
        }
        return results;
    }

    private static void requireAnswersOfFramesAlone(EdgeAgent agent, List<InferenceResult> results, int from)
            throws Exception {
        for (int i = 0; i < results.size(); i++) {
            InferenceResult alone =
                    agent.infer(SplitModel.input(frame(from + i))).get();
            assertThat(results.get(i).source()).isEqualTo(Source.SPLIT);
            assertThat(SplitModel.answer(results.get(i))).containsExactly(SplitModel.answer(alone), ROUNDING);
        }
    }

    private static long leastBytes(List<InferenceResult> results) {
        return results.stream().mapToLong(InferenceResult::wireBytes).min().orElseThrow();
    }

    @Test
    void answersAreThoseOfFramesAloneForFewerBytesAndAGatewaysRestartHeals() throws Exception {
        int port = FreePort.find();
        Semaphore linkUps = new Semaphore(0);
        try (EdgeAgent agent = agent(port, linkUps);
                InferenceStream stream = agent.stream(EXACT)) {
            long alone;
            try (GatewayProcess first = GatewayProcess.start(model.served(), port, "{}")) {
                linkUps.acquire();
                List<InferenceResult> results = film(stream, 0);
                requireAnswersOfFramesAlone(agent, results, 0);
                alone = results.get(0).wireBytes();
                assertThat(leastBytes(results))
                        .as("of a frame in which a spot moved")
                        .isLessThan(alone / 4);
                assertThat(first.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isEqualTo(2 * FRAMES);
            }
            try (GatewayProcess next = GatewayProcess.start(model.served(), port, "{}")) {
                linkUps.acquire();
                List<InferenceResult> results = film(stream, FRAMES);
                requireAnswersOfFramesAlone(agent, results, FRAMES);
                assertThat(results.get(0).wireBytes())
                        .as("the new gateway holds nothing")
                        .isGreaterThan(alone / 2);
                assertThat(leastBytes(results)).isLessThan(alone / 4);
                assertThat(next.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isEqualTo(2 * FRAMES);
            }
        }
    }

    @Test
    void aGatewayThatHoldsNothingIsSentFramesThatStandAlone() throws Exception {
        Semaphore linkUps = new Semaphore(0);
        try (GatewayProcess gateway = GatewayProcess.start(model.served(), 0, "{\"maxReferenceBytes\": 0}");
                EdgeAgent agent = agent(gateway.port(), linkUps);
                InferenceStream stream = agent.stream(EXACT)) {
            linkUps.acquire();
            List<InferenceResult> results = film(stream, 0);
            requireAnswersOfFramesAlone(agent, results, 0);
            assertThat(leastBytes(results)).isGreaterThan(results.get(0).wireBytes() / 2);
        }
    }
}
