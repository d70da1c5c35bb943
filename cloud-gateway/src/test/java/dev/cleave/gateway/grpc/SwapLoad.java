package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.OipGateway;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.v1.Error;
import dev.cleave.v1.Opened;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Callers who never stop asking a gateway for the model {@code m}: agents, each on streams of the newest version that it knows of, and callers of the
 * Open Inference Protocol, over gRPC and HTTP, who name no version. The first request that is not answered, or not rightly, is told to whoever waits.
 */
final class SwapLoad implements AutoCloseable {
    private static final TestModel MODEL = TestModel.named("m");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String AGENT = "agent ";
    private static final int AGENTS = 3;
    private static final int OTHERS = 2;
    private static final int REQUESTS_OF_A_STREAM = 20;
    private static final int VALUES = 100;

    /** Asks, and says which version answered. */
    private interface Caller {
        String ask(int value) throws Exception;
    }

    private final OipGateway gateway;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile String newestBundle;
    private volatile boolean over;
    /** Which version answered each caller last. Its monitor guards the next two as well, and is told of every answer. */
    private final Map<String, String> last = new TreeMap<>();

    private long answers;
    private Throwable failure;

    /** @param bundleId of the version that agents begin with */
    SwapLoad(OipGateway gateway, String bundleId) {
        this.gateway = gateway;
        this.newestBundle = bundleId;
        for (int i = 0; i < AGENTS; i++) {
            start(AGENT + i, this::askOnAStream);
        }
        for (int i = 0; i < OTHERS; i++) {
            start("gRPC " + i, this::askOverGrpc);
            start("HTTP " + i, this::askOverHttp);
        }
    }

    private void start(String name, Caller caller) {
        synchronized (last) {
            last.put(name, "");
        }
        threads.execute(() -> {
            try {
                for (int value = 1; !over; value = value % VALUES + 1) {
                    answered(name, caller.ask(value));
                }
            } catch (Exception | AssertionError e) {
                failed(new AssertionError(name + ": " + e.getMessage(), e));
            }
        });
    }

    private void answered(String name, String version) {
        synchronized (last) {
            last.put(name, version);
            answers++;
            last.notifyAll();
        }
    }

    private void failed(Throwable why) {
        synchronized (last) {
            failure = failure == null ? why : failure;
            last.notifyAll();
        }
    }

    /** Some requests on a stream of the newest version. One that was replaced while the agent connected is told so, and comes again. */
    private String askOnAStream(int value) throws Exception {
        while (true) {
            TestAgent agent = new TestAgent(gateway.channel);
            Opened opened = agent.open(newestBundle);
            if (opened.hasError()) {
                assertThat(opened.getError().getCode()).isIn(Error.Code.DRAINING, Error.Code.BUNDLE_NOT_SERVED);
                assertThat(agent.awaitEnd().isOk()).isTrue();
                continue;
            }
            for (int id = 1; id <= REQUESTS_OF_A_STREAM; id++) {
                agent.send(TestAgent.frame(id, 1, 1), MODEL.payload(1, value + id));
                TestAgent.WholeReply reply = agent.reply(id);
                assertThat(reply.error()).isNull();
                assertThat(MODEL.decode(1, 1, reply.payload())[0]).isEqualTo(TestModel.y(value + id));
            }
            agent.halfClose();
            assertThat(agent.awaitEnd().isOk()).isTrue();
            return opened.getModelVersion();
        }
    }

    private String askOverGrpc(int value) {
        ByteBuffer x = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        x.putFloat(value).putFloat(value).putFloat(value).putFloat(value);
        ModelInferResponse response = gateway.calls()
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .modelInfer(ModelInferRequest.newBuilder()
                        .setModelName("m")
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype("FP32")
                                .addShape(1)
                                .addShape(4))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
                        .addRawInputContents(ByteString.copyFrom(x.flip()))
                        .build());
        float y = response.getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .getFloat();
        assertThat(y).isEqualTo(TestModel.y(value));
        return response.getModelVersion();
    }

    private String askOverHttp(int value) throws Exception {
        HttpResponse<String> response = gateway.post(
                "/v2/models/m/infer",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1,4],'data':[" + value + "," + value + "," + value
                        + "," + value + "]}],'outputs':[{'name':'y'}]}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = JSON.readTree(response.body());
        assertThat(answer.at("/outputs/0/data/0").floatValue()).isEqualTo(TestModel.y(value));
        return answer.get("model_version").textValue();
    }

    /** From now on agents open streams of this one. */
    void newest(String bundleId) {
        newestBundle = bundleId;
    }

    /** Waits until the version has answered every caller's last request. */
    void awaitAll(String version) throws InterruptedException {
        await(version, "");
    }

    /** The same for those who are no agents. */
    void awaitOthers(String version) throws InterruptedException {
        await(version, AGENT);
    }

    private void await(String version, String but) throws InterruptedException {
        synchronized (last) {
            while (failure == null
                    && !last.entrySet().stream()
                            .filter(caller -> but.isEmpty() || !caller.getKey().startsWith(but))
                            .allMatch(caller -> caller.getValue().equals(version))) {
                last.wait();
            }
            requireNoFailure();
        }
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new AssertionError("a request failed after " + answers + " answers", failure);
        }
    }

    /** Has every caller end the round that it is in; fails if a request has failed. */
    @Override
    public void close() {
        over = true;
        threads.shutdown();
        try {
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (last) {
            requireNoFailure();
        }
    }
}
