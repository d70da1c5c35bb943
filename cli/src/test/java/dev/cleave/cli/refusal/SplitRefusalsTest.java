package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitRefusalsTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path bundle;

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModels.pictures(folder.resolve("model.onnx"));
        bundle = folder.resolve("model.cleave");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            --random,   0,       expected at least 1
            --random,   two,     "two"; expected a whole number
            --ladder,   0,       expected at least 1
            --ladder,   x,       "x"; expected a whole number
            --at,       ``,      an empty name
            --at,       `r1,,r2`, an empty name
            --dim,      N,       is 'N'; expected a name
            --dim,      N=x,     "x"; expected a whole number
            --dim,      N=0,     expected a size of at least 1
            --state,    a,       is 'a'; expected a name
            --name,     a/b,     expected 1 to 128 printable ASCII
            --edge-through, 2,   needs --edge-only
            --max-disagreement, 7, expected 0 to 1
            --max-disagreement, NaN, expected 0 to 1
            --reduce-output, y=best, expected NAME=argmax or NAME=topk:K
            --reply,    y=zip,   `expected NAME=raw, NAME=fp16, NAME=quant[:LEVELS]`
            --reply,    y=topk:0, NAME=topk:K with K of at least 1
            --colour,   red,     unknown option
            """)
    void optionThatCannotBeRightIsAUsageError(String option, String value, String expectation) {
        assertUsageError(split(option, value), "cleave split: ", option, expectation);
        assertThat(bundle).doesNotExist();
    }

    @Test
    void aTailInHalvesThatLosesItsAnswersIsNamed() throws IOException {
        Path loud = TinyModels.loud(folder.resolve("loud.onnx"));
        List<String> before = OnFolder.names(folder);
        CommandRun run = CommandRun.of(
                "split",
                loud.toString(),
                "-o",
                bundle.toString(),
                "--at",
                "h",
                "--fp16",
                "--random",
                "16",
                "--int8=never",
                "--edge-only",
                folder.resolve("edge.cleave").toString(),
                "--cloud-only",
                folder.resolve("cloud.cleave").toString());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        assertThat(run.err())
                .containsPattern("the fp16 tail of point \\d agrees on \\d+ of 16 inputs \\(top-1\\)")
                .contains("; expected 98.0 %");
        assertThat(run.out()).isEmpty();
        assertThat(OnFolder.names(folder)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"r1", "auto"})
    void aBudgetThatCannotBeKeptIsExitCode3AndNothingIsWritten(String at) throws IOException {
        Path dice = TinyModels.dice(folder.resolve("dice.onnx"));
        CommandRun run = CommandRun.of("split", dice.toString(), "-o", bundle.toString(), "--random", "24", "--at", at);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        assertThat(run.err().lines().reduce((first, last) -> last).orElse(""))
                .startsWith("cleave split: ")
                .contains("keep fewer than 98.0 % of the answers", "closest is ", " bytes (raw)");
        assertThat(run.out()).isEmpty();
        assertThat(bundle).doesNotExist();
    }

    @Test
    void saysWhichInputsAreForWhat() {
        CommandRun run = split("--random", "24");
        assertThat(run.out()).contains("6 were learned from and 12 chose the codecs", "of the other 6");
        CommandRun few = split("--random", "4");
        assertThat(few.out()).contains("too few inputs to keep apart");
    }

    @Test
    void optionsThatContradictEachOtherAreAUsageError() throws IOException {
        Path inputs = Refusals.tensors(folder.resolve("inputs"), 0, 1, 3, 8, 8);
        assertUsageError(split("--random", "2", "--inputs", inputs.toString()), "--inputs and --random are both given");
        assertUsageError(split("--at", "r1", "--ladder", "2"), "--ladder goes with --at auto");
        assertUsageError(CommandRun.of("split", model.toString()), "missing required option: '-o=FILE'");
        String edge = folder.resolve("edge.cleave").toString();
        assertUsageError(split("--edge-only", edge, "--edge-through", "9"), "--edge-through 9", "expected 1 to 5");
    }

    @Test
    void modelThatIsNoneIsRefusedByName() throws IOException {
        Refusals.text(folder, "text.onnx", "hello");
        Refusals.text(folder, "empty.onnx", "");
        assertCouldNot(splitOf("missing.onnx"), "missing.onnx: no such file");
        assertCouldNot(splitOf("."), "is a directory or device; expected an .onnx file");
        assertCouldNot(splitOf("text.onnx"), "text.onnx is text; expected an ONNX model");
        assertCouldNot(splitOf("empty.onnx"), "empty.onnx is empty");
        assertThat(bundle).doesNotExist();
    }

    @Test
    void modelInsideOneIfIsRefusedForThatEvenIfItDoesNotRun() throws IOException {
        TinyModels.insideOneIf(folder.resolve("if.onnx"));
        assertCouldNot(splitOf("if.onnx"), "if.onnx: no legal cut: the whole network is inside one If \"y\"");
        CommandRun inspected =
                CommandRun.of("inspect", folder.resolve("if.onnx").toString());
        assertThat(inspected.exitCode()).isZero();
        assertThat(inspected.out()).contains("no legal cut: the whole network is inside one If \"y\"");
    }

    @Test
    void modelThatRunsAtNoSizeTriedAsksForSizes() throws IOException {
        TinyModels.fussy(folder.resolve("fussy.onnx"));
        assertCouldNot(
                splitOf("fussy.onnx"),
                "fussy.onnx does not run on random inputs",
                "--dim NAME=SIZE",
                "length",
                "MatMul");
        assertCouldNot(splitOf("fussy.onnx", "--dim", "length=47"), "length=47", "MatMul");
        assertCouldNot(splitOf("fussy.onnx", "--dim", "width=48"), "dimension \"width\"", "for one of [N, length]");
        assertThat(splitOf("fussy.onnx", "--dim", "length=48").exitCode()).isZero();
    }

    @Test
    void pointThatWouldShipStateIsRefusedByName() throws IOException {
        TinyModels.stateful(folder.resolve("stateful.onnx"));
        assertCouldNot(
                splitOf("stateful.onnx", "--at", "a"),
                "cut at \"a\"",
                "it would ship state: \"state_out\" (fed back to \"state_in\") is made after it");
        assertThat(splitOf("stateful.onnx", "--at", "b").exitCode()).isZero();
    }

    @Test
    void pointThatIsNoneIsRefusedByName() throws IOException {
        assertCouldNot(split("--at", "nowhere"), "\"nowhere\"", "no such tensor; expected one");
        assertCouldNot(split("--at", "x"), "cut at \"x\"", "point 0");
        assertCouldNot(split("--at", "y"), "cut at \"y\"", "nothing crosses");
        assertCouldNot(split("--not-before", "nowhere"), "\"nowhere\"", "no such tensor");
        assertCouldNot(split("--state", "a=b"), "\"a\", \"b\": expected the name of an input and of an output");
        assertCouldNot(split("--reduce-output", "z=argmax"), "no output \"z\"; it has [y]");
        TinyModels.branches(folder.resolve("branches.onnx"));
        assertCouldNot(splitOf("branches.onnx", "--at", "l,r"), "\"x+l\" and \"x+r\" are not nested");
    }

    @Test
    void replyThatDoesNotFitTheModelIsRefusedByName() throws IOException {
        assertCouldNot(split("--reply", "z=raw"), "reply \"z=raw\": the model has no such output; expected one of [y]");
        assertCouldNot(split("--reply", "y=topk:4"), "reply \"y=topk:4\"", "a k below the 4 classes");
        assertCouldNot(split("--reply", "y=quant"), "reply \"y=quant:256\"", "expected sample inputs");
        assertCouldNot(split("--reply", "y=raw", "--reply", "y=fp16"), "the output has two; expected one");
        assertThat(bundle).doesNotExist();
    }

    @Test
    void replyThatFitsIsTakenAndTold() throws IOException {
        CommandRun run = split("--at", "r1", "--reply", "y=topk:2");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("replies: y topk:2");
        assertThat(split("--at", "r1", "--json", "--random", "4").out().replaceAll("\\s", ""))
                .contains("\"replies\":[{\"output\":\"y\",\"codec\":\"fp16\"}]");
    }

    @Test
    void targetThatCannotBeWrittenIsRefusedBeforeTheWork() throws IOException {
        String missing = folder.resolve("missing/model.cleave").toString();
        assertCouldNot(to(missing), "-o " + missing, "there is no folder");
        assertCouldNot(to(folder.toString()), "is a folder; expected a file");
        assertCouldNot(to(model.toString()), "is the model or another output");
        assertCouldNot(split("--edge-only", missing), "--edge-only " + missing, "there is no folder");
        assertCouldNot(split("--cloud-only", bundle.toString()), "--cloud-only", "is the model or another output");
        assertThat(OnFolder.names(folder)).containsExactly("model.onnx");
    }

    @Test
    void outputThatIsThereOutlivesAFailedSplit() throws IOException {
        Files.writeString(bundle, "precious");
        assertCouldNot(split("--at", "nowhere"), "nowhere");
        Path inputs = Refusals.tensors(folder.resolve("inputs"), Float.NaN, 1, 3, 8, 8);
        assertCouldNot(
                split("--inputs", inputs.toString()), "a.npy: tensor \"x\" is NaN at element 0; expected numbers");
        assertThat(bundle).hasContent("precious");
        assertThat(OnFolder.names(folder)).containsExactly("inputs", "model.cleave", "model.onnx");
    }

    @Test
    void inputsThatDoNotFitAreRefusedByFile() throws IOException {
        Path missing = folder.resolve("missing");
        assertCouldNot(splitOn(missing), missing + ": no such file or folder");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertCouldNot(splitOn(empty), empty + ": holds no inputs; expected pictures");
        assertCouldNot(
                splitOn(Refusals.tensors(folder.resolve("shape"), 0, 1, 3, 7, 8)),
                "a.npy: tensor \"x\" has shape [1,3,7,8]; expected [N,3,8,8]");
        assertCouldNot(
                splitOn(Refusals.picture(folder.resolve("picture"), 8, 8)),
                "a.png: is a picture, and nothing says how it becomes a tensor; expected --preprocess");
        Path unreadable = Refusals.text(folder.resolve("unreadable"), "a.png", "not a picture");
        assertCouldNot(
                splitOn(unreadable, "--preprocess", "unit"),
                "a.png: is no picture; expected the first bytes of a JPEG, PNG or BMP");
        assertCouldNot(
                splitOn(Refusals.picture(folder.resolve("large"), 9, 9), "--preprocess", "unit"),
                "a.png: input \"x\" has shape [N,3,8,8]",
                "gives [1,3,9,9]");
    }

    @Test
    void preprocessingThatCannotBeRightIsRefused() throws IOException {
        Refusals.text(folder, "cut-off.json", "{\"resize\": 8, \"mean\": [1,");
        Refusals.text(folder, "misspelt.json", "{\"resise\": 8}");
        Refusals.text(folder, "other.json", "{\"input\": \"data\"}");
        assertCouldNot(split("--preprocess", "imagnet"), "\"imagnet\" is not known; expected one of [caffe, imagenet");
        assertCouldNot(preprocess("missing.json"), "there is no such file");
        assertCouldNot(preprocess("cut-off.json"), "cut-off.json", "not valid JSON");
        assertCouldNot(preprocess("misspelt.json"), "\"resise\" is not known; expected resize");
        assertCouldNot(preprocess("."), "is a folder; expected a file with preprocessing as JSON");
        assertCouldNot(preprocess("other.json"), "feeds input \"data\"", "expected \"input\" to name one");
        assertCouldNot(
                split("--preprocess", "imagenet", "--random", "2"),
                "input \"x\" has shape [N,3,8,8]; preprocessing gives [1,3,224,224]");
    }

    @Test
    void labelsThatAreNoneAreRefused() throws IOException {
        Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
        Refusals.text(folder, "blank.txt", "\n\n");
        assertCouldNot(labels("missing.txt"), "missing.txt: no such file");
        assertCouldNot(labels("binary.txt"), "binary.txt: is no UTF-8 text; expected the classes' names");
        assertCouldNot(labels("blank.txt"), "holds no names; expected one a line");
    }

    @Test
    void failureWithJsonLeavesStandardOutputEmpty() {
        assertCouldNot(split("--json", "--at", "nowhere"), "nowhere");
        assertUsageError(split("--json", "--ladder", "0"), "--ladder 0");
    }

    private CommandRun split(String... more) {
        return splitOf("model.onnx", more);
    }

    private CommandRun splitOf(String name, String... more) {
        String file =
                name.equals(".") ? folder.toString() : folder.resolve(name).toString();
        return Refusals.run(Stream.of("split", file, "-o", bundle.toString()), more);
    }

    private CommandRun splitOn(Path inputs, String... more) {
        return Refusals.run(
                Stream.of("split", model.toString(), "-o", bundle.toString(), "--inputs", inputs.toString()), more);
    }

    private CommandRun to(String target) {
        return CommandRun.of("split", model.toString(), "-o", target);
    }

    private CommandRun preprocess(String name) {
        return split("--preprocess", folder.resolve(name).toString());
    }

    private CommandRun labels(String name) {
        return split("--labels-text", folder.resolve(name).toString());
    }

    /** What lies in a folder. */
    private static final class OnFolder {
        static List<String> names(Path folder) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                return files.map(file -> file.getFileName().toString()).sorted().toList();
            }
        }
    }
}
