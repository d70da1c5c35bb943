package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs that take a bundle: verify, infer, load, serve. */
class BundleRefusalsTest {
    /** Port 1 of this machine: nobody listens. */
    private static final String NOBODY = "127.0.0.1:1";

    @TempDir
    private static Path folder;

    private static String bundle;

    @BeforeAll
    static void split() throws IOException {
        Path model = TinyModels.pictures(folder.resolve("model.onnx"));
        TinyModels.branches(folder.resolve("other.onnx"));
        bundle = folder.resolve("model.cleave").toString();
        CommandRun run = CommandRun.of(
                "split",
                model.toString(),
                "-o",
                bundle,
                "--at",
                "r1,r2",
                "--random",
                "4",
                "--edge-only",
                at("edge.cleave"),
                "--edge-through",
                "1",
                "--cloud-only",
                at("cloud.cleave"));
        assertThat(run.err()).contains("calibrating for about");
        assertThat(run.exitCode()).isZero();
        byte[] bytes = Files.readAllBytes(Path.of(bundle));
        Files.write(folder.resolve("half.cleave"), Arrays.copyOf(bytes, bytes.length / 2));
        bytes[bytes.length - 30] ^= 0x10;
        Files.write(folder.resolve("flipped.cleave"), bytes);
        Refusals.text(folder, "text.cleave", "hello");
        Refusals.text(folder, "empty.cleave", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "infer", "load"})
    void fileThatIsNoBundleIsRefusedByName(String verb) {
        assertCouldNot(on(verb, "missing.cleave"), "missing.cleave is missing; expected a bundle");
        assertCouldNot(on(verb, "."), "is not a file; expected a bundle");
        assertCouldNot(on(verb, "text.cleave"), "text.cleave: not a zip file: 5 bytes");
        assertCouldNot(on(verb, "empty.cleave"), "empty.cleave: not a zip file: 0 bytes");
        assertCouldNot(on(verb, "half.cleave"), "half.cleave: not a zip file, or cut off");
        assertCouldNot(on(verb, "flipped.cleave"), "flipped.cleave", "expected");
        assertCouldNot(on(verb, "model.onnx"), "model.onnx: not a zip file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "infer"})
    void noInputsAreAUsageError(String verb) {
        assertUsageError(CommandRun.of(verb, bundle), "no inputs; expected --inputs DIR or --random N");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            --random,   0,     expected at least 1
            --deadline, 5,     such as 250us
            --deadline, 0,     more than 0
            --jpeg,     500,   expected 1 to 100
            --objective, throughput, `expected latency, bytes or gateway`
            --threads,  -1,    expected at least 1
            --warm-up,  -1,    expected at least 0
            --split,    three, `expected auto, local, cloud or the number of a point`
            --split,    -1,    `expected auto, local, cloud or the number of a point`
            --split,    2,     needs --gateway HOST:PORT
            --split,    cloud, needs --gateway HOST:PORT
            --gateway,  host,  expected one such as 127.0.0.1:8500
            --gateway,  9500,  expected HOST:PORT
            --gateway,  h:99999, ports 0 to 65535
            --gateway,  `a:1,b`, expected one such as 127.0.0.1:8500
            --gateway,  `a:1,,b:1`, `"" is not HOST:PORT`
            --gateway,  `a:1,`, `"" is not HOST:PORT`
            --gateway,  `a:1,b:1,A:1`, --gateway A:1 is given twice
            """)
    void optionOfInferThatCannotBeRightIsAUsageError(String option, String value, String expectation) {
        String random = option.equals("--random") ? "--seed" : "--random";
        assertUsageError(CommandRun.of("infer", bundle, random, "2", option, value), option, expectation);
    }

    @Test
    void whatTheBundleDoesNotHaveIsRefusedByName() {
        assertCouldNot(infer("--split", "9"), "split point 9 does not exist in the bundle; expected 0 to 3");
        assertCouldNot(infer("--quality", "best"), "quality level \"best\"", "expected one of [default, raw");
        assertCouldNot(infer("--dim", "width=3"), "--dim width", "expected none, all are fixed");
        assertCouldNot(
                CommandRun.of("infer", at("edge.cleave"), "--random", "2", "--split", "local"),
                "LOCAL is not available: this view of the bundle ends at point 1 of 3");
        assertCouldNot(
                CommandRun.of("infer", at("edge.cleave"), "--random", "2", "--split", "2", "--gateway", NOBODY),
                "split point 2 is not available");
        assertUsageError(CommandRun.of("infer", at("edge.cleave"), "--random", "2"), "--split auto needs --gateway");
    }

    @Test
    void inputsThatDoNotFitAreRefusedByFile() throws IOException {
        Path nan = Refusals.tensors(folder.resolve("nan"), Float.NaN, 1, 3, 8, 8);
        Path shape = Refusals.tensors(folder.resolve("shape"), 0, 3, 8);
        Path picture = Refusals.picture(folder.resolve("picture"), 8, 8);
        for (String verb : new String[] {"verify", "infer", "load"}) {
            assertCouldNot(over(verb, nan), "a.npy: tensor \"x\" is NaN at element 0; expected numbers");
            assertCouldNot(over(verb, shape), "a.npy: tensor \"x\" has shape [3,8]; expected [N,3,8,8]");
            assertCouldNot(over(verb, picture), "a.png: is a picture", "expected --preprocess");
            assertCouldNot(over(verb, picture, "--preprocess", "imagenet"), "preprocessing gives [1,3,224,224]");
        }
        assertThat(over("infer", picture, "--preprocess", "unit", "--split", "local")
                        .exitCode())
                .isZero();
    }

    @Test
    void verifyRefusesWhatItCannotCompare() throws IOException {
        assertCouldNot(verify("--against", at("missing.onnx")), "missing.onnx: no such file");
        assertCouldNot(verify("--against", at("text.cleave")), "is text; expected an ONNX model");
        assertCouldNot(verify("--against", at("other.onnx")), "other.onnx", "expected the model that bundle");
        assertCouldNot(verify("--jpeg"), "--jpeg", "is no picture; expected pictures only");
        assertCouldNot(
                CommandRun.of("verify", at("edge.cleave"), "--random", "2"),
                "is the edge view of a bundle; expected the full one");
        assertCouldNot(
                CommandRun.of("verify", at("cloud.cleave"), "--random", "2", "--json"),
                "is the cloud view of a bundle; expected the full one");
    }

    @Test
    void labelsThatFitNoInputAreRefused() throws IOException {
        Path inputs = Refusals.tensors(folder.resolve("labelled"), 1, 1, 3, 8, 8);
        Refusals.text(folder, "words.tsv", "a.npy\tfive\nb.npy\tsix\n");
        Refusals.text(folder, "others.tsv", "z.npy\t1\n");
        Refusals.text(folder, "large.tsv", "a.npy\t4\n");
        Refusals.text(folder, "right.tsv", "a.npy\t3\n");
        assertCouldNot(over("verify", inputs, "--labels", at("none.tsv")), "none.tsv: no such file");
        assertCouldNot(over("verify", inputs, "--labels", folder.toString()), "is a folder; expected a file");
        assertCouldNot(
                over("verify", inputs, "--labels", at("words.tsv")),
                "words.tsv, line 2: \"b.npy<TAB>six\": expected file-name<TAB>class-index");
        assertCouldNot(
                over("verify", inputs, "--labels", at("others.tsv")), "names none of the 1 inputs; expected", "a.npy");
        assertCouldNot(over("verify", inputs, "--labels", at("large.tsv")), "has class 4", "expected 0 to 3");
        assertUsageError(verify("--labels", at("right.tsv")), "random inputs have no right class");
        assertThat(over("verify", inputs, "--labels", at("right.tsv")).exitCode())
                .isZero();
    }

    @Test
    void requestsThatFailAreCountedInOneLineAndLeaveValidJson() {
        CommandRun run = infer("--split", "1", "--gateway", NOBODY, "--no-fallback", "--json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).hasLineCount(1).contains("2 of 2 requests failed", "random-0", "UNAVAILABLE");
        assertThat(run.out()).hasLineCount(1).startsWith("{\"summary\":{\"requests\":2,\"failed\":2,");
        CommandRun forPeople = infer("--split", "1", "--gateway", NOBODY, "--no-fallback");
        assertThat(forPeople.out())
                .hasLineCount(1)
                .contains("2 requests, 2 failed")
                .doesNotContain("NaN");
    }

    @Test
    void inferSaysWhyItStaysLocal() {
        CommandRun run = infer("--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().filter(line -> line.contains("\"why\":\"LOCAL: ")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("no gateway serves a point of this bundle\""));
        assertThat(infer("--split", "3", "--json").out()).contains("\"why\":\"split 3 is fixed\"");
        assertThat(infer().out()).contains("the last choice: LOCAL: ");
    }

    @ParameterizedTest
    @CsvSource({
        "--clients, 0, expected at least 1",
        "--clients, x, expected a whole number",
        "--duration, 0, expected a time",
        "--duration, 1h, such as 250us",
        "--requests, 0, expected at least 1",
        "--rate, 0, expected more than 0",
        "--rate, NaN, expected more than 0"
    })
    void optionOfLoadThatCannotBeRightIsAUsageError(String option, String value, String expectation) {
        assertUsageError(CommandRun.of("load", bundle, "--gateway", NOBODY, option, value), option, expectation);
    }

    @Test
    void loadNeedsAGateway() {
        assertUsageError(CommandRun.of("load", bundle), "missing --gateway HOST:PORT");
    }

    @Test
    void serveRefusesFolderWithoutABundleItCanServe() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("no-models"));
        Path broken = Refusals.text(folder.resolve("broken"), "x.cleave", "hello");
        Path edge = Files.createDirectories(folder.resolve("edge-only"));
        Files.copy(folder.resolve("edge.cleave"), edge.resolve("edge.cleave"));
        assertCouldNot(serve(folder.resolve("nowhere").toString()), "nowhere does not exist; expected a directory");
        assertCouldNot(serve(at("text.cleave")), "text.cleave is not a directory; expected a directory");
        assertCouldNot(serve(empty.toString()), "holds no *.cleave or *.onnx file");
        assertCouldNot(serve(broken.toString()), "no model of", "x.cleave: not a zip file: 5 bytes");
        assertCouldNot(serve(edge.toString(), "--json"), "holds the edge view; a gateway needs full or cloud");
    }

    @Test
    void serveRefusesSettingsThatItDoesNotKnow() throws IOException {
        Refusals.text(folder, "unknown.json", "{\"modelz\": 1}");
        Refusals.text(folder, "cut-off.json", "{\"port\":");
        assertUsageError(CommandRun.of("serve"), "missing --models DIR");
        assertUsageError(
                serve(".", "--set", "maxBach=1"), "--set has the unknown key \"maxBach\"; expected one of", "maxBatch");
        assertUsageError(serve(".", "--set", "maxBatch=many"), "\"maxBatch\" is \"many\"; expected a whole number");
        assertUsageError(serve(".", "--set", "maxBatch"), "KEY=VALUE", "maxBatch");
        assertUsageError(CommandRun.of("serve", "--set", "modelsDirectory=m", "--set", "maxBatch=0"), "maxBatch is 0");
        assertUsageError(serve(".", "--provider", "tpu"), "'tpu'", "expected one of");
        assertUsageError(
                CommandRun.of("serve", "--models", "m", "--port", "70000"), "port is 70000; expected 0 to 65535");
        assertUsageError(CommandRun.of("serve", "--models", "m", "--port", "9", "--http-port", "9"), "are both 9");
        assertCouldNot(CommandRun.of("serve", "--config", at("no.json")), "no.json: no such file");
        assertCouldNot(
                CommandRun.of("serve", "--config", at("unknown.json")), "unknown key \"modelz\"; expected one of");
        assertCouldNot(CommandRun.of("serve", "--config", at("cut-off.json")), "cut-off.json is not valid JSON");
    }

    @Test
    void serveRefusesAPortInUse() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Files.copy(Path.of(bundle), models.resolve("model.cleave"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            String port = String.valueOf(taken.getLocalPort());
            assertCouldNot(
                    CommandRun.of(
                            "serve",
                            "--models",
                            models.toString(),
                            "--port",
                            port,
                            "--http-port",
                            "0",
                            "--provider",
                            "cpu"),
                    "gRPC port " + port + " is in use; expected a free port");
        }
    }

    private static String at(String name) {
        return folder.resolve(name).toString();
    }

    private static CommandRun on(String verb, String name) {
        String file = name.equals(".") ? folder.toString() : at(name);
        return verb.equals("load")
                ? CommandRun.of("load", file, "--gateway", NOBODY, "--requests", "1")
                : CommandRun.of(verb, file, "--random", "2");
    }

    private static CommandRun over(String verb, Path inputs, String... more) {
        Stream<String> command = Stream.of(verb, bundle, "--inputs", inputs.toString());
        Stream<String> gateway = verb.equals("load") ? Stream.of("--gateway", NOBODY, "--requests", "1") : Stream.of();
        return Refusals.run(Stream.concat(command, gateway), more);
    }

    private static CommandRun infer(String... more) {
        return Refusals.run(Stream.of("infer", bundle, "--random", "2"), more);
    }

    private static CommandRun verify(String... more) {
        return Refusals.run(Stream.of("verify", bundle, "--random", "2"), more);
    }

    private static CommandRun serve(String models, String... more) {
        return Refusals.run(Stream.of("serve", "--models", models, "--port", "0", "--http-port", "0"), more);
    }
}
