package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --int8} of the verbs that decide what devices run. */
class EdgeOptionTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path bundle;

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModels.pictures(folder.resolve("model.onnx"));
        bundle = folder.resolve("model.cleave");
    }

    private CommandRun split(String... more) {
        return Refusals.run(Stream.of("split", model.toString(), "-o", bundle.toString()), more);
    }

    private CommandRun plan(String... more) {
        return Refusals.run(Stream.of("plan", model.toString(), "--uplink", "1mbit", "--rtt", "10ms"), more);
    }

    @Test
    void integersWithoutInputsAreAUsageError() {
        for (String option : new String[] {"--int8", "--int8=always"}) {
            assertUsageError(
                    split(option), "cleave split: --int8 finds its ranges from sample inputs; expected --inputs");
            assertUsageError(
                    plan(option), "cleave plan: --int8 finds its ranges from sample inputs; expected --inputs");
        }
        assertThat(bundle).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sometimes", "", "ALWAYS"})
    void aValueThatIsNoneIsAUsageError(String value) {
        assertUsageError(split("--int8=" + value), "--int8 '" + value + "': expected auto, always or never");
        assertUsageError(plan("--int8=" + value), "--int8 '" + value + "': expected auto, always or never");
    }

    @Test
    void withoutInputsAutoMeansFloatAndSaysNothing() throws Exception {
        JsonNode edge = edge(split("--json", "--int8=auto"));
        assertThat(edge.get("precision").textValue()).isEqualTo("fp32");
        assertThat(edge.get("reason").textValue()).isEmpty();
        assertThat(edge.get("integerMillis").isNull()).isTrue();
        assertThat(edge.get("weightsRatio").isNull()).isTrue();
    }

    @Test
    void theDocumentTellsWhatDevicesRun() throws Exception {
        JsonNode edge = edge(split("--json", "--int8", "--random", "12", "--max-disagreement", "1"));
        assertThat(edge.get("precision").textValue()).isEqualTo("int8");
        assertThat(edge.get("reason").textValue()).isEmpty();
        assertThat(edge.get("floatMillis").doubleValue()).isPositive();
        assertThat(edge.get("integerMillis").doubleValue()).isPositive();
        assertThat(edge.get("weightsRatio").doubleValue()).isPositive();
        assertThat(edge.get("agreement").doubleValue()).isBetween(0.0, 1.0);
        assertThat(edge.get("integerNodes")).isNotEmpty();
        assertThat(edge.get("floatNodes").isObject()).isTrue();
        assertThat(Bundle.open(bundle).contract().edgePrecision()).isEqualTo("int8");
    }

    @Test
    void neverIsFloatThoughThereAreInputs() throws Exception {
        JsonNode edge = edge(split("--json", "--int8=never", "--random", "12", "--max-disagreement", "1"));
        assertThat(edge.get("precision").textValue()).isEqualTo("fp32");
        assertThat(edge.get("floatMillis").isNull()).isTrue();
    }

    private static JsonNode edge(CommandRun run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out()).get("edge");
    }

    @Test
    void theModelMayFollowTheOption() throws IOException {
        CommandRun run = CommandRun.of(
                "split",
                "--int8",
                model.toString(),
                "-o",
                bundle.toString(),
                "--random",
                "12",
                "--max-disagreement",
                "1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("heads in INT8: weights ");
        assertThat(Bundle.open(bundle).contract().edgePrecision()).isEqualTo("int8");
    }

    @Test
    void planTellsWhatItPlansFor() {
        CommandRun run = plan("--int8", "--random", "12", "--max-disagreement", "1");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out() + run.err()).contains("heads in INT8: weights ");
    }

    @Test
    void aPointThatIsNoneIsRefusedByNameWithIntegersToo() {
        assertCouldNot(split("--int8", "--random", "12", "--at", "nowhere"), "\"nowhere\"", "no such tensor");
    }
}
