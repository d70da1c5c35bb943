package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Over a real socket, with the transport that gRPC finds on the class path. */
class EdgeAgentNettyTest extends AgentFixture {
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
