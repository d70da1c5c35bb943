package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cleave agent} as a process of its own, with a gateway that is another one. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DaemonTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    private static Path temporary;

    private static SplitModel model;
    private static Path bundle;

    @TempDir
    private Path inbox;

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.classifier(temporary, "classifier", 1);
        bundle = model.served().resolve("classifier.cleave");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private CleaveProcess daemon(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("agent", bundle.toString(), "--settle", "0"));
        arguments.addAll(List.of(more));
        CleaveProcess daemon = CleaveProcess.startToBeAsked(temporary, arguments);
        try {
            Eventually.until("daemon is ready", () -> daemon.errors().contains("classifier answers "));
            return daemon;
        } catch (Exception | Error failure) {
            daemon.close();
            throw failure;
        }
    }

    /** Puts a row's tensor into the folder, whole at once. */
    private void put(int row) throws IOException {
        Tensor tensor = ExactModels.classifierRow(row);
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1," + tensor.elements() + ",)}\n";
        ByteBuffer file =
                ByteBuffer.allocate(10 + header.length() + tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        file.put(header.getBytes(StandardCharsets.US_ASCII)).put(tensor.data());
        Path part = Files.write(inbox.resolve(".part"), file.array());
        Files.move(part, inbox.resolve("row-" + row + ".npy"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String request(int row) {
        Tensor tensor = ExactModels.classifierRow(row);
        StringBuilder data = new StringBuilder();
        for (int i = 0; i < tensor.elements(); i++) {
            data.append(i == 0 ? "" : ",").append(tensor.data().getFloat(4 * i));
        }
        return "{\"id\":\"row " + row + "\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,"
                + tensor.elements() + "],\"data\":[" + data + "]}]}";
    }

    private static int right(int row) throws Exception {
        return SplitModel.argmax(model.direct(ExactModels.classifierRow(row)));
    }

    private static void assertAnswer(JsonNode line, String input, int row) throws Exception {
        assertThat(line.get("input").textValue()).isEqualTo(input);
        assertThat(line.get("source").textValue()).isEqualTo("SPLIT");
        assertThat(line.get("outputs").get("y").get("argmax").intValue()).isEqualTo(right(row));
    }

    @Test
    void answersLinesFilesAndHttpThroughOneAgent() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served());
                CleaveProcess daemon = daemon(
                        "--gateway",
                        gateway.address(),
                        "--split",
                        "1",
                        "--stdin",
                        "--watch",
                        inbox.toString(),
                        "--http",
                        "0",
                        "--report-every",
                        "1s",
                        "--device-class",
                        "test-bench")) {
            daemon.ask(request(1));
            assertAnswer(daemon.answer(), "row 1", 1);
            put(2);
            assertAnswer(daemon.answer(), "row-2.npy", 2);
            assertThat(inbox.resolve("done/row-2.npy.json")).exists();

            String url = url(daemon);
            HttpResponse<String> response = post(url + "/v2/models/classifier/infer", request(3));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode answer = JSON.readTree(response.body());
            assertThat(answer.get("parameters").get("source").textValue()).isEqualTo("SPLIT");
            float[] whole = model.direct(ExactModels.classifierRow(3));
            assertThat(answer.get("outputs").get(0).get("data")).hasSize(whole.length);

            assertThat(get(url + "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(url + "/metrics").body())
                    .contains("cleave_edge_requests_total{outcome=\"ok\",source=\"split\"} 3.0")
                    .contains("cleave_edge_link_up 1.0")
                    .contains("jvm_memory_used_bytes");
            Eventually.until(
                    "gateway shows the report",
                    () -> gateway.metric("cleave_agent_requests_total", "device=\"test-bench\"") == 3);
            assertThat(gateway.metric("cleave_agent_stage_duration_seconds_count", "stage=\"uplink\""))
                    .isPositive();
            daemon.terminate();
            assertThat(daemon.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
        }
    }

    @Test
    void endsWithItsInputAndAnswersAllOfItFirst() throws Exception {
        try (CleaveProcess daemon = daemon("--stdin")) {
            for (int row = 0; row < 40; row++) {
                daemon.ask(request(row));
            }
            daemon.endInput();
            for (int row = 0; row < 40; row++) {
                JsonNode line = daemon.answer();
                assertThat(line.get("input").textValue()).isEqualTo("row " + row);
                assertThat(line.get("source").textValue()).isEqualTo("LOCAL");
            }
            assertThat(daemon.awaitExit()).as(daemon.errors()).isZero();
        }
    }

    @Test
    void tellsWhatRunsTheHeadAndWritesAProfileThatPlansAreMadeWith() throws Exception {
        Path profile = inbox.resolve("state/device.json");
        try (CleaveProcess daemon = daemon("--stdin", "--engine", "onnxruntime", "--profile", profile.toString())) {
            assertThat(daemon.errors())
                    .containsPattern("onnxruntime \\S+ \\(cpu\\) runs all segments: it was asked for");
            daemon.ask(request(1));
            assertThat(daemon.answer().get("source").textValue()).isEqualTo("LOCAL");
            Eventually.until("the profile is written", () -> Files.exists(profile));
        }
        JsonNode timed = JSON.readTree(profile.toFile());
        List<String> plan = List.of(
                "plan",
                temporary.resolve("classifier.onnx").toString(),
                "--edge",
                profile.toString(),
                "--uplink",
                "1mbit",
                "--rtt",
                "50ms",
                "--random",
                "4",
                "--json");
        try (CleaveProcess planner = CleaveProcess.start(temporary, plan)) {
            JsonNode local = planner.document().get("candidates").get(0);
            assertThat(local.get("kind").textValue()).isEqualTo("local");
            assertThat(local.get("headMillis").doubleValue())
                    .isGreaterThanOrEqualTo(
                            timed.get("whole").get("medianMillis").doubleValue());
        }
        assertThat(timed.get("spotChecks")).hasSize(2);
    }

    /** Killed twice in the middle: no file is lost, and none is answered twice. */
    @Test
    void goesOnWhereAKilledOneStopped() throws Exception {
        int files = 150;
        for (int row = 0; row < files; row++) {
            put(row);
        }
        for (int kill = 0; kill < 2; kill++) {
            try (CleaveProcess daemon = daemon("--watch", inbox.toString())) {
                for (int line = 0; line < 30; line++) {
                    assertThat(daemon.answer().has("error")).isFalse();
                }
            }
        }
        try (CleaveProcess daemon = daemon("--watch", inbox.toString())) {
            Eventually.until("all files are done", () -> names("done", ".npy").size() == files);
            daemon.terminate();
            assertThat(daemon.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
        }
        Set<String> expected = new TreeSet<>();
        for (int row = 0; row < files; row++) {
            expected.add("row-" + row + ".npy");
            JsonNode kept = JSON.readTree(Files.readAllBytes(inbox.resolve("done/row-" + row + ".npy.json")));
            assertThat(kept.get("outputs").get("y").get("argmax").intValue()).isEqualTo(right(row));
        }
        assertThat(names("done", ".npy")).isEqualTo(expected);
        assertThat(inbox.resolve("working")).isEmptyDirectory();
        assertThat(inbox.resolve("failed")).isEmptyDirectory();
    }

    private Set<String> names(String place, String end) throws IOException {
        try (Stream<Path> files = Files.list(inbox.resolve(place))) {
            Set<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(end))
                    .forEach(names::add);
            return names;
        }
    }

    private static String url(CleaveProcess daemon) throws IOException {
        Matcher url = Pattern.compile("http://127\\.0\\.0\\.1:\\d+").matcher(daemon.errors());
        assertThat(url.find()).isTrue();
        return url.group();
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String url, String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
