package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.TestModel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that take each other's place under agents that never stop asking. */
class VersionSwapTest {
    private static final int AGENTS = 4;
    private static final int VERSIONS = 6;
    private static final int REQUESTS_OF_A_STREAM = 40;

    @TempDir
    Path models;

    private static TestModel version(int version) {
        return TestModel.named("m").withVersion(Integer.toString(version));
    }

    private Path write(int version) throws Exception {
        return version(version).writeTo(models.resolve("m/" + version + "/m.cleave"), View.FULL);
    }

    /** What an agent does that fetches newer versions: some requests on a stream, then a stream for the newest. */
    private static int ask(ManagedChannel channel, AtomicReference<String> newest, AtomicInteger last)
            throws Exception {
        int answered = 0;
        boolean done = false;
        while (!done) {
            done = last.get() == VERSIONS;
            TestAgent agent = new TestAgent(channel);
            assertThat(agent.open(newest.get()).getError().getMessage()).isEmpty();
            for (int id = 1; id <= REQUESTS_OF_A_STREAM; id++) {
                agent.send(TestAgent.frame(id, 1, 1), version(1).payload(1, id));
                TestAgent.WholeReply reply = agent.reply(id);
                assertThat(reply.error()).isNull();
                assertThat(version(1).decode(1, 1, reply.payload())[0]).isEqualTo(TestModel.y(id));
                answered++;
            }
            agent.halfClose();
            assertThat(agent.awaitEnd().isOk()).isTrue();
        }
        return answered;
    }

    @Test
    void noRequestFailsWhileVersionsComeAndGo() throws Exception {
        AtomicReference<String> newest =
                new AtomicReference<>(Bundle.open(write(1)).id());
        AtomicInteger last = new AtomicInteger(1);
        FakeEngine engine = new FakeEngine();
        ExecutorService agents = Executors.newFixedThreadPool(AGENTS);
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .pollEvery(Duration.ofMillis(20))
                .modelsDirectory(models)
                .build();
        try (Gateway gateway = Gateway.start(config, engine)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                    .usePlaintext()
                    .build();
            List<Future<Integer>> asking = new ArrayList<>();
            for (int i = 0; i < AGENTS; i++) {
                asking.add(agents.submit(() -> ask(channel, newest, last)));
            }
            for (int version = 2; version <= VERSIONS; version++) {
                Bundle bundle = Bundle.open(write(version));
                await(gateway, Integer.toString(version), ModelState.READY);
                newest.set(bundle.id());
                last.set(version);
            }
            for (Future<Integer> future : asking) {
                assertThat(future.get(2, TimeUnit.MINUTES)).isGreaterThanOrEqualTo(REQUESTS_OF_A_STREAM);
            }
            channel.shutdownNow();
        } finally {
            agents.shutdownNow();
        }
        assertThat(engine.openSessions()).isZero();
    }

    private static void await(Gateway gateway, String version, ModelState state) throws InterruptedException {
        gateway.awaitModels(models -> {
            assertThat(models).extracting(ModelStatus::state).doesNotContain(ModelState.FAILED);
            return models.stream().anyMatch(status -> status.version().equals(version) && status.state() == state);
        });
    }
}
