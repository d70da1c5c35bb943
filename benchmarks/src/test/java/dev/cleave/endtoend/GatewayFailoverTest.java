package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Source;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways in processes of their own, of which the one in use is killed under the requests. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatewayFailoverTest {
    private static final int REQUESTS = 1000;
    private static final int BEFORE_THE_KILL = 300;
    private static final int IN_FLIGHT = 8;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private static Bundle withoutLocal;

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.classifier(temporary.resolve("classifier"), "classifier", 1);
        withoutLocal = model.edgeView(2, temporary.resolve("edge"));
    }

    /** Ids of requests as often as each was answered, and what became of the links. */
    private static final class Tally implements AgentListener {
        private final ConcurrentLinkedQueue<Long> answered = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Long> ended = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<String> ups = new ConcurrentLinkedQueue<>();
        private final Semaphore linkUp = new Semaphore(0);

        @Override
        public void requestAnswered(long request, Answer answer) {
            answered.add(request);
        }

        @Override
        public void requestEnded(long request, String failure) {
            ended.add(request);
        }

        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            ups.add(gateway);
            linkUp.release();
        }
    }

    @Test
    void everyRequestIsAnsweredOnceByGatewaysWhereTheDeviceCannot() throws Exception {
        try (GatewayProcess first = GatewayProcess.start(model.served());
                GatewayProcess second = GatewayProcess.start(model.served())) {
            Tally tally = new Tally();
            List<InferenceResult> results =
                    killTheFirst(model.agent(withoutLocal, first.port()).gateway(second.address()), tally, first);
            assertThat(results).allMatch(result -> result.source() == Source.SPLIT);
            assertThat(tally.ups).containsExactly(first.address(), second.address());
            assertThat(second.metric("cleave_requests_total", "outcome=\"ok\"")).isPositive();
        }
    }

    @Test
    void everyRequestIsAnsweredOnceOverOkHttpToo() throws Exception {
        try (GatewayProcess first = GatewayProcess.start(model.served());
                GatewayProcess second = GatewayProcess.start(model.served())) {
            List<ManagedChannel> channels = List.of(channel(first), channel(second));
            EdgeAgentBuilder builder = model.agent(withoutLocal, first.port());
            channels.forEach(builder::channel);
            List<InferenceResult> results = killTheFirst(builder, new Tally(), first);
            channels.forEach(ManagedChannel::shutdownNow);
            assertThat(results).allMatch(result -> result.source() == Source.SPLIT);
            assertThat(second.metric("cleave_requests_total", "outcome=\"ok\"")).isPositive();
        }
    }

    @Test
    void theDeviceFinishesWhatWasUnderWayWhereItCan() throws Exception {
        try (GatewayProcess first = GatewayProcess.start(model.served());
                GatewayProcess second = GatewayProcess.start(model.served())) {
            killTheFirst(model.agent(model.bundle(), first.port()).gateway(second.address()), new Tally(), first);
            assertThat(second.metric("cleave_requests_total", "outcome=\"ok\"")).isPositive();
        }
    }

    private static ManagedChannel channel(GatewayProcess gateway) {
        return OkHttpChannelBuilder.forAddress("127.0.0.1", gateway.port())
                .usePlaintext()
                .build();
    }

    /** All answers, each right and given once; the first gateway dies while requests are under way. */
    private static List<InferenceResult> killTheFirst(EdgeAgentBuilder builder, Tally tally, GatewayProcess first)
            throws Exception {
        try (EdgeAgent agent =
                builder.split(Split.at(1)).quality("raw").listener(tally).build()) {
            tally.linkUp.acquire();
            List<CompletableFuture<InferenceResult>> futures = callWhileItIsKilled(agent, first);
            List<InferenceResult> results = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                InferenceResult result = futures.get(i).get();
                assertThat(SplitModel.answer(result)).isEqualTo(model.direct(ExactModels.classifierRow(row(i))));
                results.add(result);
            }
            assertThat(tally.answered).hasSize(REQUESTS).doesNotHaveDuplicates();
            Eventually.until("the last request's end is told", () -> tally.ended.size() >= REQUESTS);
            assertThat(tally.ended).hasSize(REQUESTS).doesNotHaveDuplicates();
            // The device is quick: all may have been answered before the second gateway was there.
            Eventually.until("the second gateway answers", () -> isSplit(agent));
            return results;
        }
    }

    private static boolean isSplit(EdgeAgent agent) {
        Source source = agent.infer(SplitModel.input(ExactModels.classifierRow(row(0))))
                .join()
                .source();
        return source == Source.SPLIT;
    }

    private static List<CompletableFuture<InferenceResult>> callWhileItIsKilled(EdgeAgent agent, GatewayProcess first)
            throws Exception {
        Semaphore slots = new Semaphore(IN_FLIGHT);
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        CompletableFuture<Void> kill = new CompletableFuture<>();
        for (int i = 0; i < REQUESTS; i++) {
            slots.acquire();
            CompletableFuture<InferenceResult> future =
                    agent.infer(SplitModel.input(ExactModels.classifierRow(row(i))));
            future.whenComplete((result, failure) -> slots.release());
            futures.add(future);
            if (i == BEFORE_THE_KILL) {
                kill = CompletableFuture.runAsync(first::close);
            }
        }
        kill.get();
        return futures;
    }

    private static int row(int request) {
        return request % SplitModel.CALIBRATED_ROWS;
    }
}
