package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        JsonNode edge = edge(split("--json", "--int8", "--random", "40"));
        assertThat(edge.get("precision").textValue()).isEqualTo("int8");
        assertThat(edge.get("reason").textValue()).isEmpty();
        assertThat(edge.get("floatMillis").doubleValue()).isPositive();
        assertThat(edge.get("integerMillis").doubleValue()).isPositive();
        assertThat(edge.get("weightsRatio").doubleValue()).isPositive();
        // Of 30 inputs that do not report every second is held out; one of them may get another answer.
        assertThat(edge.get("agreement").doubleValue()).isGreaterThanOrEqualTo(14 / 15.0);
        assertThat(texts(edge.get("integerNodes"))).contains("Conv \"c1\"", "Conv \"c2\"", "Conv \"c3\"");
        assertThat(edge.get("floatNodes").isObject()).isTrue();
        assertThat(edge.get("floatNodes")).isEmpty();
        assertThat(edge.get("localInputs").intValue()).isEqualTo(10);
        Proportion local = Proportion.ofShare(edge.get("localAgreement").doubleValue(), 10);
        assertThat(edge.get("localAgreementInterval").get(0).doubleValue()).isEqualTo(local.low());
        assertThat(edge.get("localAgreementInterval").get(1).doubleValue()).isEqualTo(local.high());
        assertThat(Bundle.open(bundle).contract().edgePrecision()).isEqualTo("int8");
    }

    @Test
    void nodesThatStayInFloatAreNamedWithTheReason() throws Exception {
        model = TinyModels.summing(folder.resolve("summing.onnx"));
        JsonNode edge = edge(split("--json", "--int8", "--random", "40", "--max-disagreement", "0.1"));
        assertThat(edge.get("floatNodes").get("CumSum \"s\"").textValue()).isEqualTo("no integer kernel");
        assertThat(texts(edge.get("integerNodes"))).contains("Conv \"c1\"").doesNotContain("CumSum \"s\"");
        CommandRun run = split("--int8", "--random", "40", "--max-disagreement", "0.1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("in float (no integer kernel): CumSum \"s\"")
                .containsPattern("LOCAL in INT8 agrees on \\d+ of the 10 inputs that chose nothing: [0-9.]+ % \\(");
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.textValue()));
        return texts;
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
