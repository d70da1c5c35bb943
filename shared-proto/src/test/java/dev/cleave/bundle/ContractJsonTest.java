package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractJsonTest {
    private static String tiny() throws BundleException {
        return new String(ContractJson.write(TinyBundle.contract()), StandardCharsets.UTF_8);
    }

    private static Contract read(String json) throws BundleException {
        return ContractJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(String json, String... words) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read(json))
                .satisfies(refused -> assertThat(refused.getMessage())
                        .contains(words)
                        .doesNotContain("\n")
                        .hasSizeLessThan(700));
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        Contract contract = TinyBundle.contract(1);
        assertThat(ContractJson.read(ContractJson.write(contract))).isEqualTo(contract);
    }

    @Test
    void writesTheSameBytesForWhatItRead() throws Exception {
        byte[] bytes = ContractJson.write(TinyBundle.contract());
        assertThat(ContractJson.write(ContractJson.read(bytes))).isEqualTo(bytes);
    }

    @Test
    void writesShapesAndCodecsAsDocumented() throws Exception {
        assertThat(tiny())
                .startsWith("{\"formatVersion\":1,\"modelName\":\"tiny\",")
                .contains("{\"name\":\"mask\",\"type\":\"int32\",\"shape\":[\"N\",\"?\"]}")
                .contains("{\"codec\":\"quant\",\"levels\":16,\"axis\":1,"
                        + "\"low\":[-0.1,0,-3.4028235E+38],\"high\":[0.7,1E-7,16777216]}")
                .contains("\"quantized\":{\"type\":\"uint8\",\"scale\":[0.0123],\"zeroPoint\":[128],\"axis\":-1}")
                .contains("\"replies\":[{\"codec\":\"raw\"},{\"codec\":\"topK\",\"k\":1}],\"labels\"")
                .contains("\"preprocessing\":null")
                .endsWith("}\n");
    }

    @Test
    void readsWhitespaceBetweenTokens() throws Exception {
        assertThat(read(tiny().replace(",\"maxBatch\":8", " ,\n  \"maxBatch\" : 8 ")))
                .isEqualTo(TinyBundle.contract());
    }

    @Test
    void readsTheExampleOfTheDocumentation() throws Exception {
        Path folder = Paths.get("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/FORMATS.md"))) {
            folder = folder.getParent();
        }
        String page = new String(Files.readAllBytes(folder.resolve("docs/FORMATS.md")), StandardCharsets.UTF_8);
        int from = page.indexOf("{\n  \"formatVersion\"");
        Contract contract = read(page.substring(from, page.indexOf("```", from)));
        assertThat(contract.modelName()).isEqualTo("mobilenet");
        assertThat(contract.splitPoints()).isEqualTo(1);
    }

    @Test
    void refusesAnotherFormatVersionBeforeAnythingElse() {
        assertRefused(
                "{\"formatVersion\":7,\"somethingNew\":{}}", "contract.json: format version 7; this release reads 1");
    }

    @Test
    void refusesUnknownRepeatedAndMissingKeysByName() throws Exception {
        assertRefused(tiny().replace("\"labels\":", "\"colour\":3,\"labels\":"), "unknown key \"colour\"");
        assertRefused(tiny().replace("\"labels\":", "\"inputs\":[],\"labels\":"), "key \"inputs\" twice");
        assertRefused(tiny().replace("\"maxBatch\":8,", ""), "missing key \"maxBatch\"");
        assertRefused(tiny().replace("\"index\":1,", ""), "$.points[1]", "missing key \"index\"");
        assertRefused(tiny().replace(",\"quantized\":null}", "}"), "missing key \"quantized\"");
        assertRefused(
                tiny().replace("{\"codec\":\"raw\"}", "{\"codec\":\"raw\",\"levels\":4}"), "unknown key \"levels\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"modelName\":\"tiny\"        | \"modelName\":\"../x\"              | modelName",
                "\"modelName\":\"tiny\"        | \"modelName\":5                     | number; expected string",
                "\"precision\":\"fp32\"        | \"precision\":\"fp64\"              | expected fp32, fp16 or int8",
                "\"type\":\"float32\"          | \"type\":\"string\"                 | \"string\"",
                "[\"N\",4]                     | [4,\"N\"]                           | \"N\" on axis 0 only",
                "[\"N\",4]                     | [\"N\",-4]                          | is -4; expected a size",
                "[\"N\",4]                     | [\"M\",4]                           | is \"M\"; expected a size",
                "[\"N\",4]                     | [\"N\",4.5]                         | 4.5; expected a 64-bit integer",
                "[\"N\",4]                     | [\"N\",5]                           | boundary of point 0 is float32[N,4]",
                "\"maxBatch\":8                | \"maxBatch\":0                      | maxBatch is 0",
                "\"maxBatch\":8                | \"maxBatch\":1                      | a reason why maxBatch is 1",
                "\"maxBatch\":8                | \"maxBatch\":8000000000             | expected a 32-bit integer",
                "\"batchReason\":\"\"          | \"batchReason\":\"odd\"             | none with maxBatch 8",
                "\"index\":1                   | \"index\":2                         | index of point 1 is 2",
                "\"privacyFloor\":0            | \"privacyFloor\":4                  | privacyFloor is 4; expected 0 to 3",
                "\"privacyFloor\":0            | \"privacyFloor\":-1                 | privacyFloor is -1",
                "\"earlyOutputs\":[\"early\"]  | \"earlyOutputs\":[\"late\"]         | names of outputs",
                "\"levels\":16                 | \"levels\":1                        | quant with 1 levels",
                "\"axis\":1                    | \"axis\":2                          | as the axis has indices",
                "\"high\":[0.7                 | \"high\":[1e39                      | finite 32-bit float",
                "\"high\":[0.7                 | \"high\":[-5                        | quant range 0",
                "{\"codec\":\"fp16\"}          | {\"codec\":\"image\"}               | preprocessed input",
                "{\"codec\":\"fp16\"}          | {\"codec\":\"zip\"}                 | expected raw, fp16, quant, image or topK",
                "{\"codec\":\"fp16\"}          | {\"codec\":\"topK\",\"k\":1}        | topK is for outputs",
                "\"codec\":\"topK\",\"k\":1     | \"codec\":\"topK\",\"k\":0           | topK with k 0; expected at least 1",
                "\"codec\":\"topK\",\"k\":1     | \"codec\":\"topK\",\"k\":2           | a k below the 2 classes",
                "\"codec\":\"topK\",\"k\":1     | \"codec\":\"topK\"                 | missing key \"k\"",
                "\"codec\":\"topK\",\"k\":1     | \"codec\":\"topK\",\"k\":1,\"x\":2   | unknown key \"x\"",
                "\"codec\":\"topK\",\"k\":1     | \"codec\":\"image\"                | reply of tensor \"y\"",
                "\"replies\":[{\"codec\":\"raw\"}, | \"replies\":[                     | number of replies is 1; expected one for each of 2",
                "\"codecs\":[{\"codec\":\"raw\"},| \"codecs\":[                      | of 1 codecs",
                "\"name\":\"raw\",\"codecs\"   | \"name\":\"best\",\"codecs\"        | last level is best; expected raw",
                "\"name\":\"default\",\"codecs\"| \"name\":\"raw\",\"codecs\"        | expected raw",
                "\"scale\":[0.0123]            | \"scale\":[0]                       | a positive scale",
                "\"zeroPoint\":[128]           | \"zeroPoint\":[256]                 | zero point 256; expected 0 to 255",
                "\"zeroPoint\":[128]           | \"zeroPoint\":[1,2]                 | 2 zero points",
                "\"quantized\":null           | \"quantized\":{\"type\":\"uint8\",\"scale\":[1],\"zeroPoint\":[0],\"axis\":-1} | point 0: quantized form",
                "\"name\":\"g\",\"type\":\"float32\",\"shape\":[\"N\",3] | \"name\":\"h\",\"type\":\"float32\",\"shape\":[\"N\",3,2] | quantized form of tensor \"h\" at point 2 is another than before; expected the same at every point",
                "\"edgePrecision\":\"fp32\"    | \"edgePrecision\":\"fp16\"          | expected fp32 or int8",
                "\"state\":[]  | \"state\":[{\"input\":\"x\",\"output\":\"q\",\"side\":\"edge\"}] | boundary of point 0",
                "graphs/fp32/head-1.onnx       | graphs/fp32/../head-1.onnx          | is in the contract",
                "graphs/fp32/head-3.onnx       | graphs/fp32/head-4.onnx             | 2 split points",
                "graphs/fp32/segment-1.onnx    | graphs/fp16/segment-1.onnx          | segment-1.onnx is not in the contract",
                "graphs/fp32/head-1.onnx       | graphs/fp32/head-2.onnx             | listed twice",
                "\"point\":1,\"size\":5000     | \"point\":1,\"size\":5101           | 5101 to 6000",
                "\"point\":2,\"size\":5100     | \"point\":2,\"size\":6000           | the whole file's",
                "\"point\":2,\"size\":5100     | \"point\":1,\"size\":5100           | for point 1",
                "\"point\":2,\"size\":5100     | \"point\":3,\"size\":5100           | for point 3",
                "\"size\":4200                 | \"size\":-1                         | is -1; expected 0 to",
                "\"size\":4200                 | \"size\":400000000                  | is 400000000; expected 0 to",
                "\"inputs\":[                  | \"inputs\":null,\"x\":[             | null; expected begin array",
            })
    void refusesByName(String from, String to, String expected) throws Exception {
        String changed = tiny().replaceFirst(Pattern.quote(from), to);
        assertThat(changed).isNotEqualTo(tiny());
        assertRefused(changed, expected);
    }

    @Test
    void refusesAnOutputThatIsEarlyOnlyForAWhile() throws Exception {
        String early = tiny().replaceFirst("\"earlyOutputs\":\\[\\]", "\"earlyOutputs\":[\"y\"]");
        assertRefused(early, "earlyOutputs of point 1", "those of the point before as well");
    }

    @Test
    void refusesADigestThatIsNone() throws Exception {
        assertRefused(tiny().replaceFirst("\"sha256\":\"..", "\"sha256\":\"XY"), "expected 64 lower-case hex digits");
        assertRefused(tiny().replaceFirst("\"sourceDigest\":\"..", "\"sourceDigest\":\""), "sourceDigest");
    }

    @Test
    void refusesBytesThatAreNoJson() throws Exception {
        assertRefused("", "not readable");
        assertRefused("[]", "begin array; expected begin object");
        assertRefused(tiny().substring(0, 500), "not readable");
        assertRefused(tiny() + "{}", "not readable");
        assertRefused("{'formatVersion':1}", "not readable");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ContractJson.read(new byte[] {'{', (byte) 0xff, '}'}));
    }

    @Test
    void refusesDeepNestingAndLongLists() throws Exception {
        assertRefused("{\"formatVersion\":" + "[".repeat(100_000), "begin array; expected number");
        assertRefused(tiny().replace("\"labels\":[", "\"labels\":[" + "\"a\",".repeat(1 << 20)), "$.labels", "1048576");
        assertRefused(tiny().replaceFirst("\\[\"N\",4\\]", "[" + "1,".repeat(16) + "1]"), "at most 16 elements");
        assertRefused(tiny().replace("\"cat\"", '"' + "c".repeat(5000) + '"'), "5000 characters");
    }

    @Test
    void quotesHostileTextOnOneShortLine() throws Exception {
        assertRefused(tiny().replace("\"labels\":", "\"a\\nb\":1,\"labels\":"), "unknown key \"a?b\"");
        assertRefused(tiny().replace("\"labels\":", '"' + "k".repeat(100_000) + "\":1,\"labels\":"), "kkk...");
    }

    @Test
    void doesNotWriteWhatItWouldNotRead() {
        Contract bad = TinyBundle.contract(9);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ContractJson.write(bad))
                .withMessageContaining("privacyFloor is 9");
    }
}
