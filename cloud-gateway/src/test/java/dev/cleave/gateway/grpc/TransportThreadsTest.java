package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A call knows the thread of its connection from its first moment on. */
class TransportThreadsTest {
    private static final int CONNECTIONS = 5;

    private static final int ANSWERED = 50;

    private final Queue<Executor> ofCalls = new ConcurrentLinkedQueue<>();
    private final Queue<Boolean> messagesOnIt = new ConcurrentLinkedQueue<>();
    private final CountDownLatch messages = new CountDownLatch(CONNECTIONS);

    /** Tells which thread it is told is the call's, and whether messages come on that. */
    private final class Witness extends SplitInferenceGrpc.SplitInferenceImplBase {
        @Override
        public StreamObserver<ClientMessage> stream(StreamObserver<ServerMessage> responses) {
            Executor connection = TransportThreads.ofCall();
            if (connection != null) {
                ofCalls.add(connection);
            }
            return new StreamObserver<>() {
                private int count;

                @Override
                public void onNext(ClientMessage message) {
                    if (++count < ANSWERED) { // Those that come while another thread still begins the call are its own.
                        responses.onNext(ServerMessage.getDefaultInstance());
                        return;
                    }
                    messagesOnIt.add(connection instanceof EventExecutor loop && loop.inEventLoop());
                    messages.countDown();
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {
                    responses.onCompleted();
                }
            };
        }
    }

    @Test
    void eachCallIsToldTheThreadThatItsMessagesComeOn() throws Exception {
        GatewayMetrics metrics = new GatewayMetrics();
        GatewayIdentity identity =
                GatewayIdentity.open(GatewayConfig.builder().build().access(), metrics);
        CallWatch watch = new CallWatch(
                new CallWatch.Limits(new Patience(Duration.ofMinutes(1)), Duration.ofMinutes(1), 1 << 20),
                System::nanoTime);
        GrpcServer server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 100),
                List.of(new GrpcServer.Service(
                        new Witness(),
                        Set.of(),
                        Set.of(SplitInferenceGrpc.getStreamMethod().getFullMethodName()))),
                List.of(),
                identity,
                watch,
                metrics);
        List<ManagedChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", server.port())
                        .usePlaintext()
                        .build();
                channels.add(channel);
                talk(channel);
            }
            assertThat(messages.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(ofCalls).hasSize(CONNECTIONS);
            assertThat(messagesOnIt).containsOnly(true);
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
            server.close();
            identity.close();
            metrics.close();
        }
    }

    /** Sends a message, and another one for each answer. */
    private static void talk(ManagedChannel channel) {
        List<StreamObserver<ClientMessage>> call = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        call.add(SplitInferenceGrpc.newStub(channel).stream(new StreamObserver<>() {
            @Override
            public void onNext(ServerMessage message) {
                try {
                    begun.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                call.get(0).onNext(ClientMessage.getDefaultInstance());
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        }));
        call.get(0).onNext(ClientMessage.getDefaultInstance());
        begun.countDown();
    }
}
