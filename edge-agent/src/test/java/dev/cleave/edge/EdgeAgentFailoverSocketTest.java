package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways over real sockets, with the transport that gRPC finds on the class path. */
class EdgeAgentFailoverSocketTest extends AgentFixture {
    private FakeGateway second;

    @BeforeEach
    void listen() throws Exception {
        second = anotherGateway();
        gateway.listen();
        second.listen();
    }

    /** An agent that cannot answer LOCAL. */
    private EdgeAgent agentOf(String... addresses) throws Exception {
        return started(EdgeAgent.builder()
                .bundle(new AffineModel().edgeThrough(folder, 2))
                .engine(engine)
                .gateways(addresses)
                .token("secret")
                .split(Split.at(2)));
    }

    private static String address(FakeGateway one) {
        return "localhost:" + one.port();
    }

    private static void assertSplits(CompletableFuture<InferenceResult> future, Map<String, Tensor> inputs)
            throws Exception {
        InferenceResult result = get(future);
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.SPLIT);
    }

    @Test
    void goesToTheSecondWhereNobodyListensAtTheFirst() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        EdgeAgent agent = agentOf("localhost:" + port, address(second));
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        assertSplits(agent.infer(inputs), inputs);
        assertThat(second.authorizations).containsExactly("Bearer secret");
    }

    @Test
    void whatWasUnderWayIsAnsweredByTheSecondWhenTheFirstIsKilled() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        EdgeAgent agent = agentOf(address(gateway), address(second));
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        CompletableFuture<InferenceResult> future = agent.infer(inputs);
        gateway.awaitRequest();
        gateway.close();
        assertSplits(future, inputs);
        assertThat(second.requests).isEmpty();
        assertThat(second.chunks).hasSize(1);
    }

    @Test
    void nobodyConnectsToTheOneThatIsNotInUse() throws Exception {
        EdgeAgent agent = agentOf(address(gateway), address(second));
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        assertSplits(agent.infer(inputs), inputs);
        assertThat(second.authorizations).isEmpty();
        gateway.close();
        Map<String, Tensor> more = AffineModel.inputs(2, 2);
        assertSplits(agent.infer(more), more);
        assertThat(second.opens).hasSize(1);
    }
}
