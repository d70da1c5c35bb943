package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.FakeAccelerators;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Open;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that is closed while a provider is being built, which nothing can interrupt. */
@Timeout(45)
class ClosingGatewayTest {
    @TempDir
    Path models;

    /** A stream: whether it was opened, and what it ended with. */
    private static final class Stream implements StreamObserver<ServerMessage> {
        private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
        private final CompletableFuture<Status> ended = new CompletableFuture<>();

        @Override
        public void onNext(ServerMessage message) {
            if (message.hasOpened()) {
                opened.complete(!message.getOpened().hasError());
            }
        }

        @Override
        public void onError(Throwable error) {
            ended.complete(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            ended.complete(Status.OK);
        }
    }

    @Test
    void endsItsStreamsAndPortsWhileTheBuildGoesOn() throws Exception {
        String bundle = Bundle.open(TestModel.named("m").write(models)).id();
        FakeEngine computing = new FakeEngine();
        FakeAccelerators engine = new FakeAccelerators(computing, "tensorrt", "cuda");
        engine.hold("tensorrt");
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .modelsDirectory(models)
                .providers(List.of("tensorrt", "cuda"))
                .compiledBytes(0)
                .build();
        Gateway gateway = Gateway.start(config, engine);
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
        Thread closing = new Thread(gateway::close);
        try {
            engine.awaitLoading("tensorrt");
            Stream stream = new Stream();
            StreamObserver<ClientMessage> agent = SplitInferenceGrpc.newStub(channel).stream(stream);
            agent.onNext(ClientMessage.newBuilder()
                    .setOpen(Open.newBuilder().setBundleId(bundle).setDeviceId("test"))
                    .build());
            assertThat(stream.opened.get()).isTrue();
            closing.start();
            assertThat(stream.ended.get().getCode()).isEqualTo(Status.Code.OK);
            assertThat(engine.loads())
                    .as("the build is still under way")
                    .noneMatch(load -> load.provider().equals("tensorrt"));
        } finally {
            engine.release("tensorrt");
            gateway.close();
            channel.shutdownNow();
        }
        closing.join();
        computing.awaitSessions(0);
        assertThat(engine.loads())
                .as("no further graph is begun")
                .filteredOn(load -> load.provider().equals("tensorrt"))
                .hasSizeLessThanOrEqualTo(1);
    }
}
