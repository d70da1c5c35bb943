package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole line as a person would type it: every part a process, and what it prints taken to the next. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandLineTest {
    private static final int REQUESTS = 200;

    @TempDir
    private static Path temporary;

    @Test
    void modelGoesInAndAnswersComeOutAcrossAShapedLink() throws Exception {
        Path models = Files.createDirectories(temporary.resolve("models"));
        Path bundle = models.resolve("classifier.cleave");
        Path onnx = Files.write(
                temporary.resolve("classifier.onnx"), ExactModels.classifier(1).toByteArray());

        JsonNode split = run("split", onnx.toString(), "-o", bundle.toString(), "--at", "a,b", "--random", "16");
        assertThat(split.get("splitPoints")).hasSize(2);
        JsonNode verified = run("verify", bundle.toString(), "--against", onnx.toString(), "--random", "16");
        assertThat(verified.get("exact"))
                .isNotEmpty()
                .allMatch(point -> point.get("maxAbsError").doubleValue() == 0);

        int linkPort = FreePort.find();
        try (GatewayProcess gateway = GatewayProcess.start(models);
                CleaveProcess link = link(linkPort, gateway.address())) {
            JsonNode load = run(
                    "load",
                    bundle.toString(),
                    "--gateway",
                    "127.0.0.1:" + linkPort,
                    "--clients",
                    "8",
                    "--requests",
                    Integer.toString(REQUESTS),
                    "--split",
                    "1",
                    "--no-fallback",
                    "--random",
                    "16");
            assertThat(load.get("requests").intValue()).isEqualTo(REQUESTS);
            assertThat(load.get("failed").intValue()).isZero();
            assertThat(load.get("bySource").get("SPLIT").intValue()).isEqualTo(REQUESTS);
            assertThat(gateway.metric("cleave_requests_total", "outcome=\"ok\""))
                    .isEqualTo(REQUESTS);
            assertThat(link.errors()).isEmpty();
        }
    }

    /** Runs a verb to its end, and returns the one document that it prints. */
    private static JsonNode run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        try (CleaveProcess process = CleaveProcess.start(temporary, all)) {
            JsonNode document = process.document();
            assertThat(process.awaitExit()).as(process.errors()).isZero();
            return document;
        }
    }

    /** A link that is open when this returns. */
    private static CleaveProcess link(int port, String to) throws Exception {
        CleaveProcess link = CleaveProcess.start(
                temporary,
                List.of(
                        "link",
                        "--listen",
                        Integer.toString(port),
                        "--to",
                        to,
                        "--uplink",
                        "5.85mbit",
                        "--rtt",
                        "50ms"));
        try {
            assertThat(link.line()).contains("listening on").contains(Integer.toString(port));
            return link;
        } catch (Exception | Error failure) {
            link.close();
            throw failure;
        }
    }
}
