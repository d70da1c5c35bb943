package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannelProvider;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Over a real socket, with the transport that gRPC finds on the class path. */
class EdgeAgentSocketTest extends AgentFixture {
    /** The transport that this run of the suite is for, as the build says; a run in an IDE takes what it finds. */
    private static final String TRANSPORT = System.getProperty("cleave.transport");

    @Test
    void reachesAGatewayByHostAndPort() throws Exception {
        gateway.listen();
        EdgeAgent agent = started(EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .token("secret")
                .split(Split.at(2)));
        Map<String, Tensor> inputs = AffineModel.inputs(8, 1);
        InferenceResult result = get(agent.infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.fallback()).isNull();
        assertThat(result.source()).isEqualTo(Source.SPLIT);
        assertThat(gateway.authorizations).containsExactly("Bearer secret");
    }

    @Test
    void runsOnTheTransportThatTheBuildMeant() {
        assumeTrue(TRANSPORT != null, "needs -Dcleave.transport");
        String provider = ManagedChannelProvider.provider().getClass().getName();
        assertThat(provider).startsWith("io.grpc." + TRANSPORT + ".");
    }

    /** A frame of many chunks, over a window of credit that is smaller than it. */
    @Test
    void sendsAFrameOfManyChunks() throws Exception {
        gateway.maxChunkBytes = 1 << 10;
        gateway.listen();
        EdgeAgent agent = started(EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .quality("raw")
                .split(Split.at(1)));
        for (int i = 0; i < 20; i++) {
            Map<String, Tensor> inputs = AffineModel.inputs(8, i);
            InferenceResult result = get(agent.infer(inputs));
            assertAnswers(result, inputs);
            assertThat(result.source()).isEqualTo(Source.SPLIT);
        }
        assertThat(gateway.chunks.size()).isGreaterThan(20);
        assertThat(gateway.violations).isEmpty();
    }

    @Test
    void namesAPortOnWhichNobodyListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        EdgeAgent agent = started(EdgeAgent.builder()
                .bundle(new AffineModel().edgeThrough(folder, 2))
                .engine(engine)
                .gateway("localhost:" + port)
                .split(Split.at(1)));
        CompletableFuture<InferenceResult> future = agent.infer(AffineModel.inputs(1, 1));
        InferenceException failure = failure(future);
        assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("UNAVAILABLE");
    }
}
