package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import dev.cleave.engine.FakeEngine.Run;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.OipGateway;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import io.grpc.stub.StreamObserver;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames of agents and requests of the Open Inference Protocol, over gRPC and HTTP, in one batch. */
class OipBatchTest {
    private static final TestModel MODEL = TestModel.named("m");

    @TempDir
    Path models;

    private OipGateway gateway;
    private TestAgent agent;

    @BeforeEach
    void start() throws Exception {
        Path file = MODEL.write(models);
        gateway = new OipGateway(models, GatewayConfig.builder());
        agent = new TestAgent(gateway.channel);
        agent.open(Bundle.open(file).id());
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    private CompletableFuture<ModelInferResponse> overGrpc(float... elements) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float element : elements) {
            bytes.putFloat(element);
        }
        return overGrpc(bytes.array());
    }

    private CompletableFuture<ModelInferResponse> overGrpc(byte[] bytes) {
        CompletableFuture<ModelInferResponse> answer = new CompletableFuture<>();
        gateway.asyncCalls()
                .modelInfer(
                        ModelInferRequest.newBuilder()
                                .setModelName("m.split-1")
                                .addInputs(InferInputTensor.newBuilder()
                                        .setName("a")
                                        .setDatatype("FP32")
                                        .addShape(bytes.length / 16)
                                        .addShape(4))
                                .addRawInputContents(ByteString.copyFrom(bytes))
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(ModelInferResponse response) {
                                answer.complete(response);
                            }

                            @Override
                            public void onError(Throwable error) {
                                answer.completeExceptionally(error);
                            }

                            @Override
                            public void onCompleted() {}
                        });
        return answer;
    }

    private CompletableFuture<HttpResponse<String>> overHttp(String elements) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return gateway.post(
                        "/v2/models/m.split-1/infer",
                        "{'inputs':[{'name':'a','datatype':'FP32','shape':[1,4],'data':[" + elements + "]}]}");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitQueued(int requests) throws Exception {
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} " + requests + ".0");
    }

    @Test
    void shareTheirBatch() throws Exception {
        gateway.engine.hold();
        agent.send(TestAgent.frame(1, 1, 1), MODEL.payload(1, 100));
        gateway.engine.awaitHeld(1);
        int before = gateway.engine.runs().size();
        agent.send(TestAgent.frame(2, 1, 2), MODEL.payload(1, 1, 2));
        awaitQueued(1);
        CompletableFuture<ModelInferResponse> grpc = overGrpc(1, 2, 3, 4, 5, 6, 7, 8);
        awaitQueued(2);
        CompletableFuture<HttpResponse<String>> http = overHttp("9,10,11,12");
        awaitQueued(3);
        gateway.engine.release();
        assertThat(MODEL.decode(1, 2, agent.reply(2).payload())).containsExactly(14, 14, 14, 14, 20, 20, 20, 20);
        ModelInferResponse response = grpc.get(60, TimeUnit.SECONDS);
        assertThat(response.getRawOutputContents(1)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat(28))
                .isEqualTo(3 * 8 + 5);
        assertThat(http.get(60, TimeUnit.SECONDS).body())
                .contains("\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[32.0,35.0,38.0,41.0]");
        assertThat(gateway.engine.runs().subList(before, gateway.engine.runs().size()))
                .extracting(Run::rows)
                .as("the rest of the first run, then one for all others")
                .containsExactly(1, 5, 5);
        assertThat(agent.reply(2).header().getTiming().getBatchRequests()).isEqualTo(3);
        gateway.awaitMetric("cleave_requests_total{model=\"m\",outcome=\"ok\",point=\"1\",version=\"1\"} 4.0");
    }

    /** Its elements are looked at only when the batch is formed: a bool, say. Here the run fails for all of them, and then for one alone. */
    @Test
    void aRequestThatFailsTakesNoOtherWithIt() throws Exception {
        gateway.engine.hold();
        agent.send(TestAgent.frame(1, 1, 1), MODEL.payload(1, 100));
        gateway.engine.awaitHeld(1);
        CompletableFuture<ModelInferResponse> bad = overGrpc(1, 2, 3, 4);
        awaitQueued(1);
        agent.send(TestAgent.frame(2, 1, 1), MODEL.payload(1, 1));
        awaitQueued(2);
        CompletableFuture<HttpResponse<String>> http = overHttp("9,10,11,12");
        awaitQueued(3);
        CompletableFuture<ModelInferResponse> malformed = overGrpc(new byte[17]);
        assertThat(malformed.handle((answer, error) -> error.getMessage()).get(60, TimeUnit.SECONDS))
                .contains("has 17 bytes");
        gateway.engine.failNext("first");
        gateway.engine.failNext("all three");
        gateway.engine.failNext("the first of them");
        gateway.engine.release();
        assertThat(bad.handle((answer, error) -> error.getMessage()).get(60, TimeUnit.SECONDS))
                .contains("INTERNAL")
                .contains("the first of them");
        assertThat(MODEL.decode(1, 1, agent.reply(2).payload())).containsExactly(14, 14, 14, 14);
        assertThat(http.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
}
