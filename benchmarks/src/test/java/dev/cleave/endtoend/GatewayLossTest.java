package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What calls come to when the gateway's process dies under them, or the link swallows everything. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatewayLossTest {
    private static final int AGENTS = 8;
    private static final int IN_FLIGHT = 4;
    private static final int ANSWERS_BEFORE_THE_LOSS = 100;

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

    /** How one call ended: one of the two is null. */
    private record Ending(int row, InferenceResult result, InferenceException failure) {
        boolean isFromGateway() {
            return failure == null && result.source() == Source.SPLIT;
        }
    }

    /** An agent that keeps calls in flight, and counts how often its link came up. */
    private static final class Client implements AgentListener, AutoCloseable {
        private final Semaphore linkUps = new Semaphore(0);
        private final EdgeAgent agent;

        Client(Bundle view, int port) throws Exception {
            agent = model.agent(view, port)
                    .split(Split.at(1))
                    .quality("raw")
                    .listener(this)
                    .build();
        }

        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            linkUps.release();
        }

        /** Calls in waves, until one in a wave was not answered by the gateway. */
        List<Ending> callUntilLoss(CountDownLatch answered) throws Exception {
            List<Ending> endings = new ArrayList<>();
            while (endings.stream().allMatch(Ending::isFromGateway)) {
                List<CompletableFuture<InferenceResult>> wave = new ArrayList<>();
                for (int row = 0; row < IN_FLIGHT; row++) {
                    wave.add(agent.infer(SplitModel.input(ExactModels.classifierRow(row))));
                }
                for (int row = 0; row < IN_FLIGHT; row++) {
                    endings.add(ending(row, wave.get(row)));
                    answered.countDown();
                }
            }
            return endings;
        }

        void awaitLinkUp() throws InterruptedException {
            linkUps.acquire();
        }

        @Override
        public void close() {
            agent.close();
        }
    }

    @Test
    void killedGatewayFailsNoCallSilentlyAndAgentsComeBackToTheNextOne() throws Exception {
        int port = FreePort.find();
        List<Client> clients = new ArrayList<>();
        try (LinkShaper link = LinkShaper.startLocal(port, Links.CELLULAR)) {
            List<List<Ending>> endings;
            try (GatewayProcess gateway = GatewayProcess.start(model.served(), port, "{}")) {
                for (int i = 0; i < AGENTS; i++) {
                    clients.add(new Client(i % 2 == 0 ? withoutLocal : model.bundle(), link.port()));
                    clients.get(i).awaitLinkUp();
                }
                endings = callWhileItIsKilled(clients, gateway);
            }
            for (int i = 0; i < AGENTS; i++) {
                requireNamedLoss(endings.get(i), clients.get(i).agent.isLocalAvailable());
            }

            try (GatewayProcess next = GatewayProcess.start(model.served(), port, "{}")) {
                for (Client client : clients) {
                    client.awaitLinkUp();
                    requireAnswerOfGateway(client.agent);
                }
                assertThat(next.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isEqualTo(AGENTS);
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    @Test
    void blackHoleIsNoticedAndItsEndLetsTheGatewayAnswerAgain() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served());
                LinkShaper link = LinkShaper.startLocal(gateway.port(), Links.CELLULAR);
                Client client = new Client(model.bundle(), link.port())) {
            client.awaitLinkUp();
            link.blackHole(true);
            Tensor row = ExactModels.classifierRow(3);
            InferenceResult result = client.agent
                    .infer(SplitModel.input(row), Duration.ofSeconds(5))
                    .get();

            assertThat(result.source()).isEqualTo(Source.LOCAL);
            assertThat(result.fallback().cause()).isEqualTo(Fallback.Cause.LINK_DOWN);
            assertThat(result.deadlineMet()).isTrue();
            assertThat(SplitModel.answer(result)).isEqualTo(model.direct(row));

            link.blackHole(false);
            client.awaitLinkUp();
            requireAnswerOfGateway(client.agent);
        }
    }

    private static List<List<Ending>> callWhileItIsKilled(List<Client> clients, GatewayProcess gateway)
            throws Exception {
        CountDownLatch answered = new CountDownLatch(ANSWERS_BEFORE_THE_LOSS);
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try {
            List<Future<List<Ending>>> running = new ArrayList<>();
            for (Client client : clients) {
                running.add(threads.submit(() -> client.callUntilLoss(answered)));
            }
            answered.await();
            gateway.close();
            List<List<Ending>> endings = new ArrayList<>();
            for (Future<List<Ending>> client : running) {
                endings.add(client.get());
            }
            return endings;
        } finally {
            threads.shutdownNow();
        }
    }

    private static void requireNamedLoss(List<Ending> endings, boolean localAvailable) throws Exception {
        for (Ending ending : endings) {
            if (ending.failure() != null) {
                assertThat(ending.failure().reason()).isEqualTo(Reason.UNAVAILABLE);
                assertThat(ending.failure().getMessage())
                        .matches("request \\d+: [^\\n]*gateway[^\\n]*; LOCAL is not available: [^\\n]*");
                assertThat(localAvailable).isFalse();
            } else {
                float[] direct = model.direct(ExactModels.classifierRow(ending.row()));
                assertThat(SplitModel.answer(ending.result())).isEqualTo(direct);
            }
        }
        if (localAvailable) {
            assertThat(endings)
                    .filteredOn(ending -> !ending.isFromGateway())
                    .extracting(ending -> ending.result().fallback().cause())
                    .isNotEmpty()
                    .containsOnly(Fallback.Cause.LINK_DOWN);
        } else {
            assertThat(endings).anyMatch(ending -> ending.failure() != null);
        }
    }

    private static void requireAnswerOfGateway(EdgeAgent agent) throws Exception {
        Tensor row = ExactModels.classifierRow(5);
        InferenceResult result = agent.infer(SplitModel.input(row)).get();
        assertThat(result.source()).isEqualTo(Source.SPLIT);
        assertThat(SplitModel.answer(result)).isEqualTo(model.direct(row));
    }

    private static Ending ending(int row, CompletableFuture<InferenceResult> call) throws InterruptedException {
        try {
            return new Ending(row, call.get(), null);
        } catch (ExecutionException failure) {
            assertThat(failure.getCause()).isInstanceOf(InferenceException.class);
            return new Ending(row, null, (InferenceException) failure.getCause());
        }
    }
}
