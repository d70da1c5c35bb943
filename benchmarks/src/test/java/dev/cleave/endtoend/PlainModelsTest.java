package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.HostileGraphs;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway process on ONNX Runtime whose models directory holds ONNX models as they are, good ones and hostile ones. */
class PlainModelsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int CLASSES = ExactModels.CLASSES;
    private static final int SIGTERM_EXIT = 128 + 15;

    @TempDir
    private Path folder;

    private Path models;

    @BeforeEach
    void makeModels() throws IOException {
        models = Files.createDirectory(folder.resolve("models"));
    }

    private Path put(String path, ModelProto model) throws IOException {
        Path file = models.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.write(file, model.toByteArray());
    }

    /** {@code y = x - mean over the rows of x}: what a row gives depends on the others. */
    private static ModelBuilder mixing() {
        return new ModelBuilder()
                .input("x", "N", CLASSES)
                .node("ReduceMean", "x", "mean")
                .with("axes", new long[] {0})
                .node("Sub", "x mean", "y")
                .output("y", ElementType.FLOAT32, "N", CLASSES);
    }

    private static ModelBuilder external(String location) {
        return new ModelBuilder()
                .input("x", "N", 4)
                .initializer(ModelBuilder.external("w", location, "0", "64", 4, 4))
                .node("MatMul", "x w", "y")
                .output("y", ElementType.FLOAT32, "N", 4);
    }

    /** {@code y = 3 x}. */
    private static ModelProto triple() {
        return new ModelBuilder()
                .input("x", "N", 4)
                .scalar("three", 3)
                .node("Mul", "x three", "y")
                .output("y", ElementType.FLOAT32, "N", 4)
                .build();
    }

    /** The same rows by bare ONNX Runtime. */
    private static float[] direct(ModelProto model, float[] rows, int width) throws Exception {
        try (Engine engine = Engines.create("onnxruntime");
                Session session =
                        engine.load(new GraphSource("bare", model.toByteArray()), SessionOptions.defaults())) {
            Tensor x = Tensor.ofFloats(Shape.of(rows.length / width, width), rows);
            return floats(session.run(Map.of("x", x)).get("y").data());
        }
    }

    private static float[] floats(ByteBuffer bytes) {
        float[] values = new float[bytes.remaining() / 4];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private static float[] rows(int first, int count) {
        float[] rows = new float[count * CLASSES];
        for (int row = 0; row < count; row++) {
            ExactModels.classifierRow(first + row).data().asFloatBuffer().get(rows, row * CLASSES, CLASSES);
        }
        return rows;
    }

    private static float[] overHttp(GatewayProcess gateway, String model, float[] rows, int width) throws Exception {
        ObjectNode request = JSON.createObjectNode();
        ObjectNode input =
                request.putArray("inputs").addObject().put("name", "x").put("datatype", "FP32");
        input.putArray("shape").add(rows.length / width).add(width);
        ArrayNode data = input.putArray("data");
        for (float value : rows) {
            data.add(value);
        }
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + gateway.httpPort() + "/v2/models/" + model + "/infer"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode values = JSON.readTree(response.body()).at("/outputs/0/data");
        float[] answer = new float[values.size()];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = values.get(i).floatValue();
        }
        return answer;
    }

    private static ModelInferResponse overGrpc(ManagedChannel channel, String model, float[] rows, int width) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float value : rows) {
            contents.addFp32Contents(value);
        }
        return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .modelInfer(ModelInferRequest.newBuilder()
                        .setModelName(model)
                        .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype("FP32")
                                .addShape(rows.length / width)
                                .addShape(width)
                                .setContents(contents))
                        .build());
    }

    private static float[] values(ModelInferResponse response) {
        if (response.getRawOutputContentsCount() > 0) {
            return floats(response.getRawOutputContents(0).asReadOnlyByteBuffer());
        }
        List<Float> given = response.getOutputs(0).getContents().getFp32ContentsList();
        float[] values = new float[given.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = given.get(i);
        }
        return values;
    }

    private static JsonNode listed(JsonNode models, String file) {
        for (JsonNode model : models) {
            if (model.get("file").textValue().equals(file)) {
                return model;
            }
        }
        throw new AssertionError(file + " is none of " + models);
    }

    private static JsonNode health(GatewayProcess gateway, String file) throws Exception {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + "/health/ready"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return listed(JSON.readTree(response.body()).get("models"), file);
    }

    @Test
    void answersAreThoseOfBareOnnxRuntimeOverBothProtocols() throws Exception {
        ModelProto classifier = ExactModels.classifier(1);
        put("classifier.onnx", classifier);
        ModelProto mixing = mixing().build();
        put("mixing/7/model.onnx", mixing);
        try (GatewayProcess gateway = GatewayProcess.start(models)) {
            ManagedChannel channel = gateway.channel();
            for (int count = 1; count <= 5; count++) {
                float[] rows = rows(count, count);
                float[] expected = direct(classifier, rows, CLASSES);
                assertThat(overHttp(gateway, "classifier", rows, CLASSES)).isEqualTo(expected);
                assertThat(values(overGrpc(channel, "classifier", rows, CLASSES)))
                        .isEqualTo(expected);
                expected = direct(mixing, rows, CLASSES);
                assertThat(overHttp(gateway, "mixing", rows, CLASSES)).isEqualTo(expected);
                assertThat(values(overGrpc(channel, "mixing", rows, CLASSES))).isEqualTo(expected);
            }
            assertThat(health(gateway, "classifier.onnx").get("reason").textValue())
                    .isEmpty();
            assertThat(health(gateway, "mixing/7/model.onnx").get("reason").textValue())
                    .contains("requests are not joined: output \"y\" of a row differs by");
            channel.shutdownNow();
        }
    }

    /** Many clients at once, each a row that nobody else has. */
    @Test
    void requestsOfManyClientsShareRuns() throws Exception {
        ModelProto classifier = ExactModels.classifier(2);
        put("classifier.onnx", classifier);
        int clients = 8;
        int each = 40;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, "{\"maxQueueDelay\": \"20ms\"}")) {
            ManagedChannel channel = gateway.channel();
            List<Callable<float[]>> calls = new ArrayList<>();
            for (int i = 0; i < clients * each; i++) {
                float[] row = rows(i, 1);
                calls.add(() -> values(overGrpc(channel, "classifier", row, CLASSES)));
            }
            List<Future<float[]>> answers = threads.invokeAll(calls);
            for (int i = 0; i < answers.size(); i++) {
                float[] expected = rows(i, 1);
                for (int j = 0; j < expected.length; j++) {
                    expected[j] *= 32; // 16 * scale, and exact.
                }
                assertThat(answers.get(i).get()).isEqualTo(expected);
            }
            assertThat(gateway.metric("cleave_batch_rows_sum", "")).isEqualTo(clients * each);
            assertThat(gateway.metric("cleave_batch_rows_count", "")).isLessThan(clients * each);
            channel.shutdownNow();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void hostileModelsFailEachWithItsReasonAndHinderNobody() throws Exception {
        byte[] whole = ExactModels.classifier(1).toByteArray();
        put("good.onnx", ExactModels.classifier(1));
        put("endless.onnx", HostileGraphs.endless().build());
        put("crashing.onnx", HostileGraphs.crashing().build());
        Files.write(models.resolve("half.onnx"), Arrays.copyOf(whole, whole.length / 2));
        put("missing/1/model.onnx", external("model.onnx.data").build());
        put("outside/1/model.onnx", external("../../secret.bin").build());
        put("absolute/1/model.onnx", external("/etc/passwd").build());
        put("linked/1/model.onnx", external("link.bin").build());
        Files.write(models.resolve("secret.bin"), new byte[64]);
        Files.createSymbolicLink(models.resolve("linked/1/link.bin"), models.resolve("secret.bin"));
        put("short/1/model.onnx", external("w.bin").build());
        Files.write(models.resolve("short/1/w.bin"), new byte[60]);
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, "{\"tryLimit\": \"25s\"}")) {
            assertThat(health(gateway, "good.onnx").get("state").textValue()).isEqualTo("READY");
            assertFailed(gateway, "endless.onnx", "did not answer within 25s when it was tried");
            assertFailed(gateway, "crashing.onnx", "crashed onnxruntime with signal 11 (SIGSEGV) when it was tried");
            assertFailed(gateway, "half.onnx", "half.onnx: ");
            assertFailed(gateway, "missing/1/model.onnx", "names location \"model.onnx.data\"; expected one of []");
            assertFailed(gateway, "outside/1/model.onnx", "names location \"../../secret.bin\"; expected one of []");
            assertFailed(gateway, "absolute/1/model.onnx", "names location \"/etc/passwd\"; expected one of []");
            assertFailed(gateway, "linked/1/model.onnx", "names location \"link.bin\"; expected one of []");
            assertFailed(gateway, "short/1/model.onnx", "reaches to 0 + 64 bytes of \"w.bin\"; expected at most 60");
            float[] rows = rows(0, 2);
            assertThat(overHttp(gateway, "good", rows, CLASSES))
                    .isEqualTo(direct(ExactModels.classifier(1), rows, CLASSES));
        }
    }

    private static void assertFailed(GatewayProcess gateway, String file, String reason) throws Exception {
        JsonNode model = health(gateway, file);
        assertThat(model.get("state").textValue()).as(file).isEqualTo("FAILED");
        assertThat(model.get("reason").textValue()).contains(reason).doesNotContain(".cleave/copies");
    }

    @Test
    void weightsInAFileBesideTheModelAreRead() throws Exception {
        put("m/1/model.onnx", external("w.bin").build());
        ByteBuffer identity = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            identity.putFloat(4 * (5 * i), 3);
        }
        Files.write(models.resolve("m/1/w.bin"), identity.array());
        try (GatewayProcess gateway = GatewayProcess.start(models)) {
            Files.write(models.resolve("m/1/w.bin"), new byte[0]);
            assertThat(overHttp(gateway, "m", new float[] {1, 2, 3, 4}, 4)).containsExactly(3, 6, 9, 12);
        }
    }

    /** What README.md shows: its commands but the copy, with nothing changed but the port, print what it says. */
    @Test
    void theExampleOfTheFrontPagePrintsWhatItIsSaidToPrint() throws Exception {
        assumeTrue(new ProcessBuilder("curl", "--version").start().waitFor() == 0, "curl is needed");
        List<String> block = example();
        assertThat(block.get(0)).startsWith("cp model.onnx models/triple.onnx");
        put("triple.onnx", triple());
        List<String> commands =
                block.stream().skip(1).filter(line -> !line.startsWith("{\"")).toList();
        List<String> expected =
                block.stream().filter(line -> line.startsWith("{\"")).toList();
        assertThat(expected).isNotEmpty();
        try (GatewayProcess gateway = GatewayProcess.start(models)) {
            String script = String.join("\n", commands).replace("localhost:8501", "127.0.0.1:" + gateway.httpPort());
            Process shell = new ProcessBuilder("sh", "-c", script)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
                    .containsExactlyElementsOf(expected);
        }
    }

    private static List<String> example() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/REPOSITORY.md"))) {
            root = root.getParent();
        }
        List<String> block = Files.readAllLines(root.resolve("README.md")).stream()
                .dropWhile(line -> !line.startsWith("cp model.onnx"))
                .takeWhile(line -> !line.startsWith("```"))
                .toList();
        assertThat(block).isNotEmpty();
        return block;
    }

    @Test
    void noRequestIsLostWhileAVersionTakesAnothersPlace() throws Exception {
        put("m/1/model.onnx", ExactModels.classifier(1));
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, "{\"pollEvery\": \"50ms\"}")) {
            ManagedChannel channel = gateway.channel();
            float[] row = rows(3, 1);
            float[] old = direct(ExactModels.classifier(1), row, CLASSES);
            float[] now = direct(ExactModels.classifier(2), row, CLASSES);
            put("m/.2", ExactModels.classifier(2));
            Files.createDirectory(models.resolve("m/2"));
            Files.move(models.resolve("m/.2"), models.resolve("m/2/model.onnx"));
            Eventually.until("version 2 answers", () -> {
                ModelInferResponse response = overGrpc(channel, "m", row, CLASSES);
                boolean second = response.getModelVersion().equals("2");
                assertThat(values(response)).isEqualTo(second ? now : old);
                return second;
            });
            channel.shutdownNow();
        }
    }

    /** The child is stuck in native code when its gateway is killed. */
    @Test
    void aGatewayThatIsKilledLeavesNoChildBehind() throws Exception {
        put("good.onnx", ExactModels.classifier(1));
        ProcessHandle child;
        try (GatewayProcess gateway =
                GatewayProcess.start(models, 0, "{\"tryLimit\": \"10min\", \"pollEvery\": \"50ms\"}")) {
            put("endless.onnx", HostileGraphs.endless().build());
            Eventually.until("a child tries it", () -> !gateway.children().isEmpty());
            child = gateway.children().get(0);
            Eventually.until(
                    "it computes",
                    () -> child.info()
                            .totalCpuDuration()
                            .map(time -> time.toMillis() > 2000)
                            .orElse(false));
            assertThat(child.isAlive()).isTrue();
            // Closed by SIGKILL.
        }
        Eventually.until("the child is gone", () -> !child.isAlive());
    }

    /** Whatever it is that is tried, SIGTERM does not wait for it. */
    @Test
    void aGatewayThatStopsEndsTheTrialUnderWay() throws Exception {
        put("good.onnx", ExactModels.classifier(1));
        try (GatewayProcess gateway =
                GatewayProcess.start(models, 0, "{\"tryLimit\": \"10min\", \"pollEvery\": \"50ms\"}")) {
            put("endless.onnx", HostileGraphs.endless().build());
            Eventually.until("a child tries it", () -> !gateway.children().isEmpty());
            ProcessHandle child = gateway.children().get(0);
            gateway.terminate();
            assertThat(gateway.awaitExit()).isEqualTo(SIGTERM_EXIT);
            assertThat(child.isAlive()).isFalse();
        }
    }

    private JsonNode operator(GatewayProcess gateway, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("models"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--json", "--admin", "127.0.0.1:" + gateway.adminPort()));
        try (CleaveProcess process = CleaveProcess.start(folder, all)) {
            JsonNode document = process.document();
            assertThat(process.awaitExit()).as(process.errors()).isZero();
            return document;
        }
    }

    /** What its trial has shown outlives the gateway. */
    @Test
    void aModelThatIsPushedIsTriedOnceAndServedAfterARestart() throws Exception {
        put("good.onnx", triple());
        Path file = Files.write(
                folder.resolve("model.onnx"), ExactModels.classifier(1).toByteArray());
        String config = "{\"adminPort\": 0, \"pollEvery\": \"50ms\"}";
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, config)) {
            JsonNode pushed =
                    operator(gateway, "push", file.toString(), "--name", "classifier", "--model-version", "4");
            assertThat(pushed.get("file").textValue()).isEqualTo("classifier/4/classifier.onnx");
            assertThat(operator(gateway, "load", "classifier", "4").get("state").textValue())
                    .isEqualTo("READY");
            JsonNode listed = listed(operator(gateway, "list").get("models"), "classifier/4/classifier.onnx");
            assertThat(listed.get("precision").textValue()).isEqualTo("plain");
            assertThat(listed.get("bytes").longValue()).isPositive();
        }
        List<Path> reports = reports();
        assertThat(reports).hasSize(2);
        // With no time for a trial what is served was not tried again.
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, "{\"tryLimit\": \"1ms\"}")) {
            float[] rows = rows(0, 2);
            assertThat(overHttp(gateway, "classifier", rows, CLASSES))
                    .isEqualTo(direct(ExactModels.classifier(1), rows, CLASSES));
        }
        assertThat(reports()).isEqualTo(reports);
    }

    private List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.list(models.resolve(".cleave/trials"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void bundlesAreTriedAsWellIfTheyAreToBe() throws Exception {
        try (SplitModel split = SplitModel.version(folder.resolve("split"), 1, ExactModels.classifier(1))) {
            Files.copy(split.bundle().file(), models.resolve("classifier.cleave"));
            try (GatewayProcess gateway =
                    GatewayProcess.start(models, 0, "{\"tryModels\": \"all\", \"tryLimit\": \"1min\"}")) {
                assertThat(health(gateway, "classifier.cleave").get("state").textValue())
                        .isEqualTo("READY");
                float[] rows = rows(0, 2);
                assertThat(overHttp(gateway, "classifier", rows, CLASSES))
                        .isEqualTo(direct(ExactModels.classifier(1), rows, CLASSES));
            }
        }
        List<String> kept = new ArrayList<>();
        for (Path report : reports()) {
            kept.add(Files.readString(report));
        }
        assertThat(kept)
                .hasSize(2)
                .as("what the trial has shown")
                .anyMatch(report -> report.contains("\"memory\""))
                .as("which form of its tails is faster")
                .anyMatch(report -> report.contains("\"chain\""));
    }
}
