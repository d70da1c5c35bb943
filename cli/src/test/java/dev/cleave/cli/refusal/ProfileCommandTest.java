package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.CommandRun;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfileJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileCommandTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path output;

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModels.pictures(folder.resolve("model.onnx"));
        output = folder.resolve("device.json");
    }

    @Test
    void writesAProfileAndPrintsWhatItFound() throws Exception {
        CommandRun run = profile("--threads", "1", "--batch", "1,2");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("onnxruntime", "1 thread\n", "the whole model takes ", "Conv", "r1", "r2", "rows", "per row")
                .endsWith("wrote " + output + "\n");
        DeviceProfile profile = DeviceProfileJson.read(output);
        assertThat(profile.model().file()).isEqualTo("model.onnx");
        assertThat(profile.engine().threads()).isEqualTo(1);
        assertThat(profile.batch().times()).extracting(BatchTime::rows).containsExactly(1, 2);
        assertThat(profile.spotChecks())
                .extracting(check -> String.join("+", check.boundary()))
                .contains("r1", "r2");
        assertThat(profile.nodes().costs()).hasSize(7);
    }

    @Test
    void jsonIsTheProfileItself() throws Exception {
        CommandRun run = profile("--json");
        assertThat(run.exitCode()).isZero();
        ObjectMapper mapper = new ObjectMapper();
        JsonNode printed = mapper.readTree(run.out());
        assertThat(printed).isEqualTo(mapper.readTree(output.toFile()));
        double sum = 0;
        for (JsonNode cost : printed.get("nodes").get("costs")) {
            sum += cost.get("millis").asDouble();
        }
        assertThat(sum).isEqualTo(printed.get("whole").get("medianMillis").asDouble(), within(1e-9));
        assertThat(printed.get("batch").get("skipped").asText()).isEqualTo("no batch sizes were asked for");
    }

    @Test
    void takesRealInputs() throws Exception {
        Path inputs = Refusals.picture(folder.resolve("inputs"), 8, 8);
        CommandRun run = profile("--inputs", inputs.toString(), "--preprocess", "unit");
        assertThat(run.err()).isEmpty();
        assertThat(DeviceProfileJson.read(output).whole().inputs()).hasToString("[x:float32[1,3,8,8]]");
    }

    @Test
    void saysWhyThereAreNoBatches() throws Exception {
        TinyModels.vector(model);
        CommandRun run = profile("--batch", "4", "--random", "2");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("no batches: the model has no batch dimension: ");
        assertThat(DeviceProfileJson.read(output).batch().skipped()).startsWith("the model has no batch dimension: ");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            --threads, 0,        expected 1 to 1024
            --threads, many,     "many"; expected a whole number
            --batch,   `1,0`,    expected 1 to 1024 rows
            --batch,   `1,,2`,   expected a whole number
            --batch,   9999,     expected 1 to 1024 rows
            --random,  0,        expected at least 1
            --dim,     N=0,      expected a size of at least 1
            --colour,  red,      unknown option
            """)
    void optionThatCannotBeRightIsAUsageError(String option, String value, String expectation) {
        assertUsageError(profile(option, value), "cleave profile: ", option, expectation);
        assertThat(output).doesNotExist();
    }

    @Test
    void whatCannotBeProfiledIsRefusedByName() throws IOException {
        assertUsageError(CommandRun.of("profile", model.toString()), "missing required option: '-o=FILE'");
        assertCouldNot(profile("--engine", "abacus"), "no engine \"abacus\" on the class path; found onnxruntime");
        assertUsageError(profile("--engine", "tflite"), "--engine tflite: reads .tflite graphs");
        assertCouldNot(
                CommandRun.of("profile", folder.resolve("none.onnx").toString(), "-o", output.toString()),
                "none.onnx: no such file");
        assertCouldNot(
                CommandRun.of("profile", model.toString(), "-o", model.toString()), "is the model or another output");
        assertCouldNot(
                CommandRun.of(
                        "profile",
                        model.toString(),
                        "-o",
                        folder.resolve("no/d.json").toString()),
                "there is no folder");
        assertCouldNot(profile("--inputs", folder.resolve("none").toString()), "none: no such file or folder");
        assertCouldNot(profile("--dim", "width=4"), "dimension \"width\"");
        Files.writeString(model, "hello");
        assertCouldNot(profile(), "model.onnx is text; expected an ONNX model");
        assertThat(output).doesNotExist();
    }

    private CommandRun profile(String... more) {
        return Refusals.run(Stream.of("profile", model.toString(), "-o", output.toString()), more);
    }
}
