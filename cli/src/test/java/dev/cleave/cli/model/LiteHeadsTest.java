package dev.cleave.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.CommandRun;
import dev.cleave.cli.refusal.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --tflite}, {@code verify --engine}, and what {@code inspect} tells of a bundle. */
class LiteHeadsTest {
    @TempDir
    private Path folder;

    private Path model;
    private String bundle;

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModels.pictures(folder.resolve("model.onnx"));
        bundle = folder.resolve("model.cleave").toString();
    }

    private CommandRun split(Path file, String... options) {
        List<String> arguments = new ArrayList<>(List.of("split", file.toString(), "-o", bundle, "--int8=never"));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    private static JsonNode json(CommandRun run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    @Test
    void splitTellsScriptsWhichPointsHaveSuchHeadsAndWhatTheyGive() throws IOException {
        JsonNode lite = json(split(model, "--at", "r1,r2", "--tflite", "--random", "16", "--json"))
                .get("tflite");
        assertThat(lite.get("segments").intValue()).isEqualTo(3);
        assertThat(lite.get("points")).hasToString("[1,2,3]");
        assertThat(lite.get("obstacle").isNull()).isTrue();
        assertThat(lite.get("notRun").isNull()).isTrue();
        assertThat(lite.get("engine").textValue()).startsWith("tflite ");
        assertThat(lite.get("heads")).hasSize(3);
        for (JsonNode head : lite.get("heads")) {
            assertThat(head.get("inputs").intValue()).isEqualTo(16);
            assertThat(head.get("alike").doubleValue()).isEqualTo(1);
            assertThat(head.get("maxRelError").doubleValue()).isLessThan(1e-4);
        }
    }

    @Test
    void splitTellsPeopleToo() {
        CommandRun run = split(model, "--at", "r1,r2", "--tflite", "--random", "16");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("heads for TensorFlow Lite: at every point, and LOCAL")
                .containsPattern("tflite head +agreement +in ONNX +same as ONNX +max rel\\. error")
                .doesNotContain("not run");
        CommandRun blind = split(model, "--at", "r1,r2", "--tflite");
        assertThat(blind.out()).contains("were not run: there are no sample inputs; give --inputs or --random");
    }

    @Test
    void withoutTheOptionNothingIsSaidOfThem() throws IOException {
        assertThat(json(split(model, "--at", "r1", "--json")).get("tflite").isNull())
                .isTrue();
        assertThat(CommandRun.of("inspect", bundle).out()).contains(".tflite heads on devices: none");
        CommandRun verify = CommandRun.of("verify", bundle, "--engine", "tflite", "--random", "4");
        assertThat(verify.exitCode()).isEqualTo(1);
        assertThat(verify.err())
                .contains(
                        "--engine tflite: " + bundle + " holds no .tflite heads; expected a bundle of split --tflite");
    }

    @Test
    void anOperatorThatCannotBeConvertedIsNamedWithThePointsBeforeIt() throws IOException {
        Path summing = TinyModels.summing(folder.resolve("summing.onnx"));
        CommandRun people = split(summing, "--at", "r1,s", "--tflite", "--random", "16");
        assertThat(people.out())
                .contains(
                        "heads for TensorFlow Lite: at point 1 of 2, not LOCAL; segment-1: CumSum \"s\": operator CumSum"
                                + " has no counterpart; expected one that is converted");
        JsonNode lite = json(split(summing, "--at", "r1,s", "--tflite", "--random", "16", "--json"))
                .get("tflite");
        assertThat(lite.get("points")).hasToString("[1]");
        assertThat(lite.get("obstacle").get("segment").intValue()).isEqualTo(1);
        assertThat(lite.get("obstacle").get("operator").textValue()).isEqualTo("CumSum");
        JsonNode verified =
                json(CommandRun.of("verify", bundle, "--engine", "tflite", "--random", "8", "--seed", "5", "--json"));
        assertThat(verified.get("splitPoints")).hasSize(2);
        assertThat(verified.get("heads")).hasSize(1);
        assertThat(CommandRun.of("verify", bundle, "--engine", "tflite", "--random", "8")
                        .out())
                .contains("; from point 2 on there are none in that form");
    }

    @Test
    void aModelWithoutAnySuchHeadIsNotSplit() throws IOException {
        Path summing = TinyModels.summing(folder.resolve("summing.onnx"));
        CommandRun run = split(summing, "--at", "s", "--tflite");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .hasLineCount(1)
                .contains("summing.onnx for TensorFlow Lite: segment-0: CumSum \"s\"")
                .contains("expected at least a first segment that can be converted");
        assertThat(Path.of(bundle)).doesNotExist();
    }

    @Test
    void verifyRunsTheHeadsThatItIsAskedFor() throws IOException {
        split(model, "--at", "r1,r2", "--tflite", "--random", "16");
        JsonNode lite = json(CommandRun.of("verify", bundle, "--engine", "tflite", "--random", "8", "--json"));
        assertThat(lite.get("headEngine").textValue()).startsWith("tflite ");
        assertThat(lite.get("splitPoints")).hasSize(4);
        assertThat(lite.get("heads")).hasSize(3);
        assertThat(lite.get("heads").get(1).get("maxRelError").doubleValue()).isLessThan(1e-4);
        for (String engine : List.of("onnxruntime", "")) {
            List<String> arguments = new ArrayList<>(List.of("verify", bundle, "--random", "8", "--json"));
            arguments.addAll(engine.isEmpty() ? List.of() : List.of("--engine", engine));
            JsonNode onnx = json(CommandRun.of(arguments.toArray(String[]::new)));
            assertThat(onnx.get("headEngine").isNull()).isTrue();
            assertThat(onnx.get("heads").isNull()).isTrue();
            assertThat(onnx.get("splitPoints")).hasSize(4);
        }
        CommandRun unknown = CommandRun.of("verify", bundle, "--engine", "abacus", "--random", "8");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("no engine \"abacus\"");
    }

    @Test
    void inspectTellsWhichSegmentsABundleHoldsInWhichForms() throws IOException {
        String edge = folder.resolve("edge.cleave").toString();
        String cloud = folder.resolve("cloud.cleave").toString();
        split(
                model,
                "--at",
                "r1,r2",
                "--tflite",
                "--random",
                "16",
                "--edge-only",
                edge,
                "--edge-through",
                "2",
                "--cloud-only",
                cloud);
        JsonNode full = json(CommandRun.of("inspect", bundle, "--json"));
        assertThat(full.get("view").textValue()).isEqualTo("full");
        assertThat(full.get("segments"))
                .hasSize(3)
                .allSatisfy(segment -> assertThat(segment.get("bytes")).hasSize(2));
        assertThat(full.get("heads")).hasToString("{\"onnx\":3,\"tflite\":3}");
        assertThat(full.get("measured")).hasSize(3);
        assertThat(json(CommandRun.of("inspect", edge, "--json")).get("heads"))
                .hasToString("{\"onnx\":2,\"tflite\":2}");
        assertThat(json(CommandRun.of("inspect", cloud, "--json")).get("heads"))
                .hasToString("{\"onnx\":0,\"tflite\":0}");
        assertThat(CommandRun.of("inspect", bundle).out())
                .contains("model 1, full view, id ")
                .contains(".tflite heads on devices: points 1 to 2 and LOCAL")
                .containsPattern("2 +fp32, devices' +[0-9.]+ K?i?B +[0-9.]+ K?i?B");
        assertThat(CommandRun.of("inspect", cloud).out()).contains(".onnx heads on devices: none");
    }

    @Test
    void aDamagedBundleIsNotInspected() throws IOException {
        split(model, "--at", "r1");
        byte[] bytes = Files.readAllBytes(Path.of(bundle));
        bytes[bytes.length / 2] ^= 1;
        Files.write(Path.of(bundle), bytes);
        CommandRun run = CommandRun.of("inspect", bundle);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("model.cleave");
    }

    /** Profiles are of single nodes and of heads at any cut, which are ONNX graphs. */
    @Test
    void profilesAreMadeOfOnnxModelsAlone() throws IOException {
        String output = folder.resolve("device.json").toString();
        CommandRun lite = CommandRun.of("profile", model.toString(), "--engine", "tflite", "-o", output);
        assertThat(lite.exitCode()).isEqualTo(2);
        assertThat(lite.err()).contains("--engine tflite: reads .tflite graphs; expected an engine that reads ONNX");
        Path flat = Files.write(folder.resolve("model.tflite"), new byte[] {28, 0, 0, 0, 'T', 'F', 'L', '3', 0, 0});
        CommandRun other = CommandRun.of("profile", flat.toString(), "-o", output);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).hasLineCount(1).contains("model.tflite");
        assertThat(Path.of(output)).doesNotExist();
    }
}
