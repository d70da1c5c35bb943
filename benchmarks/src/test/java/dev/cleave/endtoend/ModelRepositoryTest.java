package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway process on ONNX Runtime, whose models directory is changed under it, by hand and by its admin port. */
class ModelRepositoryTest {
    /** Wide enough that the weights are some megabytes, which ONNX Runtime maps from the bundle's file. */
    private static final int WIDTH = 1024;

    private static final int REQUESTS = 50;
    private static final String CONFIG = "{\"adminPort\": 0, \"pollEvery\": \"50ms\"}";

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel one;

    @AutoClose
    private static SplitModel two;

    @TempDir
    private Path folder;

    @BeforeAll
    static void split() throws Exception {
        one = SplitModel.version(temporary.resolve("one"), 1, ExactModels.classifierWithDetour(1, WIDTH, 1));
        two = SplitModel.version(temporary.resolve("two"), 2, ExactModels.classifierWithDetour(2, WIDTH, 1));
    }

    private static void ask(SplitModel model, EdgeAgent agent) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            Tensor row = ExactModels.classifierRow(i);
            InferenceResult result = agent.infer(SplitModel.input(row)).get();
            assertThat(result.source()).isEqualTo(Source.SPLIT);
            assertThat(SplitModel.answer(result)).isEqualTo(model.direct(row));
        }
    }

    private static void awaitLink(EdgeAgent agent) throws Exception {
        Eventually.until(
                "the gateway answers",
                () -> agent.infer(SplitModel.input(ExactModels.classifierRow(0)))
                                .get()
                                .source()
                        == Source.SPLIT);
    }

    private JsonNode models(GatewayProcess gateway, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("models"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--json", "--admin", "127.0.0.1:" + gateway.adminPort()));
        try (CleaveProcess process = CleaveProcess.start(folder, all)) {
            JsonNode document = process.document();
            assertThat(process.awaitExit()).as(process.errors()).isZero();
            return document;
        }
    }

    private static String state(JsonNode listed, int version) {
        for (JsonNode model : listed.get("models")) {
            if (model.get("version").textValue().equals(Integer.toString(version))) {
                return model.get("state").textValue();
            }
        }
        return "";
    }

    /** With the file itself mapped the process would end with SIGBUS. */
    @Test
    void aServedFileThatIsCutShortHarmsNobody() throws Exception {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path file = Files.copy(one.bundle().file(), models.resolve("classifier.cleave"));
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, CONFIG);
                EdgeAgent agent = one.agent(one.bundle(), gateway.port())
                        .split(Split.at(1))
                        .quality("raw")
                        .build()) {
            awaitLink(agent);
            ask(one, agent);
            cut(file);
            ask(one, agent);
            // Whole again, and another model: agents of the former are served on.
            Files.write(file, Files.readAllBytes(two.bundle().file()));
            Eventually.until(
                    "version 2 is served",
                    () -> state(models(gateway, "list"), 2).equals("READY"));
            ask(one, agent);
            try (EdgeAgent newer = one.agent(two.bundle(), gateway.port())
                    .split(Split.at(1))
                    .quality("raw")
                    .build()) {
                awaitLink(newer);
                ask(two, newer);
            }
        }
    }

    private static void cut(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(16);
        }
    }

    @Test
    void labelsOutliveAGatewayThatIsKilled() throws Exception {
        Path models = Files.createDirectories(folder.resolve("models/classifier/1"))
                .getParent()
                .getParent();
        Files.copy(one.bundle().file(), models.resolve("classifier/1/classifier.cleave"));
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, CONFIG)) {
            JsonNode pushed = models(gateway, "push", two.bundle().file().toString());
            assertThat(pushed.get("file").textValue()).isEqualTo("classifier/2/classifier.cleave");
            assertThat(models(gateway, "load", "classifier", "2").get("state").textValue())
                    .isEqualTo("READY");
            models(gateway, "load", "classifier", "1");
            models(gateway, "label", "classifier", "stable", "1");
            // Closed by SIGKILL.
        }
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, CONFIG)) {
            JsonNode listed = models(gateway, "list");
            assertThat(listed.get("labels").get("classifier").get("stable").textValue())
                    .isEqualTo("1");
            assertThat(state(listed, 1)).isEqualTo("READY");
            assertThat(state(listed, 2)).isEqualTo("READY");
            assertThat(Files.readAllLines(models.resolve(".cleave/audit.jsonl")))
                    .hasSize(4);
        }
    }
}
