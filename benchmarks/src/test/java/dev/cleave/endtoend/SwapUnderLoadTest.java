package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Versions on ONNX Runtime that take each other's place, and are unloaded, while agents and callers of the Open Inference Protocol ask. Every answer is,
 * bit by bit, that of the version that gave it.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SwapUnderLoadTest {
    private static final int VERSIONS = 4;
    private static final int WIDTH = 256;
    private static final int ROWS = 16;
    private static final int REQUESTS_OF_AN_AGENT = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path temporary;

    private static final List<SplitModel> VERSION = new ArrayList<>();
    /** By version, then by row. */
    private static final List<List<float[]>> EXPECTED = new ArrayList<>();

    @TempDir
    private Path models;

    private final Map<String, Integer> last = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile int newest = 1;
    private volatile boolean over;

    /** Asks for a row, and says which version answered. */
    private interface Caller {
        int ask(int row) throws Exception;
    }

    @BeforeAll
    static void split() throws Exception {
        for (int version = 1; version <= VERSIONS; version++) {
            SplitModel model = SplitModel.version(
                    temporary.resolve("v" + version), version, ExactModels.classifierWithDetour(version, WIDTH, 1));
            VERSION.add(model);
            List<float[]> answers = new ArrayList<>();
            for (int row = 0; row < ROWS; row++) {
                answers.add(model.direct(ExactModels.classifierRow(row)));
            }
            EXPECTED.add(answers);
        }
    }

    @AfterAll
    static void close() {
        VERSION.forEach(SplitModel::close);
    }

    private static float[] expected(int version, int row) {
        return EXPECTED.get(version - 1).get(row);
    }

    private static float[] values(int row) {
        Tensor tensor = ExactModels.classifierRow(row);
        FloatBuffer data = tensor.data().asFloatBuffer();
        float[] values = new float[data.remaining()];
        data.get(values);
        return values;
    }

    private void serve(int version) throws Exception {
        Path folder = Files.createDirectories(models.resolve("classifier/." + version));
        Files.copy(VERSION.get(version - 1).bundle().file(), folder.resolve("classifier.cleave"));
        Files.move(folder, folder.resolveSibling(Integer.toString(version)));
    }

    private void start(String name, Caller caller) {
        last.put(name, 0);
        threads.execute(() -> {
            try {
                for (int row = 0; !over; row = (row + 1) % ROWS) {
                    last.put(name, caller.ask(row));
                }
            } catch (Exception | AssertionError e) {
                failure.compareAndSet(null, new AssertionError(name + ": " + e, e));
            }
        });
    }

    private void awaitAll(int version) throws Exception {
        Eventually.until(
                "all were answered by version " + version,
                () -> failure.get() != null || last.values().stream().allMatch(by -> by == version));
        assertThat(failure.get()).isNull();
    }

    /** An agent that has fetched the newest version asks a few times, on the link and without a fall-back of the test's. */
    private Caller agents(int port) {
        return row -> {
            int version = newest;
            try (EdgeAgent agent = VERSION.get(version - 1)
                    .agent(VERSION.get(version - 1).bundle(), port)
                    .split(Split.at(1))
                    .quality("raw")
                    .build()) {
                int split = 0;
                for (int i = 0; i < REQUESTS_OF_AN_AGENT || split == 0 && version == newest; i++) {
                    InferenceResult result = agent.infer(SplitModel.input(ExactModels.classifierRow(row)))
                            .get();
                    assertThat(SplitModel.answer(result)).isEqualTo(expected(version, row));
                    split += result.source() == Source.SPLIT ? 1 : 0;
                }
            }
            return version;
        };
    }

    private static Caller overGrpc(ManagedChannel channel) {
        return row -> {
            InferTensorContents.Builder contents = InferTensorContents.newBuilder();
            for (float value : values(row)) {
                contents.addFp32Contents(value);
            }
            ModelInferResponse response = GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(60, TimeUnit.SECONDS)
                    .modelInfer(ModelInferRequest.newBuilder()
                            .setModelName("classifier")
                            .addInputs(InferInputTensor.newBuilder()
                                    .setName(ExactModels.INPUT)
                                    .setDatatype("FP32")
                                    .addShape(1)
                                    .addShape(ExactModels.CLASSES)
                                    .setContents(contents))
                            .build());
            int version = Integer.parseInt(response.getModelVersion());
            assertThat(response.getOutputs(0).getContents().getFp32ContentsList())
                    .containsExactlyElementsOf(list(expected(version, row)));
            return version;
        };
    }

    private static List<Float> list(float[] values) {
        List<Float> list = new ArrayList<>();
        for (float value : values) {
            list.add(value);
        }
        return list;
    }

    private static Caller overHttp(int port) {
        HttpClient http = HttpClient.newHttpClient();
        return row -> {
            String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1," + ExactModels.CLASSES
                    + "],\"data\":" + list(values(row)) + "}]}";
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v2/models/classifier/infer"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode answer = JSON.readTree(response.body());
            int version = Integer.parseInt(answer.get("model_version").textValue());
            float[] y = JSON.treeToValue(answer.at("/outputs/0/data"), float[].class);
            assertThat(y).isEqualTo(expected(version, row));
            return version;
        };
    }

    private static void await(Gateway gateway, int version, ModelState state) throws InterruptedException {
        gateway.awaitModels(listed -> {
            assertThat(listed).extracting(ModelStatus::state).doesNotContain(ModelState.FAILED);
            return listed.stream()
                    .anyMatch(status -> status.version().equals(Integer.toString(version)) && status.state() == state);
        });
    }

    @Test
    void everyAnswerIsThatOfTheVersionThatGaveItWhileVersionsAreLoadedAndUnloaded() throws Exception {
        serve(1);
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .modelsDirectory(models)
                .concurrencyLimit(ConcurrencyLimit.OFF)
                .pollEvery(Duration.ofMillis(20))
                .reconnectTime(Duration.ofMillis(100))
                .build();
        try (Engine engine = Engines.create("onnxruntime");
                Gateway gateway = Gateway.start(config, engine)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                    .usePlaintext()
                    .build();
            start("agents", agents(gateway.port()));
            start("gRPC 1", overGrpc(channel));
            start("gRPC 2", overGrpc(channel));
            start("HTTP 1", overHttp(gateway.httpPort()));
            start("HTTP 2", overHttp(gateway.httpPort()));
            awaitAll(1);
            for (int version = 2; version <= VERSIONS; version++) {
                serve(version);
                await(gateway, version, ModelState.READY);
                newest = version;
                await(gateway, version - 1, ModelState.UNLOADED);
                awaitAll(version);
            }
            over = true;
            threads.shutdown();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(failure.get()).isNull();
            channel.shutdownNow();
        } finally {
            over = true;
            threads.shutdownNow();
        }
    }
}
